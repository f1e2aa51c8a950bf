// node --test
import { test } from "node:test";
import assert from "node:assert/strict";
import { leafHash, nodeHash, rootOf, proven, commitment, hex, Log } from "./tree.js";

const enc = new TextEncoder();
const leaves = (n) => Promise.all(Array.from({ length: n }, (_, i) => leafHash(enc.encode("e" + i))));

// path is the inclusion path by the definition of RFC 6962, 2.1.1.
async function path(m, list) {
  if (list.length === 1) return [];
  let k = 1;
  while (k * 2 < list.length) k *= 2;
  return m < k ? [...await path(m, list.slice(0, k)), await rootOf(list.slice(k))]
    : [...await path(m - k, list.slice(k)), await rootOf(list.slice(0, k))];
}

test("the empty tree and the test vector of RFC 6962", async () => {
  assert.equal(hex(await rootOf([])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal(hex(await leafHash(new Uint8Array())), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
});

test("every leaf of every small tree is proven, and no other", async () => {
  for (let n = 1; n <= 20; n++) {
    const list = await leaves(n), root = await rootOf(list);
    for (let m = 0; m < n; m++) {
      const p = await path(m, list);
      assert.ok(await proven(list[m], m, n, p, root), `${m} of ${n}`);
      assert.ok(!await proven(list[m], m + 1, n, p, root));
      if (n > 1) assert.ok(!await proven(list[(m + 1) % n], m, n, p, root));
      assert.ok(!await proven(list[m], m, n, [...p, root], root));
    }
  }
});

test("the root by tiles is the root of the leaves, also of an older size", async () => {
  const list = await leaves(1000);
  const files = new Map();
  for (let level = 0, nodes = list; nodes.length > 0; level++) {
    const up = [];
    for (let n = 0; n * 256 < nodes.length; n++) {
      const part = nodes.slice(n * 256, n * 256 + 256);
      const name = `tile/${level}/${String(n).padStart(3, "0")}` + (part.length < 256 ? `.p/${part.length}` : "");
      files.set("http://x/" + name, Uint8Array.from(part.flatMap((h) => [...h])));
      if (part.length === 256) up.push(await rootOf(part));
    }
    nodes = up;
  }
  const log = new Log("http://x/", async (url) => files.has(url) ? { ok: true, arrayBuffer: async () => files.get(url).buffer } : { ok: false, status: 404 });
  log.size = list.length;
  for (const n of [1, 255, 256, 257, 511, 512, 513, 1000]) {
    assert.equal(hex(await log.root(n)), hex(await rootOf(list.slice(0, n))), `size ${n}`);
  }
  assert.ok(nodeHash);
});

test("a commitment as package entry makes it", async () => {
  assert.match(await commitment("00".repeat(32), "x"), /^[0-9a-f]{64}$/);
  assert.notEqual(await commitment("00".repeat(32), "x"), await commitment("00".repeat(32), "y"));
});
