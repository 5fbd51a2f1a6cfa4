// Checks a receipt with the browser's own cryptography. Nothing is sent anywhere: the
// page's policy forbids every connection. Sentences stand in the page, this file only
// decides which of them apply and fills in values.
"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const bytesOf = s => new TextEncoder().encode(s);
  const textOf = b => new TextDecoder("utf-8", {fatal: true, ignoreBOM: true}).decode(b);
  const hex = b => Array.from(b, x => x.toString(16).padStart(2, "0")).join("");
  const base64 = b => btoa(String.fromCharCode(...b));
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const largest = 8 << 20; // bytes of a receipt file

  function fromBase64(s) {
    if (typeof s !== "string") throw new Error("no base64");
    const b = Uint8Array.from(atob(s), c => c.charCodeAt(0));
    let back = ""; // in pieces: a payload would not fit on the stack
    for (let i = 0; i < b.length; i += 3000) back += base64(b.subarray(i, i + 3000));
    if (back !== s) throw new Error("no base64");
    return b;
  }

  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    let at = 0;
    for (const p of parts) { all.set(p, at); at += p.length; }
    return all;
  };
  const sha256 = async b => new Uint8Array(await crypto.subtle.digest("SHA-256", b));

  // --- the log: models/proof says the same in Go -------------------------------

  // fieldsOf reads what proof.Encode wrote: a version, then each field behind its length.
  function fieldsOf(b) {
    const version = bytesOf("park.leaf.v1");
    if (!same(b.subarray(0, version.length), version)) throw new Error("no leaf");
    const view = new DataView(b.buffer, b.byteOffset), fields = [];
    for (let at = version.length; at < b.length;) {
      if (at + 8 > b.length) throw new Error("no leaf");
      const n = view.getBigUint64(at);
      at += 8;
      if (n > BigInt(b.length - at)) throw new Error("no leaf");
      fields.push(b.subarray(at, at += Number(n)));
    }
    return fields;
  }

  const names = ["changeId", "at", "actorId", "action", "objectKind", "objectId", "parkId", "jurisdiction", "enterpriseId", "aboutOn", "counts", "facts"];
  function leafOf(b) {
    const fields = fieldsOf(b);
    if (fields.length !== names.length) throw new Error("no leaf");
    const leaf = Object.fromEntries(fields.map((f, i) => [names[i], textOf(f)]));
    leaf.facts = JSON.parse(leaf.facts);
    leaf.counts = JSON.parse(leaf.counts);
    if (typeof leaf.facts.sha256 !== "string" || !/^\d+$/.test(leaf.at)) throw new Error("no leaf");
    return leaf;
  }

  // rootOf is the root that the path leads to (RFC 6962 2.1.1) for leaf n of the leaves lo to hi.
  async function rootOf(path, lo, hi, n, leaf) {
    if (hi - lo === 1) {
      if (path.length > 0) throw new Error("path too long");
      return leaf;
    }
    if (path.length === 0) throw new Error("path too short");
    let half = 1; // the largest power of two below hi - lo
    while (half * 2 < hi - lo) half *= 2;
    const rest = path.slice(0, -1), last = path[path.length - 1];
    const [left, right] = n < lo + half ? [await rootOf(rest, lo, lo + half, n, leaf), last] : [last, await rootOf(rest, lo + half, hi, n, leaf)];
    return sha256(join([1], left, right));
  }

  // noteOf takes a signed note apart: the text that was signed, and who signed.
  function noteOf(signed) {
    const end = signed.lastIndexOf("\n\n");
    if (end < 0 || !signed.endsWith("\n")) throw new Error("no note");
    const signatures = signed.slice(end + 2, -1).split("\n").map(line => {
      const parts = /^— ([^\s+]+) (\S+)$/.exec(line);
      if (!parts) throw new Error("no signature");
      const b = fromBase64(parts[2]);
      if (b.length < 5) throw new Error("no signature");
      return {id: parts[1] + "+" + hex(b.subarray(0, 4)), value: b.subarray(4)};
    });
    return {text: signed.slice(0, end + 1), signatures};
  }

  function checkpointOf(signed) {
    const note = noteOf(signed);
    const m = /^([^\n]+)\n(0|[1-9]\d*)\n(\S+)\ntime (\S+)\nsealed (\S+)\nalgorithm rfc6962-sha256\n$/.exec(note.text);
    if (!m || Number(m[2]) > Number.MAX_SAFE_INTEGER || Number.isNaN(Date.parse(m[4]))) throw new Error("no checkpoint");
    const root = fromBase64(m[3]);
    if (root.length !== 32 || fromBase64(m[5]).length !== 32) throw new Error("no checkpoint");
    return {...note, origin: m[1], size: Number(m[2]), root, at: m[4]};
  }

  // keyOf reads name+hash+key, where the hash has to be that of name and key.
  async function keyOf(line) {
    const m = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(line);
    const raw = m && fromBase64(m[3]);
    const sm2 = m && raw.length === 73 && raw[0] === 255 && new TextDecoder().decode(raw.subarray(1, 8)) === "sm2-sm3";
    if (!m || !sm2 && (raw.length !== 33 || raw[0] !== 1)) throw new Error("no key");
    if (hex((await sha256(join(bytesOf(m[1] + "\n"), raw))).subarray(0, 4)) !== m[2]) throw new Error("no key");
    return {id: m[1] + "+" + m[2], sm2, raw: raw.subarray(1)};
  }

  const signedBy = async (note, key) => {
    const public_ = await crypto.subtle.importKey("raw", key.raw, {name: "Ed25519"}, false, ["verify"]);
    const mine = note.signatures.filter(s => s.id === key.id);
    if (mine.length === 0) return false;
    for (const s of mine) if (!await crypto.subtle.verify({name: "Ed25519"}, public_, s.value, bytesOf(note.text))) return false;
    return true;
  };

  // --- what a person hands over ---------------------------------------------------

  async function inflate(b) {
    const stream = new Blob([b]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    const parts = [];
    let n = 0;
    for (const reader = stream.getReader();;) {
      const {done, value} = await reader.read();
      if (done) return join(...parts);
      if ((n += value.length) > 64 << 10) throw new Error("too much");
      parts.push(value);
    }
  }

  // fromCompact reads what a QR code holds.
  async function fromCompact(text) {
    const plain = text.replaceAll("-", "+").replaceAll("_", "/");
    const fields = fieldsOf(await inflate(fromBase64(plain + "=".repeat((4 - plain.length % 4) % 4))));
    if (fields.length !== 4 || fields[2].length % 32 !== 0) throw new Error("no receipt");
    const path = [];
    for (let at = 0; at < fields[2].length; at += 32) path.push(base64(fields[2].subarray(at, at + 32)));
    return {format: "park.receipt.v1", leafIndex: Number(textOf(fields[0])), leaf: base64(fields[1]), path, checkpoint: textOf(fields[3])};
  }

  // receiptOf reads a receipt file, a page that was saved, a link or the text of a QR code.
  async function receiptOf(text) {
    text = text.replace(/^\uFEFF/, "").trim();
    const inside = /<script type="application\/json" id="receipt">([\s\S]*?)<\/script>/.exec(text);
    if (inside) text = inside[1].trim();
    const r = text.startsWith("{") ? JSON.parse(text) : await fromCompact(text.slice(text.indexOf("#") + 1));
    if (r.format !== "park.receipt.v1" || !Number.isSafeInteger(r.leafIndex) || !Array.isArray(r.path)) throw new Error("no receipt");
    return r;
  }

  // --- comparing the words with the leaf --------------------------------------------

  const canonical = v => v && typeof v === "object" ? Array.isArray(v) ? v.map(canonical) :
    Object.fromEntries(Object.keys(v).sort().map(k => [k, canonical(v[k])])) : v;
  const flat = v => typeof v === "string" ? v : JSON.stringify(canonical(v));
  const instant = v => String(Date.parse(v) / 1000);

  // verdicts are what judgements say, without their sentences.
  const verdicts = (all, at) => Array.isArray(all) ? all.map(j => [j[at], j.verdict, j.raw, j.value || "", j.maximum || "", j.standard || ""].join(" ")) : undefined;
  const fromJSON = text => { try { return JSON.parse(text); } catch { return []; } };

  // altered lists what the file says otherwise than its leaf.
  function altered(r, leaf) {
    const f = leaf.facts, out = [];
    const compare = (field, says, proven, read = flat) => {
      if (says !== undefined && read(says) !== flat(proven)) out.push({field, says: flat(says), proven: read === instant ? local(proven * 1000) : flat(proven)});
    };
    const s = r.statement || {}, l = r.ledger || {};
    for (const name of names) compare("statement." + name, s[name], leaf[name], name === "at" ? instant : flat);
    for (const [name, proven] of Object.entries({id: leaf.objectId, number: f.number, class: f.class, day: leaf.aboutOn, slot: f.slot, filing: f.filing, filedBy: leaf.actorId, filedAs: f.filedAs, sha256: f.sha256}))
      compare("ledger." + name, l[name], proven);
    compare("ledger.filedAt", l.filedAt, leaf.at, instant);
    if (r.judged) compare("ledger.judgements", verdicts(l.judgements, "pointer"), verdicts(fromJSON(r.judged), "path"));
    return out;
  }

  // --- showing ------------------------------------------------------------------------

  const local = v => { // at UTC+8, as the office writes it
    const d = new Date(new Date(v).getTime() + 8 * 3600e3);
    return Number.isNaN(d.getTime()) ? "--" : d.toISOString().slice(0, 19).replace("T", " ");
  };
  const groups = s => s.replace(/.{8}(?=.)/g, "$& ");
  const show = (name, state, details = {}) => {
    const step = document.querySelector(`[data-step=${name}]`);
    step.dataset.state = state;
    for (const [k, v] of Object.entries(details)) for (const e of step.querySelectorAll(`[data-fill=${k}]`)) e.textContent = v;
  };
  const fill = (name, v) => { for (const e of document.querySelectorAll(`[data-said=${name}]`)) e.textContent = v || "--"; };

  function list(differences) {
    const parent = $("altered");
    parent.replaceChildren(...differences.map(d => {
      const item = $("difference").content.cloneNode(true), label = document.querySelector(`[data-label="${d.field}"]`);
      item.querySelector("b").textContent = label ? label.textContent : d.field;
      item.querySelector("[data-says]").textContent = d.says;
      item.querySelector("[data-proven]").textContent = d.proven;
      return item;
    }));
  }

  function tell(r, leaf, checkpoint) {
    const f = leaf.facts, as = $("filedAs");
    for (const name of ["number", "class", "slot", "condition", "filing"]) fill(name, f[name]);
    for (const name of ["occurredAt", "recordedAt", "receivedAt"]) fill(name, f[name] && local(f[name]));
    for (const name of ["aboutOn", "actorId", "parkId", "enterpriseId"]) fill(name, leaf[name]);
    fill("filedAt", local(leaf.at * 1000));
    fill("filedAs", as.dataset[String(f.filedAs).split(":")[0]] || f.filedAs);
    fill("sha256", groups(f.sha256));
    fill("attachments", (Array.isArray(f.attachments) ? f.attachments : []).map(groups).join("\n"));
    fill("leafIndex", String(r.leafIndex));
    fill("size", String(checkpoint.size));
    fill("signedAt", local(checkpoint.at));
    fill("keyId", checkpoint.signatures.map(s => s.id).join(", "));
    fill("origin", checkpoint.origin);
    const l = r.ledger;
    $("names").hidden = !l;
    for (const name of ["park", "enterprise", "classTitle", "filedByName"]) fill(name, l && String(l[name] || ""));
    $("said").hidden = false;
  }

  // tellPayload shows the text that was filed, only where it is the one.
  function tellPayload(text) {
    $("payload-box").hidden = text === null;
    if (text === null) return;
    try { text = JSON.stringify(JSON.parse(text, (k, v, raw) => typeof v === "number" && raw && JSON.rawJSON ? JSON.rawJSON(raw.source) : v), null, 2); } catch { /* as it stands */ }
    $("payload").textContent = text;
  }

  const steps = ["file", "words", "payload", "judged", "path", "signature", "key", "kept"];

  // worst is how the steps stand together.
  function worst(...of) {
    const states = of.map(s => document.querySelector(`[data-step=${s}]`).dataset.state);
    return ["bad", "open"].find(s => states.includes(s)) || "ok";
  }

  function conclude(state) {
    $("verdict").dataset.state = state;
    document.title = [document.querySelector(`#verdict [data-when=${state}] h2`), document.querySelector("h1")].map(e => e.textContent).join(" · ");
  }

  // --- the check ------------------------------------------------------------------------

  async function check(text) {
    conclude("none");
    for (const s of steps) show(s, "none");
    $("said").hidden = $("payload-box").hidden = $("judged-box").hidden = true;
    list([]);
    $("no-crypto").hidden = Boolean(globalThis.crypto && crypto.subtle);
    let r, raw, leaf, checkpoint, path;
    try {
      r = await receiptOf(text);
      raw = fromBase64(r.leaf);
      leaf = leafOf(raw);
      checkpoint = checkpointOf(r.checkpoint);
      path = r.path.map(fromBase64);
      if (path.some(h => h.length !== 32)) throw new Error("no path");
    } catch {
      show("file", "bad");
      return conclude("bad");
    }
    show("file", "ok");
    const differences = altered(r, leaf);
    list(differences);
    show("words", differences.length ? "bad" : r.statement || r.ledger ? "ok" : "skip");
    tell(r, leaf, checkpoint);
    if (!crypto.subtle) {
      for (const s of ["payload", "judged", "path", "signature", "key", "kept"]) show(s, "open");
      $("proven").dataset.state = "open";
      return conclude(worst(...steps));
    }
    await checkPayload(r, leaf);
    await checkJudged(r, leaf);
    await checkPath(r, raw, path, checkpoint);
    await checkSignature(r, checkpoint);
    checkKept(checkpoint);
    $("proven").dataset.state = worst("path", "signature", "key", "kept");
    conclude(worst(...steps));
  }

  async function checkPayload(r, leaf) {
    if (typeof r.payload !== "string") return show("payload", "skip");
    const digest = hex(await sha256(bytesOf(r.payload))), ok = digest === leaf.facts.sha256;
    show("payload", ok ? "ok" : "bad", {computed: groups(digest), expected: groups(leaf.facts.sha256)});
    tellPayload(ok ? r.payload : null);
  }

  // checkJudged: a filing without readings has no judgements, and its leaf says none.
  async function checkJudged(r, leaf) {
    const expected = leaf.facts.judged;
    if (typeof r.payload !== "string" || !expected && !r.judged) return show("judged", "skip");
    const digest = r.judged ? hex(await sha256(bytesOf(r.judged))) : "";
    show("judged", digest === expected ? "ok" : "bad", {computed: groups(digest) || "--", expected: groups(expected || "") || "--"});
    if (digest !== expected) return;
    $("judged-box").hidden = false;
    $("judged").tBodies[0].replaceChildren(...fromJSON(r.judged).map(rowOf));
  }

  function rowOf(j) {
    const item = $("judgement").content.cloneNode(true), cells = item.querySelectorAll("td"), over = j.verdict === "exceeded";
    const limit = [j.minimum, j.maximum].filter(Boolean).join(" – "), unit = u => u && u !== "dimensionless" ? " " + u : "";
    const known = [...document.querySelectorAll("[data-pollutant]")].find(li => li.dataset.pollutant === j.pollutant);
    [known ? known.textContent + " " + j.pollutant : j.pollutant, j.raw + unit(j.rawUnit), limit && limit + unit(j.limitUnit), (over ? "▲ " : "") + (cells[3].dataset[j.verdict] || j.verdict), j.standard].forEach((v, i) => { cells[i].textContent = v || "--"; });
    item.firstElementChild.classList.toggle("over", over);
    return item;
  }

  async function checkPath(r, raw, path, checkpoint) {
    let root = null;
    if (r.leafIndex >= 0 && r.leafIndex < checkpoint.size) {
      try { root = await rootOf(path, 0, checkpoint.size, r.leafIndex, await sha256(join([0], raw))); } catch { /* a path of another length leads nowhere */ }
    }
    const ok = root !== null && same(root, checkpoint.root);
    show("path", ok ? "ok" : "bad", {index: String(r.leafIndex), size: String(checkpoint.size), computed: root ? groups(hex(root)) : "--", expected: groups(hex(checkpoint.root))});
  }

  // checkSignature takes a trusted key if one has signed, else the key that the receipt
  // brings along: that tells an altered text from another signer.
  async function checkSignature(r, checkpoint) {
    const lines = $("keys").value.split("\n").map(s => s.trim()).filter(Boolean);
    const trusted = [];
    $("key-error").hidden = true;
    for (const line of lines) {
      try { trusted.push(await keyOf(line)); } catch { $("key-error").hidden = false; }
    }
    const ids = checkpoint.signatures.map(s => s.id);
    const known = trusted.find(k => ids.includes(k.id));
    let key = known;
    if (!key) {
      try { key = await keyOf(r.publicKey); } catch { key = null; }
      if (key && !ids.includes(key.id)) key = null;
    }
    const detail = {id: ids.join(", ")};
    show("key", known ? "ok" : trusted.length ? "bad" : "open", detail);
    if (!key) return show("signature", "skip", detail);
    $("no-sm2").hidden = !key.sm2;
    $("no-ed25519").hidden = key.sm2;
    if (key.sm2) return show("signature", "open", detail); // no browser has SM2
    try {
      show("signature", await signedBy(checkpoint, key) ? "ok" : "bad", detail);
    } catch (e) {
      // The browser has no Ed25519, or the key is no point of the curve: either way nothing was checked.
      show("signature", "open", detail);
    }
  }

  // checkKept compares with a checkpoint that the reader kept: of one size there is one root.
  function checkKept(checkpoint) {
    const text = $("kept").value.trim();
    if (!text) return show("kept", "skip");
    let kept;
    try { kept = checkpointOf(text + "\n"); } catch { return show("kept", "open"); }
    if (kept.origin !== checkpoint.origin) return show("kept", "bad");
    if (kept.size !== checkpoint.size) return show("kept", "open");
    show("kept", same(kept.root, checkpoint.root) ? "ok" : "bad");
  }

  // --- the controls ---------------------------------------------------------------------

  let last = null, running = Promise.resolve();
  const run = (text, name) => {
    last = {text, name};
    $("source").textContent = name;
    running = running.then(() => check(text)).then(() => $("verdict").scrollIntoView({block: "nearest"}));
    return running;
  };
  const open = async file => { if (file) run(file.size > largest ? "" : await file.text(), file.name); };
  const fromAddress = () => { if (location.hash.length > 1) run(location.hash.slice(1), ""); };

  $("file").addEventListener("change", e => { open(e.target.files[0]); e.target.value = ""; });
  $("paste").addEventListener("submit", e => { e.preventDefault(); run($("text").value, ""); });
  $("print").addEventListener("click", () => print());
  for (const id of ["keys", "kept"]) $(id).addEventListener("change", () => { if (last) run(last.text, last.name); });
  const drop = $("drop");
  for (const on of [drop, document]) on.addEventListener("dragover", e => { e.preventDefault(); drop.classList.add("over"); });
  document.addEventListener("dragleave", e => { if (!e.relatedTarget) drop.classList.remove("over"); });
  document.addEventListener("drop", e => { e.preventDefault(); drop.classList.remove("over"); open(e.dataTransfer.files[0]); });
  addEventListener("hashchange", fromAddress);
  const other = $("other-language");
  if (other) other.addEventListener("click", () => { other.hash = location.hash; });
  document.documentElement.dataset.ready = "1";
  fromAddress();
})();
