import assert from "node:assert/strict";
import { test } from "node:test";
import { canBuy, maxChat, most, pinnedItem, purse, reduce, reduceAll, renew, scene, start } from "./state.js";

const item = (no, more = {}) => ({ id: "i" + no, no, state: "on_sale", stock: 5, price_fen: 3990, ...more });
const room = (more = {}) => start({ state: "live", stream: "live", pinned: "", items: [item(3), item(1)], chat: [], counts: { online: 1, entered: 1, likes: 0 }, ...more });

test("the tray stays in the order of its numbers, whatever changes", () => {
  let r = room();
  assert.deepEqual(r.items.map((x) => x.no), [1, 3]);
  r = reduceAll(r, [{ k: "item", d: item(2) }, { k: "item", d: item(1, { state: "off" }) }, { k: "item", d: item(3, { stock: 0, state: "sold_out" }) }]);
  assert.deepEqual(r.items.map((x) => [x.no, x.state]), [[1, "off"], [2, "on_sale"], [3, "sold_out"]]);
});

test("events do not change the room they came to", () => {
  const r = room();
  const before = JSON.stringify(r);
  reduceAll(r, [{ k: "item", d: item(9) }, { k: "chat", d: { id: "m" } }, { k: "pin", d: { item: "i1" } }, { k: "count", d: { online: 9 } }]);
  assert.equal(JSON.stringify(r), before);
});

test("a message told twice stands once, and the log has an end", () => {
  let r = room({ chat: [{ id: "a" }, { id: "a" }] });
  r = reduce(r, { k: "chat", d: { id: "a" } });
  assert.equal(r.chat.length, 1);
  for (let i = 0; i < maxChat + 20; i++) r = reduce(r, { k: "chat", d: { id: "m" + i } });
  assert.equal(r.chat.length, maxChat);
  assert.equal(r.chat.at(-1).id, "m" + (maxChat + 19));
  r = reduce(r, { k: "hide", d: { id: "m100" } });
  assert.ok(!r.chat.some((m) => m.id === "m100"));
});

test("the pinned card goes when its item is taken off or unpinned", () => {
  let r = reduce(room(), { k: "pin", d: { item: "i3" } });
  assert.equal(pinnedItem(r).no, 3);
  assert.equal(pinnedItem(reduce(r, { k: "item", d: item(3, { state: "off" }) })), null);
  assert.equal(pinnedItem(reduce(r, { k: "pin", d: { item: "" } })), null);
});

test("only what is on sale, in stock and in an open show can be bought", () => {
  const r = room();
  assert.ok(canBuy(r, item(1)));
  assert.ok(!canBuy(r, item(1, { stock: 0 })));
  assert.ok(!canBuy(r, item(1, { state: "coming" })));
  assert.ok(!canBuy({ ...r, state: "ended" }, item(1)));
  assert.equal(most(item(1, { stock: 500 })), 99);
  assert.equal(most(item(1, { stock: 5, per_person: 2 })), 2);
  assert.equal(most(item(1, { stock: 0 })), 1);
});

test("the stage shows what is true of show and picture", () => {
  for (const [state, stream, want] of [
    ["announced", "idle", "soon"], ["announced", "live", "soon"], ["live", "idle", "wait"], ["live", "live", "video"],
    ["live", "away", "away"], ["ended", "live", "ended"], ["cancelled", "idle", "cancelled"],
  ]) assert.equal(scene({ state, stream }), want, `${state}/${stream}`);
});

test("an unknown event changes nothing", () => {
  const r = room();
  assert.equal(reduce(r, { k: "from-the-future", d: {} }), r);
});

test("hearts: many taps are one request, and one's own fly once", () => {
  const p = purse(3);
  for (let i = 0; i < 5; i++) p.add();
  assert.equal(p.waiting, 3);
  assert.equal(p.take(), 3);
  assert.equal(p.take(), 0);
  assert.equal(p.others(5), 2);
  assert.equal(p.others(4), 4);
  assert.equal(reduce(room(), { k: "like", d: { n: 4 } }).hearts, 4);
});

test("the truth replaces the room, but what was said since it was read stays", () => {
  const at = (s) => `2026-11-22T20:00:0${s}Z`;
  const before = { ...room({ chat: [{ id: "hidden", at: at(1) }, { id: "b", at: at(3) }, { id: "mine", at: at(6) }] }), notice: "half an hour more" };
  const after = renew(before, { state: "live", stream: "away", at: at(5), items: [item(2), item(1)], pinned: "i2", chat: [{ id: "a", at: at(0) }, { id: "b", at: at(3) }] });
  assert.deepEqual(after.chat.map((m) => m.id), ["a", "b", "mine"]);
  assert.deepEqual([after.stream, after.pinned, after.notice], ["away", "i2", "half an hour more"]);
  assert.deepEqual(after.items.map((x) => x.no), [1, 2]);
});
