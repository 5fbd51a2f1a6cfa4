// What a person keeps on this device without a network: records and photographs in a
// database of their own, encrypted by a data key that exists in memory only. Its two
// wrapped copies open by the passphrase of the device or by a key that the server gives
// after a sign-in. docs/adr/0035-patrol-without-a-network.md
export const rounds = 600000;
const utf8 = new TextEncoder();
export const random = (n) => crypto.getRandomValues(new Uint8Array(n));
export const hex = (buffer) => [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
export const sha256 = async (data) => hex(await crypto.subtle.digest("SHA-256", data));

// uuid7 is an id whose order is that of its making, also within a millisecond.
let last = 0n;
export function uuid7() {
  const now = BigInt(Date.now()) << 12n;
  last = now > last ? now : last + 1n;
  const head = (last >> 12n).toString(16).padStart(12, "0"), r = hex(random(8));
  return `${head.slice(0, 8)}-${head.slice(8)}-7${(last & 0xfffn).toString(16).padStart(3, "0")}-${(0x8 | parseInt(r[0], 16) & 3).toString(16)}${r.slice(1, 4)}-${r.slice(4)}`;
}

export const done = (request) => new Promise((yes, no) => { request.onsuccess = () => yes(request.result); request.onerror = () => no(request.error); });

export function connect(name) {
  const r = indexedDB.open(name, 1);
  r.onupgradeneeded = () => { for (const s of ["vault", "records", "photos"]) r.result.createObjectStore(s); };
  return done(r);
}

// nameOf tells nobody whose database it is.
export const nameOf = async (username) => "field-" + (await sha256(utf8.encode("park field " + username.trim().toLowerCase()))).slice(0, 24);

export async function fromPhrase(phrase, salt) {
  const raw = await crypto.subtle.importKey("raw", utf8.encode(phrase.normalize("NFKC")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds }, raw, { name: "AES-GCM", length: 256 }, false, ["wrapKey", "unwrapKey"]);
}
export const unwrap = (w, by, again) => crypto.subtle.unwrapKey("raw", w.data, by, { name: "AES-GCM", iv: w.iv }, "AES-GCM", !!again, ["encrypt", "decrypt"]);

// vaultOf is what opens the store of a person on this device; undefined without one.
export async function vaultOf(username) {
  const db = await connect(await nameOf(username));
  const vault = await done(db.transaction("vault").objectStore("vault").get("vault"));
  db.close();
  return vault;
}

// reopen opens by the passphrase; a wrong one is an error.
export async function reopen(username, phrase, vault) {
  return new Store(username, await connect(await nameOf(username)), await unwrap(vault.byPhrase, await fromPhrase(phrase, vault.salt)));
}

// adopt opens with the key that another tab of the same person hands over.
export const adopt = async (username, key) => new Store(username, await connect(await nameOf(username)), key);

// written is over when the disk has it.
export function written(db, store, change) {
  return new Promise((yes, no) => {
    const t = db.transaction(store, "readwrite", { durability: "strict" });
    t.oncomplete = yes; t.onabort = t.onerror = () => no(t.error);
    change(t.objectStore(store));
  });
}

export class Store {
  constructor(username, db, key) { Object.assign(this, { username, db, key }); }

  async seal(store, id, plain) {
    const iv = random(12);
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8.encode(store + "/" + id) }, this.key, plain) };
  }
  open(store, id, kept) {
    return crypto.subtle.decrypt({ name: "AES-GCM", iv: kept.iv, additionalData: utf8.encode(store + "/" + id) }, this.key, kept.data);
  }
  async put(id, value) {
    const kept = await this.seal("records", id, utf8.encode(JSON.stringify(value)));
    await written(this.db, "records", (s) => s.put(kept, id));
  }
  async get(id) { return this.read(id, await done(this.db.transaction("records").objectStore("records").get(id))); }
  async read(id, kept) { return kept && JSON.parse(new TextDecoder().decode(await this.open("records", id, kept))); }
  ids(store) { return done(this.db.transaction(store).objectStore(store).getAllKeys()); }
  kept(store, id) { return done(this.db.transaction(store).objectStore(store).get(id)); }
  async putPhoto(id, blob) {
    const kept = await this.seal("photos", id, await blob.arrayBuffer());
    await written(this.db, "photos", (s) => s.put(kept, id));
  }
  async photo(id) {
    const kept = await this.kept("photos", id);
    return kept && new Blob([await this.open("photos", id, kept)], { type: "image/jpeg" });
  }
  drop(store, id) { return written(this.db, store, (s) => s.delete(id)); }
  async erase() { this.db.close(); await done(indexedDB.deleteDatabase(this.db.name)); }
}

// pile is which of the four a walk belongs to.
export function pile(walk) {
  const all = [walk, ...walk.items, ...walk.photos, ...walk.findings];
  if (all.some((x) => x.s === "refused")) return "refused";
  if (!walk.items.some((i) => i.e.type === "end") && !walk.voided) return "open";
  return all.some((x) => x.s === "waiting") ? "waiting" : "sent";
}
