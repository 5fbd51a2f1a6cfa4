// What the camera gives: reduced, hashed, kept with its original.
import { sha256, uuid7 } from "./field-store.js";

// shoot keeps photographs of a point, or of one question of it.
export async function shoot(files, item, w, p, { phone, W, day, live, about, write, tell }) {
  const finding = item && live(w, "answer", p, item).at(-1)?.e.findingId;
  for (const file of files) {
    const small = await shrink(file).catch(() => null);
    if (!small) { tell(W.picture); continue; }
    const id = uuid7(), sum = await sha256(await small.arrayBuffer());
    if (w.photos.some((f) => f.sha256 === sum)) continue;
    try {
      await phone.store.putPhoto(id, small);
      await phone.store.putPhoto(id + "/original", file).catch(() => {}); // the smaller one is what is sent: without room for both it is enough
    } catch { tell(W.full); break; }
    w.photos.push({ id, sha256: sum, s: "waiting", name: `${day(new Date())}-${id.slice(-6)}.jpg` });
    await write(w, { type: "photo", sha256: sum, ...about(p), ...(item ? { item } : {}), ...(finding ? { findingId: finding } : {}), text: "original SHA-256 " + await sha256(await file.arrayBuffer()) });
  }
}

// shrink makes a photograph of at most 1600 pixels and 400 KB.
async function shrink(file) {
  const b = await createImageBitmap(file), k = Math.min(1, 1600 / Math.max(b.width, b.height)), c = document.createElement("canvas");
  c.width = Math.round(b.width * k); c.height = Math.round(b.height * k);
  c.getContext("2d").drawImage(b, 0, 0, c.width, c.height);
  let out;
  for (const q of [.85, .7, .55, .4]) { out = await new Promise((yes) => c.toBlob(yes, "image/jpeg", q)); if (out.size <= 4e5) break; }
  return out;
}
