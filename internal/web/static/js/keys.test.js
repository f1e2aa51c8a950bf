import assert from "node:assert/strict";
import { test } from "node:test";
import { hash, keeper } from "./keys.js";

function shelf() {
  const m = new Map();
  return { getItem: (k) => m.get(k) ?? null, setItem: (k, v) => m.set(k, v), removeItem: (k) => m.delete(k), m };
}
function maker() { let n = 0; return () => "ticket" + ++n; }
const wish = { item: "i1", units: 2, address: "a1" };

test("a double tap and a reload after a lost answer send the same key", () => {
  const s = shelf(), make = maker();
  const before = keeper(s, { make }), t = before.open("buy:i1");
  assert.equal(before.key(t, wish), before.key(t, { ...wish }));
  const after = keeper(s, { make }); // the page was loaded again
  assert.equal(after.key(after.open("buy:i1"), wish), before.key(t, wish));
});

test("two tabs with the same sheet open send the same key, also after one was answered", () => {
  const s = shelf(), make = maker();
  const a = keeper(s, { make }), b = keeper(s, { make });
  const ta = a.open("buy:i1"), tb = b.open("buy:i1");
  const sent = a.key(ta, wish);
  a.settle("buy:i1", ta);
  assert.equal(b.key(tb, wish), sent);
  b.settle("buy:i1", tb);
  assert.notEqual(a.key(a.open("buy:i1"), wish), sent, "a sheet opened after the answer is a new wish");
});

test("another wish has another key, another place another ticket", () => {
  const k = keeper(shelf(), { make: maker() });
  const t = k.open("buy:i1");
  assert.notEqual(k.key(t, wish), k.key(t, { ...wish, units: 3 }));
  assert.notEqual(t, k.open("buy:i2"));
});

test("an old answer does not take a newer ticket away, and tickets age", () => {
  let at = 1_000_000;
  const s = shelf(), k = keeper(s, { make: maker(), now: () => at });
  const first = k.open("p");
  at += 31 * 60_000;
  const second = k.open("p");
  assert.notEqual(first, second);
  k.settle("p", first);
  assert.equal(k.open("p"), second);
});

test("a browser that forbids storage keeps the key in memory", () => {
  const no = () => { throw new Error("denied"); };
  const k = keeper({ getItem: no, setItem: no, removeItem: no }, { make: maker() });
  assert.equal(k.open("p"), k.open("p"));
  const none = keeper(null, { make: maker() });
  assert.equal(none.open("p"), none.open("p"));
});

test("made keys are long enough and differ", () => {
  const k = keeper(shelf());
  const key = k.key(k.open("a"), wish);
  assert.match(key, /^[0-9a-f]{32}-[0-9a-f]{16}$/);
  assert.notEqual(k.open("a"), k.open("b"));
  assert.notEqual(hash("ab"), hash("ba"));
});
