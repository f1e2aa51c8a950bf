import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterAt, clock, moment, position, slice } from "./replaytime.js";

// Two minutes, a hole of a minute, one more minute.
const spans = [{ at: 1_000_000, pos: 0, dur: 120 }, { at: 1_180_000, pos: 120, dur: 60 }];

test("a moment and its position are the same thing", () => {
  for (const pos of [0, 1.5, 119.9, 120, 150, 179.9]) assert.ok(Math.abs(position(spans, moment(spans, pos)) - pos) < 0.001, String(pos));
});

test("a moment in the hole is where the picture came back", () => {
  assert.equal(position(spans, 1_150_000), 120);
  assert.equal(position(spans, 0), 0);
  assert.equal(position(spans, 9_000_000), 180);
  assert.equal(position([], 5), 0);
});

test("chapters begin where they begin", () => {
  const ch = [{ pos: 10 }, { pos: 50 }, { pos: 50 }, { pos: 90 }];
  assert.deepEqual([0, 9.9, 10, 49, 50, 89, 500].map((p) => chapterAt(ch, p)), [-1, -1, 0, 0, 2, 2, 3]);
});

test("a player's clock", () => {
  assert.deepEqual([0, 59.9, 61, 3600, 3725.2].map(clock), ["0:00", "0:59", "1:01", "1:00:00", "1:02:05"]);
});

test("slices of the chat meet without a hole", () => {
  assert.equal(slice(299_999), 0);
  assert.equal(slice(300_000), 300_000);
});
