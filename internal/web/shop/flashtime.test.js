import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, deal, nextChange, phase } from "./flashtime.js";

const at = (s) => new Date(Date.UTC(2026, 10, 23, 12, 0, s)).toISOString();
const ms = (s) => Date.parse(at(s));
const item = (more = {}) => ({ id: "i", price_fen: 3990, was_fen: 0, stock: 9, net_g: 500, per_person: 5, flash: { price_fen: 1990, total: 20, left: 6, per_person: 2, countdown: at(0), starts: at(10), ends: at(70) }, ...more });

test("the state follows from the times", () => {
  const it = item();
  assert.deepEqual([-1, 0, 9.999, 10, 69.9, 70].map((s) => phase(it, ms(0) + s * 1000)), ["planned", "countdown", "countdown", "running", "running", "over"]);
  assert.equal(phase(item({ flash: { ...it.flash, left: 0 } }), ms(20)), "over");
  assert.equal(phase({ id: "x" }, ms(20)), "");
});

test("while it runs the flash price counts, before and after the normal one", () => {
  const it = item();
  assert.equal(deal(it, ms(5)).price_fen, 3990);
  const d = deal(it, ms(20));
  assert.deepEqual([d.price_fen, d.was_fen, d.stock, d.per_person, d.per_500g_fen], [1990, 3990, 6, 2, 1990]);
  assert.equal(deal(it, ms(70)).price_fen, 3990);
  assert.equal(it.price_fen, 3990);
});

test("the next turn is awaited, and none after the last", () => {
  const it = item();
  assert.equal(nextChange([it, { id: "x" }], ms(-3)), 3000);
  assert.equal(nextChange([it], ms(3)), 7000);
  assert.equal(nextChange([it], ms(30)), 40_000);
  assert.equal(nextChange([it], ms(70)), Infinity);
});

test("a wrong clock and slow messages don't matter", () => {
  let t = 1000;
  const c = clock(() => t, () => 0);
  assert.equal(c.now(), 0);
  c.seen(at(0)); // 900 ms on the way
  t += 5000;
  c.seen(at(5.9)); // nothing on the way
  assert.equal(c.now(), ms(5.9));
  t += 5000;
  c.seen(at(8)); // late again: not believed
  assert.equal(c.now(), ms(10.9));
  c.seen("nonsense");
  assert.equal(c.now(), ms(10.9));
});
