// Keeps the pages of the patrol for when there is no network. What it keeps is the same
// for everybody; data never pass through here.
const name = "NAMED", kept = KEPT;
self.addEventListener("install", (e) => e.waitUntil(caches.open(name).then((c) => c.addAll(kept)).then(() => self.skipWaiting())));
self.addEventListener("activate", (e) => e.waitUntil((async () => {
  for (const k of await caches.keys()) if (k.startsWith("field-") && k !== name && k !== "field-language") await caches.delete(k);
  await self.clients.claim();
})()));
self.addEventListener("fetch", (e) => {
  const u = new URL(e.request.url);
  if (e.request.method !== "GET" || u.origin !== location.origin) return;
  if (e.request.mode === "navigate") e.respondWith(page(u, e.request));
  else if (kept.includes(u.pathname)) e.respondWith(caches.match(u.pathname, { cacheName: name }).then((r) => r || fetch(e.request)));
});
async function page(u, request) {
  const choice = await caches.open("field-language"), asked = { zh: "zh", en: "en" }[u.searchParams.get("lang")];
  if (asked) await choice.put("/m/language", new Response(asked));
  const language = asked || (await (await choice.match("/m/language"))?.text()) || "zh";
  return (await caches.match("/m/shell/" + language, { cacheName: name })) || fetch(request);
}
