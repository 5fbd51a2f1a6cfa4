// Asking the server from a phone: what is a refusal and what is a time to wait, who is
// signed in, and what time it is there.

// Away is a time to wait and not a refusal: no network, no sign-in, a busy server.
export class Away extends Error { constructor(why, wait) { super(why); this.wait = wait; } }

// clock is the last time of the server that this page has seen, and when by the running
// time of the device: the clock of the device may be wrong and may be moved.
let clock;
export const clocked = () => clock && { serverAt: new Date(clock.server).toISOString(), elapsedMs: Math.round(performance.now() - clock.seen) };

// form vouches for what this sign-in sends.
export let form = "";

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
