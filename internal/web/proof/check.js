// The check by the reader's own browser: nothing the server says is believed
// but the files of the log, and those only as far as they hash to what was
// signed. The sums are in tree.js; here are the steps and the words.
import { h, fill } from "../js/base.js";
import { Log, parseCheckpoint, openKey, verifySignature, leafHash, proven, commitment, same, hex } from "./tree.js";

const READ = 5120; // entries that are read one by one; the tree above is checked whole

for (const box of document.querySelectorAll("[data-check]")) {
  const go = box.querySelector("[data-check-go]");
  go.addEventListener("click", async () => {
    go.disabled = true;
    try { await run(box); } finally { go.disabled = false; }
  });
}

class Steps {
  constructor(box) {
    this.words = JSON.parse(box.dataset.words);
    this.list = box.querySelector("[data-check-steps]");
    this.end = box.querySelector("[data-check-end]");
    this.wrong = 0;
    this.list.replaceChildren();
    this.finish("", this.words.working);
  }
  say(tone, key, args = {}, data = "") {
    if (tone === "bad") this.wrong++;
    const li = h("li", { class: tone }, fill(this.words[key], args));
    if (data) li.append(h("details", {}, h("summary", {}, this.words.data), h("pre", { tabindex: "0" }, data)));
    this.list.append(li);
  }
  test(good, yes, no, args, data) { this.say(good ? "ok" : "bad", good ? yes : no, args, data); return good; }
  finish(tone, text) { this.end.className = "check-end " + tone; this.end.textContent = text; }
}

async function run(box) {
  const s = new Steps(box);
  try {
    if (!globalThis.crypto?.subtle) {
      s.finish("bad", s.words.no_crypto);
      return;
    }
    if (box.dataset.receipt) await checkReceipt(s, box.dataset);
    await checkLog(s, box.dataset);
    s.finish(s.wrong ? "bad" : "ok", s.wrong ? fill(s.words.bad, { n: s.wrong }) : s.words.all_ok);
  } catch (err) {
    s.finish("bad", fill(err.status === 404 ? s.words.none : s.words.offline, { what: String(err.message ?? err) }));
  }
}

// signature says whether the centre signed a checkpoint.
async function signature(s, cp, vkey) {
  const key = await openKey(vkey);
  const good = await verifySignature(cp, key);
  if (good === null) { s.say("note", "no_ed25519"); return true; }
  return s.test(good, "signed", "not_signed", { who: key.name, n: cp.size }, cp.text);
}

async function checkLog(s, { key }) {
  const log = new Log(new URL("/log/", location.href).href);
  const cp = parseCheckpoint(await log.text("checkpoint"));
  log.size = cp.size;
  s.say("ok", "fetched", { n: cp.size }, cp.note);
  await signature(s, cp, key);
  const others = cp.signatures.length - 1;
  if (others > 0) s.say("note", "cosigned", { n: others });
  s.test(same(await log.root(cp.size), cp.root), "tree_ok", "tree_bad", { n: cp.size }, hex(cp.root));
  await remember(s, log, cp);
  await readEntries(s, log, cp.size);
}

// remember holds the log against the last one this browser saw.
async function remember(s, log, cp) {
  const at = "lindu-log:" + cp.origin;
  let old = null;
  try { old = JSON.parse(localStorage.getItem(at)); } catch { /* none, or not ours */ }
  if (!old?.size) s.say("note", "seen_first");
  else if (old.size > cp.size) s.say("bad", "shrunk", { then: old.size, n: cp.size });
  else if (!s.test(hex(await log.root(old.size)) === old.root, "seen_ok", "forked", { n: old.size })) return;
  if (!s.wrong) try { localStorage.setItem(at, JSON.stringify({ size: cp.size, root: hex(cp.root) })); } catch { /* private mode */ }
}

// readEntries reads the newest entries one by one.
async function readEntries(s, log, size) {
  let altered = 0, local = 0, fee = 0, unbalanced = 0, count = 0;
  const from = Math.floor(Math.max(0, size - READ) / 256);
  for (let n = from; n * 256 < size; n++) {
    const width = Math.min(256, size - n * 256);
    const [entries, tile] = await Promise.all([log.entries(n, width), log.tile(0, n, width)]);
    for (let i = 0; i < width; i++) {
      count++;
      if (!entries[i] || !same(await leafHash(entries[i]), tile[i])) { altered++; continue; }
      const fen = JSON.parse(new TextDecoder().decode(entries[i])).public?.fen ?? {};
      const classes = Object.keys(fen);
      if (JSON.parse(new TextDecoder().decode(entries[i])).kind === "totals") continue;
      if (classes.reduce((sum, c) => sum + fen[c], 0) !== 0) unbalanced++;
      if (classes.some((c) => c.startsWith("producer/local/"))) {
        local++;
        if (classes.some((c) => /^(commission|service|freight|tax|host|agency|costs|gift|profit|growth)\//.test(c))) fee++;
      }
    }
  }
  s.test(altered === 0, "read", "altered", { n: count, bad: altered });
  if (unbalanced) s.say("bad", "balanced_bad", { n: unbalanced });
  s.test(fee === 0, "local_ok", "local_bad", { n: local, bad: fee });
}

async function checkReceipt(s, { receipt, key }) {
  const res = await fetch(receipt, { headers: { Accept: "application/json" } });
  if (!res.ok) throw Object.assign(new Error(res.status), { status: res.status });
  const r = await res.json();
  if (!s.test(r.key === key, "receipt_key", "not_signed", { who: key, n: 0 })) return;
  if (!r.items?.length) return;
  const cp = parseCheckpoint(r.checkpoint);
  if (!(await signature(s, cp, key))) return;
  const bytes = new TextEncoder();
  for (const [i, it] of r.items.entries()) {
    if (it.opening) {
      const says = JSON.parse(it.entry).commitment;
      s.test(says === await commitment(it.salt, it.opening), "opens", "not_opens", { no: i + 1 }, it.opening);
    }
    const path = it.proof.map((p) => Uint8Array.from(atob(p), (c) => c.charCodeAt(0)));
    const good = await proven(await leafHash(bytes.encode(it.entry)), it.index, cp.size, path, cp.root);
    s.test(good, "stands", "not_stands", { no: i + 1, index: it.index, n: cp.size }, it.entry);
  }
}
