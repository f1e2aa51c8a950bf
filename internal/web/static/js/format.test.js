import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, clockText, daysApart, fill, yuan } from "./format.js";

test("yuan writes what the server writes", () => {
  for (const [fen, want] of [[0, "¥0"], [1, "¥0.01"], [3900, "¥39"], [3990, "¥39.90"], [-505, "-¥5.05"], [999999, "¥9999.99"], [1000000, "¥10,000"], [-11700050, "-¥117,000.50"], [123456789, "¥1,234,567.89"]]) assert.equal(yuan(fen), want);
});

test("a countdown shows 0:00 only when the time is over", () => {
  for (const [ms, want] of [[-5, "0:00"], [0, "0:00"], [1, "0:01"], [999, "0:01"], [60_000, "1:00"], [545_000, "9:05"], [3_723_000, "1:02:03"]]) assert.equal(clockText(ms), want);
  assert.deepEqual(daysApart(2 * 86_400_000 + 5), { days: 2, rest: 5 });
});

test("ago picks the unit people say", () => {
  assert.deepEqual(ago(-3000), [-3, "second"]);
  assert.deepEqual(ago(-5 * 60_000), [-5, "minute"]);
  assert.deepEqual(ago(3 * 3_600_000), [3, "hour"]);
  assert.deepEqual(ago(-50 * 3_600_000), [-2, "day"]);
});

test("fill leaves what it does not know", () => {
  assert.equal(fill("{n} left of {all}", { n: 0 }), "0 left of {all}");
});
