// Where a walk goes: the parks, one of them, from which a patrol begins, and the patrol
// with its points and its end.
import { pile, uuid7 } from "./field-store.js";
import { session } from "./field-net.js";

export function on({ phone, W, words, day, hour, make, show, tell, line, voided, live, write, pointsOf, findingsAt, findingLine, sums, go, route, refresh, sync, found }) {
  const answered = (w, p) => p.asks.filter((a) => live(w, "answer", p, a).length).length;
  async function home() {
    const kept = await navigator.storage?.persisted?.(), standalone = matchMedia("(display-mode: standalone)").matches, pack = phone.pack || { parks: [] };
    const begun = phone.walks.filter((w) => pile(w) === "open");
    show("home", { warn: !kept && !standalone && words("evict", { Day: day(new Date(Date.now() + 7 * 864e5)) }), wechat: /MicroMessenger/.test(navigator.userAgent), some: begun.length,
      walks: begun.map((w) => line({ href: "/m/patrol/" + w.id, name: w.parkName, meta: sums(w), mark: W.open })),
      parks: pack.parks.map((p) => line({ href: "/m/park/" + p.id, name: p.name, meta: p.code })), pack: pack.version && words("pack", { Version: pack.version, At: hour(pack.at) }) });
  }
  function sign(id) {
    const p = phone.pack.points.find((x) => x.id === id);
    if (!p) return home().then(() => tell(W.unknown));
    const w = phone.walks.find((x) => x.input.parkId === p.park && pile(x) === "open");
    return go(w ? `/m/patrol/${w.id}/${id}` : `/m/park/${p.park}?to=${id}`);
  }
  function park(p) {
    show("park", { ...p, findings: phone.pack.findings.filter((f) => f.park === p.id && f.open).slice(0, 20).map(findingLine),
      points: pointsOf(p.id).map((x) => line({ href: location.href, name: x.name, meta: [x.firm, x.code].filter(Boolean).join(" "), mark: findingsAt(x).some((f) => f.open) && "!" })) });
  }
  function walk(w) {
    show("walk", { id: w.id, name: w.parkName, meta: sums(w),
      points: pointsOf(w.input.parkId).map((p) => line({ href: `/m/patrol/${w.id}/${p.id}`, name: p.name, meta: [p.firm, p.code].filter(Boolean).join(" "), mark: live(w, "arrive", p).length && words("done", { Done: answered(w, p), All: p.asks.length }) })),
      items: w.items.map((i) => make("item", { id: w.id + " " + i.e.id, text: [hour(i.e.at), W[i.e.type], i.e.object, i.e.item, i.e.value, i.e.text, i.e.reason].filter(Boolean).join(" "), live: i.e.type !== "void" && i.e.type !== "start" && !voided(w, i) })) });
  }
  const walkOf = (e) => phone.walks.find((x) => x.id === e.dataset.id);
  return {
    show: (w, p, signed) => signed && phone.pack ? sign(signed) : w ? walk(w) : p ? park(p) : home(),
    forms: {
      async begin(f) {
        const id = uuid7(), p = phone.pack.parks.find((x) => x.id === f.dataset.id), who = phone.me || await phone.store.get("me"), others = f.others.value.split(/[、,，]/).map((s) => s.trim()).filter(Boolean);
        const w = { id, at: new Date().toISOString(), parkName: p.name, s: "waiting", items: [], photos: [], findings: [],
          input: { parkId: p.id, kind: f.kind.value, weather: f.weather.value, checklist: phone.pack.checklist, officers: [{ userId: who.id, name: who.name }, ...others.map((name) => ({ name }))] } };
        phone.walks.unshift(w);
        await write(w, { type: "start" });
        const to = new URLSearchParams(location.search).get("to");
        await go("/m/patrol/" + id + (to ? "/" + to : ""));
      },
      async void(f) { const [w, i] = found(f.dataset.id); await write(w, { type: "void", voids: i.e.id, reason: f.reason.value }); walk(w); },
      async cancel(f) {
        const w = walkOf(f), reason = f.reason.value;
        for (const i of w.items.filter((i) => i.e.type !== "void" && !voided(w, i))) await write(w, { type: "void", voids: i.e.id, reason });
        w.voided = true;
        await write(w, { type: "void", reason });
        await go("/m/outbox"); sync();
      },
    },
    touches: {
      async refresh() { await refresh(); return route(); },
      async leave() {
        await sync();
        if (phone.walks.some((w) => pile(w) !== "sent")) return tell(W.unsent);
        const s = await session();
        await phone.store.erase(); delete sessionStorage.username;
        if (s) await fetch("/logout", { method: "POST", body: new URLSearchParams({ form: s.form }) });
        location.href = "/login";
      },
      async end(b) {
        const w = walkOf(b), bare = live(w, "answer").filter((i) => i.e.result === "notAsRequired" && !i.e.reason && !w.findings.find((f) => f.id === i.e.findingId)?.input.description);
        if (bare.length) return tell(words("left", { N: bare.length, Where: bare.map((i) => i.e.object + " " + i.e.item).join("、") }));
        if (!live(w, "answer").length) return tell(W.nothing);
        await write(w, { type: "end" });
        await go("/m/outbox"); sync();
      },
    },
  };
}
