// A file of what has not arrived, for a desk to bring in.
import { done } from "./field-store.js";

const base64 = (bytes) => { let s = ""; for (const b of new Uint8Array(bytes)) s += String.fromCharCode(b); return btoa(s); };
const packed = (k) => ({ iv: base64(k.iv), data: base64(k.data) });

// exported is a file of these records and photographs as they are kept: encrypted.
export async function exported(store, who, records, photos) {
  const v = await done(store.db.transaction("vault").objectStore("vault").get("vault"));
  const parts = [JSON.stringify({ format: "park-field-1", who, vault: { serverSalt: v.serverSalt, salt: base64(v.salt), byPhrase: packed(v.byPhrase), byServer: packed(v.byServer) } })];
  for (const [name, ids] of [["records", records], ["photos", photos]]) for (const id of ids) {
    const k = await store.kept(name, id);
    if (k) parts.push("\n" + JSON.stringify({ store: name, id, ...packed(k) }));
  }
  return new Blob(parts, { type: "application/octet-stream" });
}
