// Sending what is kept: to the same routes as everybody, with ids that were made here, so
// that every request may be repeated. What is refused is marked and holds nothing else up.

import { call } from "./field-net.js";

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
