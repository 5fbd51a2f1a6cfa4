// Sending what is kept: to the same routes as everybody, with ids that were made here, so
// that every request may be repeated. What is refused is marked and holds nothing else up.

// Away is a time to wait and not a refusal: no network, no sign-in, a busy server.
export class Away extends Error { constructor(why, wait) { super(why); this.wait = wait; } }

// clock is the last time of the server that this page has seen, and when by the running
// time of the device: the clock of the device may be wrong and may be moved.
let clock;
export const clocked = () => clock && { serverAt: new Date(clock.server).toISOString(), elapsedMs: Math.round(performance.now() - clock.seen) };

let form = "";

// call asks the server; every answer that is no refusal of this very request is Away.
export async function call(method, path, body, type = "application/json") {
  let r;
  try {
    r = await fetch(path, { method, body, cache: "no-store", signal: AbortSignal.timeout?.(60000),
      headers: { Accept: "application/json", ...(body && typeof body === "string" ? { "Content-Type": type } : {}), ...(method === "GET" ? {} : { "X-CSRF-Token": form }) } });
  } catch { throw new Away("network"); }
  const at = Date.parse(r.headers.get("Date"));
  if (at) clock = { server: at, seen: performance.now() };
  if (r.status === 401 || r.redirected) throw new Away("signin");
  if (r.status === 403) throw new Away("denied");
  if (r.status === 429 || r.status >= 500) throw new Away("busy", 1000 * (+r.headers.get("Retry-After") || 0));
  let said = {};
  try { said = await r.json(); } catch { if (r.ok) throw new Away("network"); } // a gate of some network answers in our place
  return { ok: r.ok, status: r.status, said };
}

// session says who is signed in; null for nobody.
export async function session() {
  try {
    const { ok, said } = await call("GET", "/m/session");
    form = said.form || "";
    return ok ? said : null;
  } catch (e) { if (e.message === "signin" || e.message === "denied") return null; throw e; }
}
export const serverKey = async (salt) => {
  const { ok, said } = await call("POST", "/m/key", new URLSearchParams({ form, salt }).toString(), "application/x-www-form-urlencoded");
  return ok && Uint8Array.from(atob(said.key), (c) => c.charCodeAt(0));
};

const why = (said) => [said.detail, ...(said.errors || []).map((e) => e.detail)].filter(Boolean).join(" ");
const refuse = (x, said) => { x.s = "refused"; x.why = why(said) || said.title || "?"; };

// send brings over what of a walk has not arrived. keep is told after each step; photo
// gives the bytes of a photograph; drop is told when they are not needed any more.
export async function send(walk, { keep, photo, drop }) {
  if (walk.s === "waiting") {
    walk.tried = true;
    await keep();
    const r = await call("POST", "/api/v1/patrols", JSON.stringify({ id: walk.id, ...walk.input }));
    if (r.ok) { walk.s = "sent"; walk.number = r.said.number; } else refuse(walk, r.said);
    await keep();
  }
  if (walk.s !== "sent") return;
  await events(walk, keep, (e) => e.type !== "photo");
  for (const f of walk.findings) {
    if (f.s !== "waiting" || !f.input.description) continue;
    f.tried = true;
    await keep();
    const r = await call("POST", "/api/v1/findings", JSON.stringify({ id: f.id, patrolId: walk.id, ...f.input }));
    if (r.ok) { f.s = "sent"; f.number = r.said.number; } else refuse(f, r.said);
    await keep();
  }
  for (const p of walk.photos) {
    if (p.s !== "waiting") continue;
    const blob = await photo(p.id), data = new FormData();
    if (!blob) { refuse(p, { detail: walk.lost }); await keep(); continue; }
    data.append("id", p.id); data.append("parkId", walk.input.parkId);
    if (walk.input.siteId) data.append("siteId", walk.input.siteId);
    data.append("file", blob, p.name);
    const r = await call("POST", "/api/v1/attachments", data);
    if (r.ok) p.s = "sent"; else refuse(p, r.said);
    await keep();
  }
  await events(walk, keep, (e) => e.type === "photo" && walk.photos.find((p) => p.sha256 === e.sha256)?.s === "sent");
  for (const p of walk.photos) if (p.s === "sent" && !p.dropped && walk.items.some((i) => i.e.sha256 === p.sha256 && i.s === "sent")) { await drop(p.id); p.dropped = true; }
  await keep();
}

// events sends what waits, up to 200 at once. A sending that is refused as a whole is
// sent one by one, so that only the one that is at fault stays behind.
async function events(walk, keep, which, size = 200) {
  for (;;) {
    const some = walk.items.filter((i) => i.s === "waiting" && which(i.e)).slice(0, size);
    if (!some.length) return;
    for (const i of some) i.tried = true;
    await keep();
    const r = await call("POST", `/api/v1/patrols/${walk.id}/events`, JSON.stringify({ events: some.map((i) => i.e) }));
    if (!r.ok && some.length > 1) { size = 1; continue; }
    if (r.ok) {
      some.forEach((i, n) => { const a = r.said.results[n]; if (a.outcome === "refused") refuse(i, a); else i.s = "sent"; });
      walk.state = r.said.patrol.state;
    } else refuse(some[0], r.said);
    await keep();
  }
}

// pile is which of the four a walk belongs to.
export function pile(walk) {
  const all = [walk, ...walk.items, ...walk.photos, ...walk.findings];
  if (all.some((x) => x.s === "refused")) return "refused";
  if (!walk.items.some((i) => i.e.type === "end") && !walk.voided) return "open";
  return all.some((x) => x.s === "waiting") ? "waiting" : "sent";
}
