// The patrol on a phone: which page, and what every page shares. Every touch is on the
// disk before the next; nothing waits for a network. What only one page needs is a part
// that comes when that page is opened; the service worker keeps the parts too.
import { adopt, pile, reopen, uuid7, vaultOf } from "./field-store.js";
import { Away, call, clocked, session } from "./field-net.js";

const the = (id) => document.getElementById(id), view = the("view"), W = the("words").dataset, english = document.documentElement.lang === "en";
const words = (key, d = {}) => W[key].replace(/\{(\w+)\}/g, (_, n) => d[n] ?? "");
const named = (x) => (english ? x.en : x.zh) || x.zh, day = (at) => at.toLocaleDateString("sv"), hour = (at) => new Date(at).toLocaleString("sv").slice(5, 16);
// phone is what is open here: who is signed in, the store, what it holds, and why
// nothing can be sent.
const phone = { walks: [], away: "" };
let online = navigator.onLine, tries = 0, timer, running, left;

// part loads a part; open one of a page, which says what a touch does on it.
const part = (address) => import(address).catch(() => { throw new Away("network"); });
async function open(address) {
  const on = (await part(address)).on(page);
  Object.assign(forms, on.forms); Object.assign(touches, on.touches); Object.assign(changes, on.changes);
  return on.show;
}

// make fills a template: text, address, value, children, and what shows.
function make(id, d) {
  const f = the("t-" + id).content.cloneNode(true);
  for (const e of f.querySelectorAll("*")) {
    const s = e.dataset;
    if (s.t) e.textContent = d[s.t] ?? "";
    if (s.h) e.href = d[s.h] ?? "/m/";
    if (s.in) e.append(...d[s.in] || []);
    if (s.v) e.value = d[s.v] ?? "";
    if (s.id) s.id = d.id;
    if (s.show) e.hidden = !d[s.show];
  }
  return f;
}
function show(id, d) { view.replaceChildren(make(id, d)); status(); }
function tell(text) { the("said").textContent = text; the("said").hidden = !text; }

function status() {
  const waiting = phone.walks.filter((w) => pile(w) !== "sent");
  const photos = waiting.reduce((n, w) => n + w.photos.filter((p) => p.s === "waiting").length, 0);
  the("queue").hidden = !phone.store; the("waiting").textContent = waiting.length;
  the("off").hidden = online; the("off-said").textContent = words("offline", { Walks: waiting.length, Photos: photos });
}

const save = (w) => phone.store.put("walk/" + w.id, w);
const voided = (w, i) => w.items.some((v) => v.e.voids === i.e.id);
const about = (p) => ({ object: (p.name + (p.code ? " " + p.code : "")).slice(0, 100), ...(p.kind === "park" ? {} : { objectId: p.id }) });
const live = (w, type, p, item) => w.items.filter((i) => i.e.type === type && (!p || (i.e.objectId || i.e.object) === (about(p).objectId || p.name)) && (item === undefined || i.e.item === item) && !voided(w, i));

// write adds an event. One before it that nobody else can have seen yet is replaced.
async function write(w, e, before) {
  if (before && !before.tried) w.items.splice(w.items.indexOf(before), 1);
  const i = { e: { id: uuid7(), at: new Date().toISOString(), ...clocked(), ...e }, s: "waiting" };
  w.items.push(i);
  await save(w);
  status();
  return i;
}

// Opening and closing.
async function enter(s) {
  const walks = [], { me } = phone;
  sessionStorage.username = s.username;
  for (const id of await s.ids("records")) if (id.startsWith("walk/")) walks.push(await s.get(id));
  for (const w of walks.filter((w) => pile(w) === "sent" && Date.now() - w.done > 7 * 864e5)) { await s.drop("records", "walk/" + w.id); walks.splice(walks.indexOf(w), 1); }
  Object.assign(phone, { store: s, walks: walks.sort((a, b) => a.id < b.id ? 1 : -1), pack: await s.get("pack") });
  if (me?.username === s.username) await s.put("me", { id: me.id, name: me.name });
  navigator.storage?.persist?.();
  if (!phone.pack) await refresh();
  await route();
  sync();
}
async function refresh() {
  const { ok, said } = await call("GET", "/m/pack");
  if (ok) { phone.pack = said; await phone.store.put("pack", said); }
}
async function gate() {
  const { me } = phone, username = me?.username || sessionStorage.username || "", vault = username && await vaultOf(username);
  if (me && !vault) return me.may ? show("setup", me) : (tell(W.denied), show("unlock", { signin: true }));
  show("unlock", { username, online: me && vault, signin: !me && online });
}

// Sending: when there is a network, somebody comes back or asks; less and less often
// while it fails.
async function sync() {
  const { store, walks } = phone;
  if (running || !store) return;
  running = true; clearTimeout(timer);
  try {
    const me = phone.me = await session();
    online = true; phone.away = !me ? "signin" : me.username !== store.username ? "another" : "";
    if (!phone.away) {
      for (const w of walks) if (waits(w)) {
        w.lost = W.gone;
        await (await part("./field-send.js")).send(w, { keep: () => save(w), photo: (id) => store.photo(id), drop: async (id) => { await store.drop("photos", id); await store.drop("photos", id + "/original"); } });
        if (pile(w) === "sent" && !w.done) { w.done = Date.now(); await save(w); }
      }
      if (Date.now() - Date.parse(phone.pack?.at || 0) > 36e5) await refresh();
    }
    tries = 0;
  } catch (e) {
    if (!(e instanceof Away)) throw e;
    online = e.message !== "network"; phone.away = online ? e.message : "";
    timer = setTimeout(sync, Math.max(e.wait || 0, Math.min(9e5, 2e4 * 2 ** tries++)));
  } finally { running = false; status(); if (location.pathname === "/m/outbox" && phone.store) route(); }
}
const waits = (w) => [w, ...w.items, ...w.photos, ...w.findings].some((x) => x.s === "waiting");

// Pages.
const line = (d) => make("line", d);
const pointsOf = (park) => phone.pack.points.filter((p) => p.park === park);
const findingsAt = (p) => phone.pack.findings.filter((f) => f.park === p.park && (p.kind === "park" ? !f.site : p.kind === "facility" ? f.facility === p.id : f.site === p.site)).slice(0, 5);
const findingLine = (f) => line({ href: location.pathname, name: `${f.on} ${named(f)}`, meta: f.number + " " + f.text });
const sums = (w) => words("sums", { At: hour(w.at), Items: w.items.length, Photos: w.photos.length, Bad: w.items.filter((i) => i.e.result === "notAsRequired").length });

async function route() {
  if (left) return;
  tell("");
  const path = location.pathname, [, root, name, id, object] = path.split("/"), { pack, walks } = phone;
  if (!phone.store) return gate();
    const w = walks.find((x) => x.id === id);
  the("back").href = name === "patrol" && object ? "/m/patrol/" + id : "/m/";
  const p = pack && (name === "park" ? pack.parks.find((p) => p.id === id) : w && pack.points.find((p) => p.id === object && p.park === w.input.parkId));
  const shown = await open(name === "outbox" ? "./field-outbox.js" : w && p ? "./field-point.js" : "./field-walk.js");
  if (location.pathname === path) return shown(w, p, root === "q" && name);
}
function go(path) { history.pushState(null, "", path); scrollTo(0, 0); return route(); }
// found is a part of a walk by the two ids that its template carries.
const found = (id) => { const [a, b] = id.split(" "), w = phone.walks.find((x) => x.id === a); return [w, [w, ...w.items, ...w.photos, ...w.findings].find((x) => (x.e?.id || x.id) === b)]; };

// What a touch does.
const forms = {
  async unlock(f) {
    const vault = await vaultOf(f.username.value);
    if (!vault) return tell(W.none);
    try { await enter(await reopen(f.username.value, f.phrase.value, vault)); } catch (e) { if (phone.store || e.name !== "OperationError") throw e; f.phrase.value = ""; tell(W.wrong); }
  },
  async setup(f) { const s = await (await part("./field-setup.js")).setup(f, page); if (s) await enter(s); },
};
const touches = {
  forgot() { show("setup", phone.me); },
  lock() { location.reload(); },
};
const changes = {};
const page = { phone, the, W, words, named, day, hour, make, show, tell, line, save, voided, about, live, write, pointsOf, findingsAt, findingLine, sums, go, route, refresh, sync, found, part };

const failed = (e) => { if (e instanceof Away) { online = e.message !== "network"; status(); tell(W[e.message] || ""); } else { tell(String(e)); throw e; } };
const run = (f, x) => { tell(""); Promise.resolve(f(x)).catch(failed); };
addEventListener("submit", (e) => { const f = forms[e.target.dataset.on]; if (f) { e.preventDefault(); run(f, e.target); } });
addEventListener("change", (e) => { const f = changes[e.target.dataset.change]; if (f) run(f, e.target); });
addEventListener("click", (e) => {
  const b = e.target.closest("[data-do]"), a = e.target.closest("a");
  if (b) run(touches[b.dataset.do], b);
  else if (a && a.pathname.startsWith("/m/") && !("out" in a.dataset)) { e.preventDefault(); run(go, a.pathname); }
});
addEventListener("popstate", () => run(route));
addEventListener("online", sync);
addEventListener("offline", () => { online = false; status(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) sync(); });

// One tab at a time writes. A new one, as a sign's code opens it, takes the key over.
const channel = new BroadcastChannel("park-field");
const handed = new Promise((yes) => { channel.onmessage = ({ data }) => yes(data); setTimeout(yes, 300); });
channel.postMessage("who");

async function start() {
  document.documentElement.className = localStorage.size || "";
  for (const scope of ["/m/", "/q/"]) navigator.serviceWorker?.register("/field-worker.js", { scope }).catch(() => {});
  window.caches?.open("field-language").then((c) => c.put("/m/language", new Response(english ? "en" : "zh")));
  const from = await handed;
  channel.onmessage = ({ data }) => {
    if (data !== "who" || !phone.store || left) return;
    channel.postMessage({ username: phone.store.username, key: phone.store.key });
    left = true; clearTimeout(timer); phone.store.db.close();
    view.replaceChildren(); tell(W.elsewhere);
  };
  try { phone.me = await session(); online = true; } catch { online = false; }
  if (phone.me) document.documentElement.className = localStorage.size = phone.me.size;
  if (from?.key) await enter(await adopt(from.username, from.key)); else await gate();
  document.documentElement.dataset.ready = "1";
}
start().catch(failed);
