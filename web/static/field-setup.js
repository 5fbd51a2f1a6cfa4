// What opens the store of a person for the first time, or after a forgotten passphrase:
// done once on a device, with a network.
import { Store, connect, fromPhrase, nameOf, random, rounds, unwrap, vaultOf, written } from "./field-store.js";
import { call, form } from "./field-net.js";

// serverKey is the second key to what this device keeps for who is signed in.
export const serverKey = async (salt) => {
  const { ok, said } = await call("POST", "/m/key", new URLSearchParams({ form, salt }).toString(), "application/x-www-form-urlencoded");
  return ok && Uint8Array.from(atob(said.key), (c) => c.charCodeAt(0));
};

export const fromServer = (key) => crypto.subtle.importKey("raw", key, "AES-GCM", false, ["wrapKey", "unwrapKey"]);

async function wrap(key, by) {
  const iv = random(12);
  return { iv, data: await crypto.subtle.wrapKey("raw", key, by, { name: "AES-GCM", iv }) };
}
const newSalt = () => btoa(String.fromCharCode(...random(16))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");


// create makes the store of a person; serverSalt is what serverKey was asked for with.
async function create(username, phrase, serverSalt, serverKey) {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]), salt = random(16);
  const db = await connect(await nameOf(username));
  const vault = { salt, rounds, serverSalt, byPhrase: await wrap(key, await fromPhrase(phrase, salt)), byServer: await wrap(key, await fromServer(serverKey)) };
  await written(db, "vault", (s) => s.add(vault, "vault"));
  return new Store(username, db, await unwrap(vault.byServer, await fromServer(serverKey)));
}

// rescue opens by the server's key and sets another passphrase.
async function rescue(username, phrase, vault, serverKey) {
  const by = await fromServer(serverKey), key = await unwrap(vault.byServer, by, true), salt = random(16);
  const db = await connect(await nameOf(username)), next = { ...vault, salt, byPhrase: await wrap(key, await fromPhrase(phrase, salt)) };
  await written(db, "vault", (s) => s.put(next, "vault"));
  return new Store(username, db, await unwrap(vault.byServer, by));
}

// setup gives the open store of who is signed in, by the form of a new passphrase.
export async function setup(f, { phone, W, tell }) {
  if (f.phrase.value.length < 8) return tell(W.short);
  if (f.phrase.value !== f.again.value) return tell(W.differ);
  const { username } = phone.me, vault = await vaultOf(username), salt = vault?.serverSalt || newSalt(), key = await serverKey(salt);
  return vault ? rescue(username, f.phrase.value, vault, key) : create(username, f.phrase.value, salt, key);
}
