// The patrol on a phone: which page, what is on it, and what a touch does. Every touch is
// on the disk before the next; nothing waits for a network.
import { adopt, create, exported, newSalt, reopen, rescue, sha256, uuid7, vaultOf } from "./field-store.js";
import { Away, call, clocked, pile, send, serverKey, session } from "./field-send.js";

const the = (id) => document.getElementById(id), view = the("view"), W = the("words").dataset, english = document.documentElement.lang === "en";
const words = (key, d = {}) => W[key].replace(/\{(\w+)\}/g, (_, n) => d[n] ?? "");
const named = (x) => (english ? x.en : x.zh) || x.zh, day = (at) => at.toLocaleDateString("sv"), hour = (at) => new Date(at).toLocaleString("sv").slice(5, 16);
let me, store, pack, walks = [], online = navigator.onLine, away = "", tries = 0, timer, running, left;

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
function show(id, d, title) {
  view.replaceChildren(make(id, d));
  if (title) the("title").textContent = title;
  status();
}
function tell(text) { the("said").textContent = text; the("said").hidden = !text; }

function status() {
  const waiting = walks.filter((w) => pile(w) !== "sent");
  const photos = waiting.reduce((n, w) => n + w.photos.filter((p) => p.s === "waiting").length, 0);
  the("queue").hidden = !store; the("waiting").textContent = waiting.length;
  the("off").hidden = online; the("off-said").textContent = words("offline", { Walks: waiting.length, Photos: photos });
}

const save = (w) => store.put("walk/" + w.id, w);
const live = (w, type, p, item) => w.items.filter((i) => i.e.type === type && (!p || (i.e.objectId || i.e.object) === (about(p).objectId || p.name)) && (item === undefined || i.e.item === item) && !w.items.some((v) => v.e.voids === i.e.id));
const about = (p) => ({ object: (p.name + (p.code ? " " + p.code : "")).slice(0, 100), ...(p.kind === "park" ? {} : { objectId: p.id }) });

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
  store = s; sessionStorage.username = s.username;
  walks = [];
  for (const id of await s.ids("records")) if (id.startsWith("walk/")) walks.push(await s.get(id));
  for (const w of walks.filter((w) => pile(w) === "sent" && Date.now() - w.done > 7 * 864e5)) { await s.drop("records", "walk/" + w.id); walks.splice(walks.indexOf(w), 1); }
  walks.sort((a, b) => a.id < b.id ? 1 : -1);
  pack = await s.get("pack");
  if (me?.username === s.username) await s.put("me", { id: me.id, name: me.name });
  navigator.storage?.persist?.();
  if (!pack) await refresh();
  route();
  sync();
}
async function refresh() {
  const { ok, said } = await call("GET", "/m/pack");
  if (ok) { pack = said; await store.put("pack", said); }
}
async function gate() {
  const username = me?.username || sessionStorage.username || "", vault = username && await vaultOf(username);
  if (me && !vault) return me.may ? show("setup", me) : (tell(W.denied), show("unlock", { signin: true }));
  show("unlock", { username, online: me && vault, signin: !me && online });
}

// Sending: when there is a network, somebody comes back or asks; less and less often
// while it fails.
async function sync() {
  if (running || !store) return;
  running = true; clearTimeout(timer);
  try {
    me = await session(); online = true; away = "";
    if (!me) away = "signin";
    else if (me.username !== store.username) away = "another";
    else {
      for (const w of walks) if (["open", "waiting", "refused"].includes(pile(w))) {
        w.lost = W.gone;
        await send(w, { keep: () => save(w), photo: (id) => store.photo(id), drop: async (id) => { await store.drop("photos", id); await store.drop("photos", id + "/original"); } });
        if (pile(w) === "sent" && !w.done) { w.done = Date.now(); await save(w); }
      }
      if (Date.now() - Date.parse(pack?.at || 0) > 36e5) await refresh();
    }
    tries = 0;
  } catch (e) {
    if (!(e instanceof Away)) throw e;
    online = e.message !== "network"; away = online ? e.message : "";
    timer = setTimeout(sync, Math.max(e.wait || 0, Math.min(9e5, 2e4 * 2 ** tries++)));
  } finally { running = false; status(); if (location.pathname === "/m/outbox" && store) route(); }
}

// Pages.
const walkName = (w) => w.parkName, line = (d) => make("line", d);
const pointsOf = (park) => pack.points.filter((p) => p.park === park);
const findingsAt = (p) => pack.findings.filter((f) => f.park === p.park && (p.kind === "park" ? !f.site : p.kind === "facility" ? f.facility === p.id : f.site === p.site)).slice(0, 5);
const findingLine = (f) => line({ href: location.pathname, name: `${f.on} ${named(f)}`, meta: f.number + " " + f.text });
const answered = (w, p) => p.asks.filter((a) => live(w, "answer", p, a).length).length;

function sums(w) {
  return words("sums", { At: hour(w.at), Items: w.items.length, Photos: w.photos.length, Bad: w.items.filter((i) => i.e.result === "notAsRequired").length });
}
function route() {
  if (left) return;
  tell("");
  const [, root, page, id, object] = location.pathname.split("/");
  if (!store) return gate();
  if (!pack) return show("home", { parks: [], walks: [] }, W.title);
  if (root === "q") return sign(page);
  const w = walks.find((x) => x.id === id);
  the("back").href = page === "patrol" && object ? "/m/patrol/" + id : "/m/";
  if (page === "park") return park(pack.parks.find((p) => p.id === id));
  if (page === "patrol" && w) return object ? point(w, pack.points.find((p) => p.id === object && p.park === w.input.parkId)) : walk(w);
  if (page === "outbox") return outbox();
  home();
}
async function home() {
  const kept = await navigator.storage?.persisted?.(), standalone = matchMedia("(display-mode: standalone)").matches;
  const open = walks.filter((w) => pile(w) === "open");
  show("home", { warn: !kept && !standalone && words("evict", { Day: day(new Date(Date.now() + 7 * 864e5)) }), wechat: /MicroMessenger/.test(navigator.userAgent), some: open.length,
    walks: open.map((w) => line({ href: "/m/patrol/" + w.id, name: walkName(w), meta: sums(w), mark: W.open })),
    parks: pack.parks.map((p) => line({ href: "/m/park/" + p.id, name: p.name, meta: p.code })), pack: words("pack", { Version: pack.version, At: hour(pack.at) }) });
}
function sign(id) {
  const p = pack.points.find((x) => x.id === id);
  if (!p) { tell(W.unknown); return home(); }
  const w = walks.find((x) => x.input.parkId === p.park && pile(x) === "open");
  go(w ? `/m/patrol/${w.id}/${id}` : `/m/park/${p.park}?to=${id}`);
}
function park(p) {
  if (!p) return home();
  show("park", { ...p, findings: pack.findings.filter((f) => f.park === p.id && f.open).slice(0, 20).map(findingLine),
    points: pointsOf(p.id).map((x) => line({ href: location.href, name: x.name, meta: [x.firm, x.code].filter(Boolean).join(" "), mark: findingsAt(x).some((f) => f.open) && "!" })) });
}
function walk(w) {
  show("walk", { id: w.id, name: walkName(w), meta: sums(w),
    points: pointsOf(w.input.parkId).map((p) => line({ href: `/m/patrol/${w.id}/${p.id}`, name: p.name, meta: [p.firm, p.code].filter(Boolean).join(" "), mark: live(w, "arrive", p).length && words("done", { Done: answered(w, p), All: p.asks.length }) })),
    items: w.items.map((i) => make("item", { id: w.id + " " + i.e.id, text: [hour(i.e.at), W[i.e.type], i.e.object, i.e.item, i.e.value, i.e.text, i.e.reason].filter(Boolean).join(" "), live: i.e.type !== "void" && i.e.type !== "start" && !w.items.some((v) => v.e.voids === i.e.id) })) });
}
async function point(w, p) {
  if (!p) return walk(w);
  const all = pointsOf(w.input.parkId), next = all[all.indexOf(p) + 1], arrived = live(w, "arrive", p)[0];
  show("point", { park: walkName(w), name: p.name, code: p.code, place: arrived?.place || W.locating, at: hour(arrived?.e.at || Date.now()), why: arrived?.why, reason: arrived?.reason, findings: findingsAt(p).map(findingLine),
    note: live(w, "note", p).at(-1)?.e.text, walk: "/m/patrol/" + w.id, next: next ? `/m/patrol/${w.id}/${next.id}` : "/m/patrol/" + w.id, following: next?.name || W.end, shots: shots(w, p, ""),
    questions: p.asks.map((a) => question(w, p, pack.items.find((i) => i.id === a))), limits: p.limits >= 0 && pack.limits[p.limits].map((l, n) => limit(w, p, l, n)) });
  if (arrived) return;
  const at = await locate();
  if (live(w, "arrive", p).length) return;
  const i = await write(w, { type: "arrive", ...about(p), position: at.position, ...(at.why ? { text: at.why } : {}) });
  Object.assign(i, { why: at.why, place: at.why || words("located", { M: at.position.accuracyM }) });
  await save(w);
  if (location.pathname.endsWith(p.id)) { the("place").textContent = i.place; the("why").parentElement.hidden = !i.why; }
}
function locate() {
  return new Promise((yes) => navigator.geolocation.getCurrentPosition(({ coords: c }) => yes({
    position: { longitude: c.longitude.toFixed(6), latitude: c.latitude.toFixed(6), accuracyM: Math.max(c.accuracy, .1).toFixed(1), datum: "WGS-84" }, why: c.accuracy > 50 ? words("poor", { M: Math.round(c.accuracy) }) : "" }),
  (e) => yes({ why: e.code === 1 ? W.refused : W.lost }), { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 }));
}
function question(w, p, item) {
  const i = live(w, "answer", p, item.id).at(-1), e = i?.e || {}, f = w.findings.find((x) => x.id === e.findingId), bad = e.result === "notAsRequired";
  const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
  const made = make("question", { text: `${item.id} ${named(item)}`, choice: item.answer !== "value", valued: item.answer !== "yesNo", value: e.value, bad, description: f ? f.input.description : e.reason, shots: bad ? shots(w, p, item.id) : [],
    types: pack.types.map((t) => option(t.id, named(t))), due: [1, 3, 7, 15].map((n) => { const d = day(new Date(Date.now() + n * 864e5)); return option(d, words("days", { N: n, Day: d })); }) });
  const q = made.firstElementChild;
  q.id = "q-" + item.id; q.classList.toggle("fail", bad);
  for (const r of q.querySelectorAll("[type=radio]")) { r.name = q.id; r.checked = r.value === e.result; }
  const set = (name, value) => { q.querySelector(`[name=${name}]`).value = value; };
  set("how", f ? f.input.severity : e.reason ? "none" : item.severity); set("type", f?.input.type || ""); set("due", f?.input.dueOn || "");
  if (f?.tried) for (const x of q.querySelectorAll(".sub select, .sub textarea")) x.disabled = true; // it is on its way: what follows is done at a desk
  return made;
}
function limit(w, p, l, n) {
  const v = live(w, "reading", p).filter((i) => i.e.quantity === l.zh).at(-1)?.e.value, made = make("limit", { name: named(l), limit: words("limit", { Limit: [l.min, l.max].filter(Boolean).join("–") + " " + (l.unit || "") }), value: v, said: v && judged(l, v) });
  made.querySelector("input").name = n;
  made.querySelector("em").className = v && judged(l, v) === W.over ? "err" : "";
  return made;
}
function judged(l, v) {
  const n = +v.replace(/^[<≤]/, "");
  return isNaN(n) ? "" : !/^[<≤]/.test(v) && (n > +l.max || l.min && n < +l.min) ? W.over : W.within;
}
function shots(w, p, item) {
  const all = live(w, "photo", p).filter((i) => (i.e.item || "") === item).map((i) => {
    const ph = w.photos.find((x) => x.sha256 === i.e.sha256), f = make("shot", { at: hour(i.e.at), mark: ph.s === "sent" ? W.sent : W.waiting }), img = f.querySelector("img");
    store.photo(ph.id).then((b) => { if (b) img.src = URL.createObjectURL(b); img.onload = () => URL.revokeObjectURL(img.src); });
    return f;
  });
  const add = make("add", {});
  add.querySelector("input").name = item;
  return [...all, add];
}
async function outbox() {
  const { usage = 0, quota = 0 } = await navigator.storage?.estimate?.() || {}, MB = (n) => Math.round(n / 1e6);
  const card = (w) => {
    const s = pile(w), bad = [w, ...w.items, ...w.photos, ...w.findings].filter((x) => x.s === "refused"), up = w.photos.filter((x) => x.s === "sent").length;
    return make("kept", { name: walkName(w), mark: W[s === "refused" ? "handle" : s], meta: sums(w) + (w.number ? "，" + words("number", { Number: w.number }) : ""), photos: w.photos.length && words("uploaded", { Done: up, All: w.photos.length }), part: up / (w.photos.length || 1),
      open: s === "open", href: "/m/patrol/" + w.id, why: bad.map((x) => make("why", { id: w.id + " " + (x.e?.id || x.id), text: [x.e && W[x.e.type], x.e?.item, x.why].filter(Boolean).join(" ") })) });
  };
  show("outbox", { used: words("used", { Used: MB(usage), Free: MB(quota - usage) }), why: away && W[away], signin: away === "signin", here: walks.filter((w) => pile(w) !== "sent").map(card), sent: walks.filter((w) => pile(w) === "sent").map(card) });
}
function go(path) { history.pushState(null, "", path); scrollTo(0, 0); route(); }

// What a touch does.
const here = () => { const [, , , id, object] = location.pathname.split("/"), w = walks.find((x) => x.id === id); return [w, pack.points.find((p) => p.id === object && p.park === w.input.parkId)]; };
const found = (id) => { const [a, b] = id.split(" "), w = walks.find((x) => x.id === a); return [w, [w, ...w.items, ...w.photos, ...w.findings].find((x) => (x.e?.id || x.id) === b)]; };
const forms = {
  async unlock(f) {
    const vault = await vaultOf(f.username.value);
    if (!vault) return tell(W.none);
    try { await enter(await reopen(f.username.value, f.phrase.value, vault)); } catch (e) { if (store || e.name !== "OperationError") throw e; f.phrase.value = ""; tell(W.wrong); }
  },
  async setup(f) {
    if (f.phrase.value.length < 8) return tell(W.short);
    if (f.phrase.value !== f.again.value) return tell(W.differ);
    const vault = await vaultOf(me.username), salt = vault?.serverSalt || newSalt(), key = await serverKey(salt);
    await enter(vault ? await rescue(me.username, f.phrase.value, vault, key) : await create(me.username, f.phrase.value, salt, key));
  },
  async begin(f) {
    const id = uuid7(), p = pack.parks.find((x) => x.id === f.dataset.id), who = me || await store.get("me"), others = f.others.value.split(/[、,，]/).map((s) => s.trim()).filter(Boolean);
    const w = { id, at: new Date().toISOString(), parkName: p.name, s: "waiting", items: [], photos: [], findings: [],
      input: { parkId: p.id, kind: f.kind.value, weather: f.weather.value, checklist: pack.checklist, officers: [{ userId: who.id, name: who.name }, ...others.map((name) => ({ name }))] } };
    walks.unshift(w);
    await write(w, { type: "start" });
    const to = new URLSearchParams(location.search).get("to");
    go("/m/patrol/" + id + (to ? "/" + to : ""));
  },
  async void(f) { const [w, i] = found(f.dataset.id); await write(w, { type: "void", voids: i.e.id, reason: f.reason.value }); walk(w); },
  async cancel(f) {
    const w = walks.find((x) => x.id === f.dataset.id), reason = f.reason.value;
    for (const i of w.items.filter((i) => i.e.type !== "void" && !w.items.some((v) => v.e.voids === i.e.id))) await write(w, { type: "void", voids: i.e.id, reason });
    w.voided = true;
    await write(w, { type: "void", reason });
    go("/m/outbox"); sync();
  },
};
const touches = {
  async forgot() { show("setup", me); },
  lock() { location.reload(); },
  async refresh() { await refresh(); route(); },
  retry: sync,
  async end(b) {
    const w = walks.find((x) => x.id === b.dataset.id), bare = live(w, "answer").filter((i) => i.e.result === "notAsRequired" && !i.e.reason && !w.findings.find((f) => f.id === i.e.findingId)?.input.description);
    if (bare.length) return tell(words("left", { N: bare.length, Where: bare.map((i) => i.e.object + " " + i.e.item).join("、") }));
    if (!live(w, "answer").length) return tell(W.nothing);
    await write(w, { type: "end" });
    go("/m/outbox"); sync();
  },
  async again(b) { const [w, x] = found(b.dataset.id); x.s = "waiting"; await save(w); sync(); route(); },
  async keepback(b) { const [w, x] = found(b.dataset.id); x.s = "kept"; await save(w); route(); },
  async export() {
    const some = walks.filter((w) => pile(w) !== "sent"), a = document.createElement("a");
    a.href = URL.createObjectURL(await exported(store, { id: me?.id, username: store.username }, some.map((w) => "walk/" + w.id), some.flatMap((w) => w.photos.filter((p) => p.s !== "sent").map((p) => p.id))));
    a.download = `park-field-${day(new Date())}.parkfield`;
    a.click();
  },
  async leave() {
    await sync();
    if (walks.some((w) => pile(w) !== "sent")) return tell(W.unsent);
    const s = await session();
    await store.erase(); delete sessionStorage.username;
    if (s) await fetch("/logout", { method: "POST", body: new URLSearchParams({ form: s.form }) });
    location.href = "/login";
  },
};
const changes = {
  async answer(x) {
    const [w, p] = here(), q = x.closest("fieldset"), item = pack.items.find((i) => "q-" + i.id === q.id), get = (n) => q.querySelector(`[name=${n}]`).value.trim(), before = live(w, "answer", p, item.id).at(-1);
    const e = { type: "answer", item: item.id, ...about(p) }, result = q.querySelector(":checked")?.value, old = w.findings.find((f) => f.id === before?.e.findingId);
    if (result) e.result = result;
    if (item.answer !== "yesNo" && result !== "notApplicable" && get("value")) e.value = get("value");
    if (!e.result && !e.value) return;
    if (result !== "notAsRequired" || get("how") === "none") { if (old && !old.tried) w.findings.splice(w.findings.indexOf(old), 1); }
    if (result === "notAsRequired" && get("how") === "none") { if (get("text")) e.reason = get("text"); }
    else if (result === "notAsRequired") {
      const f = old || { id: uuid7(), s: "waiting" };
      if (!old) w.findings.push(f);
      if (!f.tried) f.input = { parkId: w.input.parkId, dimension: item.dimension, severity: get("how"), description: get("text"), place: about(p).object, openedOn: day(new Date()),
        ...(p.site ? { siteId: p.site } : {}), ...(p.kind === "facility" ? { facilityId: p.id } : {}), ...(get("type") ? { type: get("type") } : {}), ...(get("due") ? { dueOn: get("due") } : {}) };
      e.findingId = f.id;
    }
    await write(w, e, before);
    if (x.type === "radio" || x.name === "how") q.replaceWith(question(w, p, item));
  },
  async reading(x) {
    const [w, p] = here(), l = pack.limits[p.limits][x.name], before = live(w, "reading", p).filter((i) => i.e.quantity === l.zh).at(-1);
    if (x.value.trim()) await write(w, { type: "reading", quantity: l.zh, value: x.value.trim(), ...(l.unit ? { unit: l.unit } : {}), ...about(p) }, before);
    x.closest("label").replaceWith(limit(w, p, l, x.name));
  },
  async note(x) { const [w, p] = here(); if (x.value.trim()) await write(w, { type: "note", text: x.value.trim(), ...about(p) }, live(w, "note", p).at(-1)); },
  async why(x) {
    const [w, p] = here(), a = live(w, "arrive", p)[0], text = a.why + "：" + x.value.trim(), keep = { why: a.why, place: a.place, reason: x.value.trim() };
    if (a.tried) return write(w, { type: "note", text, ...about(p) });
    Object.assign(await write(w, { ...a.e, id: uuid7(), text }, a), keep);
    await save(w);
  },
  async shoot(x) {
    const [w, p] = here(), item = x.name, finding = item && live(w, "answer", p, item).at(-1)?.e.findingId;
    for (const file of x.files) {
      const small = await shrink(file).catch(() => null);
      if (!small) { tell(W.picture); continue; }
      const id = uuid7(), sum = await sha256(await small.arrayBuffer());
      if (w.photos.some((f) => f.sha256 === sum)) continue;
      try {
        await store.putPhoto(id, small);
        await store.putPhoto(id + "/original", file).catch(() => {}); // the smaller one is what is sent: without room for both it is enough
      } catch { tell(W.full); break; }
      w.photos.push({ id, sha256: sum, s: "waiting", name: `${day(new Date())}-${id.slice(-6)}.jpg` });
      await write(w, { type: "photo", sha256: sum, ...about(p), ...(item ? { item } : {}), ...(finding ? { findingId: finding } : {}), text: "original SHA-256 " + await sha256(await file.arrayBuffer()) });
    }
    x.closest(".shots").replaceChildren(...shots(w, p, item));
  },
};
// shrink makes a photograph of at most 1600 pixels and 400 KB.
async function shrink(file) {
  const b = await createImageBitmap(file), k = Math.min(1, 1600 / Math.max(b.width, b.height)), c = document.createElement("canvas");
  c.width = Math.round(b.width * k); c.height = Math.round(b.height * k);
  c.getContext("2d").drawImage(b, 0, 0, c.width, c.height);
  let out;
  for (const q of [.85, .7, .55, .4]) { out = await new Promise((yes) => c.toBlob(yes, "image/jpeg", q)); if (out.size <= 4e5) break; }
  return out;
}

const failed = (e) => { if (e instanceof Away) { online = e.message !== "network"; status(); tell(W[e.message] || ""); } else { tell(String(e)); throw e; } };
addEventListener("submit", (e) => { const f = forms[e.target.dataset.on]; if (f) { e.preventDefault(); tell(""); f(e.target).catch(failed); } });
addEventListener("change", (e) => { const f = changes[e.target.dataset.change]; if (f) { tell(""); f(e.target).catch(failed); } });
addEventListener("click", (e) => {
  const b = e.target.closest("[data-do]"), a = e.target.closest("a");
  if (b) { tell(""); Promise.resolve(touches[b.dataset.do](b)).catch(failed); }
  else if (a && a.pathname.startsWith("/m/") && !("out" in a.dataset)) { e.preventDefault(); go(a.pathname); }
});
addEventListener("popstate", route);
addEventListener("online", sync);
addEventListener("offline", () => { online = false; status(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) sync(); });

// One tab at a time writes. A new one, as a sign's code opens it, takes the key over.
const channel = new BroadcastChannel("park-field");
const handed = new Promise((yes) => { channel.onmessage = ({ data }) => yes(data); setTimeout(yes, 300); });
channel.postMessage("who");

async function start() {
  for (const scope of ["/m/", "/q/"]) navigator.serviceWorker?.register("/field-worker.js", { scope }).catch(() => {});
  window.caches?.open("field-language").then((c) => c.put("/m/language", new Response(english ? "en" : "zh")));
  const from = await handed;
  channel.onmessage = ({ data }) => {
    if (data !== "who" || !store || left) return;
    channel.postMessage({ username: store.username, key: store.key });
    left = true; clearTimeout(timer); store.db.close();
    view.replaceChildren(); tell(W.elsewhere);
  };
  try { me = await session(); online = true; } catch { online = false; }
  if (from?.key) await enter(await adopt(from.username, from.key)); else await gate();
  document.documentElement.dataset.ready = "1";
}
start().catch(failed);
