// A file that a phone wrote is opened here and sent to the same routes as the phone itself
// would use: what arrived before changes nothing. Nothing of it is kept in this browser.
import { Store, fromPhrase, pile, unwrap } from "./field-store.js";
import { Away, session } from "./field-net.js";
import { send } from "./field-send.js";
import { fromServer, serverKey } from "./field-setup.js";

const the = (id) => document.getElementById(id), form = the("bring"), W = form.dataset;
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const unpacked = (k) => ({ iv: bytes(k.iv), data: bytes(k.data) });

class Kept {
  constructor(text) {
    const [head, ...rest] = text.split("\n").map((l) => JSON.parse(l));
    if (head.format !== "park-field-1") throw new SyntaxError("format");
    this.vault = head.vault; this.entries = rest;
  }
  async open(phrase, key) {
    const v = this.vault;
    this.store = new Store("", null, phrase ? await unwrap(unpacked(v.byPhrase), await fromPhrase(phrase, bytes(v.salt))) : await unwrap(unpacked(v.byServer), await fromServer(key)));
  }
  plain(store, id) {
    const e = this.entries.find((x) => x.store === store && x.id === id);
    return e && this.store.open(store, id, unpacked(e));
  }
  async walks() {
    const all = [];
    for (const e of this.entries) if (e.store === "records") all.push(JSON.parse(new TextDecoder().decode(await this.plain("records", e.id))));
    return all;
  }
  async photo(id) { const p = await this.plain("photos", id); return p && new Blob([p], { type: "image/jpeg" }); }
}

const say = (text) => { the("told").textContent = text; };
function line(walk) {
  const all = [walk, ...walk.items, ...walk.photos, ...walk.findings], li = document.createElement("li");
  const bad = all.filter((x) => x.s === "refused").map((x) => [x.e?.type, x.e?.item, x.why].filter(Boolean).join(" "));
  li.textContent = W.line.replace("{Park}", walk.parkName).replace("{Number}", walk.number || "--").replace("{Sent}", all.filter((x) => x.s === "sent").length).replace("{All}", all.length) + bad.map((b) => "\n" + b).join("");
  li.dataset.pile = pile(walk);
  return li;
}
form.addEventListener("submit", async (e) => {
  e.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true; say(W.reading); the("walks").replaceChildren();
  try {
    const file = new Kept(await the("file").files[0].text()), phrase = the("phrase").value;
    if (!await session()) throw new Away("signin");
    await file.open(phrase, phrase ? null : await serverKey(file.vault.serverSalt));
    for (const walk of await file.walks()) {
      walk.lost = W.gone;
      try { await send(walk, { keep: async () => {}, photo: (id) => file.photo(id), drop: async () => {} }); } finally { the("walks").append(line(walk)); }
    }
    say(W.done);
  } catch (err) {
    say(err instanceof Away ? W[err.message] || W.network : err instanceof SyntaxError ? W.format : W.closed);
  } finally { button.disabled = false; }
});
