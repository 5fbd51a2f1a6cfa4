// What has not arrived, what was refused and why, and a file of it for a desk.
import { pile } from "./field-store.js";

export function on({ phone, W, words, day, make, show, save, sums, route, sync, found, part }) {
  async function outbox() {
    const { usage = 0, quota = 0 } = await navigator.storage?.estimate?.() || {}, MB = (n) => Math.round(n / 1e6);
    const card = (w) => {
      const s = pile(w), bad = [w, ...w.items, ...w.photos, ...w.findings].filter((x) => x.s === "refused"), up = w.photos.filter((x) => x.s === "sent").length;
      return make("kept", { name: w.parkName, mark: W[s === "refused" ? "handle" : s], meta: sums(w) + (w.number ? "，" + words("number", { Number: w.number }) : ""), photos: w.photos.length && words("uploaded", { Done: up, All: w.photos.length }), part: up / (w.photos.length || 1),
        open: s === "open", href: "/m/patrol/" + w.id, why: bad.map((x) => make("why", { id: w.id + " " + (x.e?.id || x.id), text: [x.e && W[x.e.type], x.e?.item, x.why].filter(Boolean).join(" ") })) });
    };
    show("outbox", { used: words("used", { Used: MB(usage), Free: MB(quota - usage) }), why: phone.away && W[phone.away], signin: phone.away === "signin", here: phone.walks.filter((w) => pile(w) !== "sent").map(card), sent: phone.walks.filter((w) => pile(w) === "sent").map(card) });
  }
  return {
    show: outbox,
    touches: {
      retry: sync,
      async again(b) { const [w, x] = found(b.dataset.id); x.s = "waiting"; await save(w); sync(); route(); },
      async keepback(b) { const [w, x] = found(b.dataset.id); x.s = "kept"; await save(w); route(); },
      async export() {
        const some = phone.walks.filter((w) => pile(w) !== "sent"), a = document.createElement("a");
        a.href = URL.createObjectURL(await (await part("./field-export.js")).exported(phone.store, { id: phone.me?.id, username: phone.store.username }, some.map((w) => "walk/" + w.id), some.flatMap((w) => w.photos.filter((p) => p.s !== "sent").map((p) => p.id))));
        a.download = `park-field-${day(new Date())}.parkfield`;
        a.click();
      },
    },
  };
}
