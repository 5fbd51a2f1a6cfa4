// Measurements beside the limits in force: a hint for the eye, since the server judges.

// limits are the fields of a point.
export const limits = (w, p, page) => page.phone.pack.limits[p.limits].map((l, n) => limit(w, p, l, n, page));

// reading keeps what was entered into one.
export async function reading(x, w, p, page) {
  const l = page.phone.pack.limits[p.limits][x.name], before = page.live(w, "reading", p).filter((i) => i.e.quantity === l.zh).at(-1);
  if (x.value.trim()) await page.write(w, { type: "reading", quantity: l.zh, value: x.value.trim(), ...(l.unit ? { unit: l.unit } : {}), ...page.about(p) }, before);
  x.closest("label").replaceWith(limit(w, p, l, x.name, page));
}

function limit(w, p, l, n, { W, words, named, make, live }) {
  const v = live(w, "reading", p).filter((i) => i.e.quantity === l.zh).at(-1)?.e.value, made = make("limit", { name: named(l), limit: words("limit", { Limit: [l.min, l.max].filter(Boolean).join("–") + " " + (l.unit || "") }), value: v, said: v && judged(W, l, v) });
  made.querySelector("input").name = n;
  made.querySelector("em").className = v && judged(W, l, v) === W.over ? "err" : "";
  return made;
}
function judged(W, l, v) {
  const n = +v.replace(/^[<≤]/, "");
  return isNaN(n) ? "" : !/^[<≤]/.test(v) && (n > +l.max || l.min && n < +l.min) ? W.over : W.within;
}
