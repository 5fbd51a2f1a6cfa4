// One point of a patrol: where and when, the questions, measurements, photographs.
import { uuid7 } from "./field-store.js";

export function on(page) {
  const { phone, the, W, words, named, day, hour, make, show, live, about, save, write, pointsOf, findingsAt, findingLine, part } = page;
  const here = () => { const [, , , id, object] = location.pathname.split("/"), w = phone.walks.find((x) => x.id === id); return [w, phone.pack.points.find((p) => p.id === object && p.park === w.input.parkId)]; };
  async function point(w, p) {
    const all = pointsOf(w.input.parkId), next = all[all.indexOf(p) + 1], arrived = live(w, "arrive", p)[0];
    show("point", { park: w.parkName, name: p.name, code: p.code, place: arrived?.place || W.locating, at: hour(arrived?.e.at || Date.now()), why: arrived?.why, reason: arrived?.reason, findings: findingsAt(p).map(findingLine),
      note: live(w, "note", p).at(-1)?.e.text, walk: "/m/patrol/" + w.id, next: next ? `/m/patrol/${w.id}/${next.id}` : "/m/patrol/" + w.id, following: next?.name || W.end, shots: shots(w, p, ""),
      questions: p.asks.map((a) => question(w, p, phone.pack.items.find((i) => i.id === a))), limits: p.limits >= 0 });
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
      types: phone.pack.types.map((t) => option(t.id, named(t))), due: [1, 3, 7, 15].map((n) => { const d = day(new Date(Date.now() + n * 864e5)); return option(d, words("days", { N: n, Day: d })); }) });
    const q = made.firstElementChild;
    q.id = "q-" + item.id; q.classList.toggle("fail", bad);
    for (const r of q.querySelectorAll("[type=radio]")) { r.name = q.id; r.checked = r.value === e.result; }
    const set = (name, value) => { q.querySelector(`[name=${name}]`).value = value; };
    set("how", f ? f.input.severity : e.reason ? "none" : item.severity); set("type", f?.input.type || ""); set("due", f?.input.dueOn || "");
    if (f?.tried) for (const x of q.querySelectorAll(".sub select, .sub textarea")) x.disabled = true; // it is on its way: what follows is done at a desk
    return made;
  }
  function shots(w, p, item) {
    const all = live(w, "photo", p).filter((i) => (i.e.item || "") === item).map((i) => {
      const ph = w.photos.find((x) => x.sha256 === i.e.sha256), f = make("shot", { at: hour(i.e.at), mark: ph.s === "sent" ? W.sent : W.waiting }), img = f.querySelector("img");
      phone.store.photo(ph.id).then((b) => { if (b) img.src = URL.createObjectURL(b); img.onload = () => URL.revokeObjectURL(img.src); });
      return f;
    });
    const add = make("add", {});
    add.querySelector("input").name = item;
    return [...all, add];
  }
  return {
    show: point,
    touches: {
      async limits(b) {
        const [w, p] = here(), { limits } = await part("./field-limits.js");
        b.parentElement.querySelector("[data-in]").replaceChildren(...limits(w, p, page));
      },
    },
    changes: {
      async answer(x) {
        const [w, p] = here(), q = x.closest("fieldset"), item = phone.pack.items.find((i) => "q-" + i.id === q.id), get = (n) => q.querySelector(`[name=${n}]`).value.trim(), before = live(w, "answer", p, item.id).at(-1);
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
      async reading(x) { await (await part("./field-limits.js")).reading(x, ...here(), page); },
      async note(x) { const [w, p] = here(); if (x.value.trim()) await write(w, { type: "note", text: x.value.trim(), ...about(p) }, live(w, "note", p).at(-1)); },
      async why(x) {
        const [w, p] = here(), a = live(w, "arrive", p)[0], text = a.why + "：" + x.value.trim(), keep = { why: a.why, place: a.place, reason: x.value.trim() };
        if (a.tried) return write(w, { type: "note", text, ...about(p) });
        Object.assign(await write(w, { ...a.e, id: uuid7(), text }, a), keep);
        await save(w);
      },
      async shoot(x) {
        const [w, p] = here();
        await (await part("./field-camera.js")).shoot(x.files, x.name, w, p, page);
        x.closest(".shots").replaceChildren(...shots(w, p, x.name));
      },
    },
  };
}
