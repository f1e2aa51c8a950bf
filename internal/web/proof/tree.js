// The arithmetic of a transparency log (RFC 6962, C2SP tlog-tiles, checkpoint
// and signed-note) with the browser's own SHA-256 and Ed25519. No page in it:
// it runs in Node too, where its test is.
const subtle = () => globalThis.crypto.subtle;
const enc = new TextEncoder();

async function sha256(...parts) {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { all.set(p, at); at += p.length; }
  return new Uint8Array(await subtle().digest("SHA-256", all));
}

export const hex = (b) => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
export const same = (a, b) => !!a && !!b && a.length === b.length && a.every((x, i) => x === b[i]);
const unbase64 = (s) => Uint8Array.from(atob(s), (c) => c.charCodeAt(0));
const unhex = (s) => Uint8Array.from(s.match(/../g) ?? [], (x) => parseInt(x, 16));

export const leafHash = (bytes) => sha256([0], bytes);
export const nodeHash = (l, r) => sha256([1], l, r);

// commitment to an opening, as 64 hex digits.
export async function commitment(salt, opening) {
  return hex(await sha256(enc.encode("lindu log v1\n"), unhex(salt), enc.encode(opening)));
}

// rootOf is the root over nodes of one size (the last may be smaller).
export async function rootOf(nodes) {
  if (nodes.length === 0) return sha256();
  if (nodes.length === 1) return nodes[0];
  let k = 1;
  while (k * 2 < nodes.length) k *= 2;
  return nodeHash(await rootOf(nodes.slice(0, k)), await rootOf(nodes.slice(k)));
}

// proven tells whether a leaf stands at an index of the tree of a root (RFC
// 9162, 2.1.3.2). Sizes are below 2^53: no bit operations.
export async function proven(leaf, index, size, path, root) {
  if (!Number.isSafeInteger(index) || index < 0 || index >= size) return false;
  let fn = index, sn = size - 1, r = leaf;
  for (const p of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = await nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) { fn = Math.floor(fn / 2); sn = Math.floor(sn / 2); }
    } else {
      r = await nodeHash(r, p);
    }
    fn = Math.floor(fn / 2); sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(r, root);
}

// parseCheckpoint reads a signed checkpoint.
export function parseCheckpoint(note) {
  const cut = note.indexOf("\n\n");
  const text = note.slice(0, cut + 1);
  const [origin, size, root] = text.split("\n");
  if (cut < 0 || !/^(0|[1-9][0-9]*)$/.test(size) || !Number.isSafeInteger(Number(size))) throw new Error("checkpoint");
  const signatures = note.slice(cut + 2).split("\n").map((l) => l.match(/^— (\S+) (\S+)$/)).filter(Boolean)
    .map(([, name, sig]) => ({ name, sig: unbase64(sig) }));
  return { note, text, origin, size: Number(size), root: unbase64(root), signatures };
}

// openKey reads a verifier key: name+hash+base64(algorithm || key). The hash
// must be that of name and key.
export async function openKey(vkey) {
  const [, name, hash, key] = vkey.trim().match(/^([^+]+)\+([0-9a-f]{8})\+(\S+)$/) ?? [];
  if (!key) throw new Error("key");
  const bytes = unbase64(key);
  const is = hex((await sha256(enc.encode(name + "\n"), bytes)).slice(0, 4));
  if (is !== hash || bytes[0] !== 1) throw new Error("key");
  return { name, hash, raw: bytes.slice(1) };
}

// verifySignature tells whether the key signed; null where this browser knows
// no Ed25519.
export async function verifySignature(cp, key) {
  let k;
  try {
    k = await subtle().importKey("raw", key.raw, { name: "Ed25519" }, false, ["verify"]);
  } catch { return null; }
  for (const s of cp.signatures) {
    if (s.name !== key.name || hex(s.sig.slice(0, 4)) !== key.hash) continue;
    if (await subtle().verify({ name: "Ed25519" }, k, s.sig.slice(4), enc.encode(cp.text))) return cp.origin === key.name;
  }
  return false;
}

// Log reads the files of a log.
export class Log {
  constructor(base, get = globalThis.fetch.bind(globalThis)) { this.base = base; this.get = get; this.size = 0; }

  async file(path, cache = "default") {
    const res = await this.get(this.base + path, { cache });
    if (!res.ok) throw Object.assign(new Error(path + ": " + res.status), { status: res.status });
    return res;
  }

  async text(path) { return (await this.file(path, "no-store")).text(); }

  // part reads a tile of a width, or the full one when the partial became full.
  async part(dir, n, width) {
    const parts = [String(n % 1000).padStart(3, "0")];
    for (let x = Math.floor(n / 1000); x > 0; x = Math.floor(x / 1000)) parts.unshift("x" + String(x % 1000).padStart(3, "0"));
    const path = `tile/${dir}/${parts.join("/")}`;
    let res;
    if (width < 256) {
      try { res = await this.file(`${path}.p/${width}`); } catch (err) { if (err.status !== 404) throw err; }
    }
    res ??= await this.file(path);
    return new Uint8Array(await res.arrayBuffer());
  }

  // have is how many hashes the tile n of a level has in the newest tree.
  have(level, n) { return Math.min(256, Math.floor(this.size / 256 ** level) - n * 256); }

  // tile reads the first hashes of a tile.
  async tile(level, n, count) {
    const b = await this.part(level, n, this.have(level, n));
    if (b.length < count * 32) throw new Error(`tile ${level}/${n}`);
    return Array.from({ length: count }, (_, i) => b.slice(i * 32, i * 32 + 32));
  }

  // entries reads the first entries of a bundle: each with its length before it.
  async entries(n, count) {
    const b = await this.part("entries", n, Math.min(256, this.size - n * 256));
    const out = [];
    for (let at = 0; out.length < count && at + 2 <= b.length;) {
      const len = b[at] * 256 + b[at + 1];
      out.push(b.slice(at + 2, at + 2 + len));
      at += 2 + len;
    }
    return out;
  }

  // root is the root of the first size entries, by the tiles on the right edge:
  // each level's full ones are told by the level above.
  async root(size) {
    let rest = null;
    for (let level = 0, left = size; left > 0 || rest; level++, left = Math.floor(left / 256)) {
      const count = left % 256;
      const n = Math.floor(left / 256);
      const nodes = count > 0 ? await this.tile(level, n, count) : [];
      if (rest) nodes.push(rest);
      if (n === 0) return rootOf(nodes);
      rest = nodes.length ? await rootOf(nodes) : null;
    }
    return rootOf([]);
  }
}
