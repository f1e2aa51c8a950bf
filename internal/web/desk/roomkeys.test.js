import assert from "node:assert/strict";
import { test } from "node:test";
import { bigStep, command, entry, keymap, neighbour, pinning, step, target } from "./roomkeys.js";
import { due, urgency } from "./ring.js";

const item = (no, more = {}) => ({ id: "i" + no, no, name: "N" + no, state: "on_sale", stock: 9, price_fen: 3990, ...more });
const room = (more = {}) => ({ state: "live", pinned: "i3", items: [item(1), item(2, { state: "off" }), item(3), item(12)], chat: [], ...more });
const op = { may: { run: true, talk: true } };

test("a number chooses a room, a letter does something in it", () => {
  assert.deepEqual(command({ key: "2" }, op), { do: "choose", no: 2 });
  assert.deepEqual(command({ key: "N" }, op), { do: "next" });
  assert.deepEqual(command({ key: "ArrowDown" }, op), { do: "down" });
  assert.equal(command({ key: "7" }, op), null);
  assert.equal(command({ key: "j" }, op), null);
});

test("keys mean nothing while somebody types, in a dialog, held down, or turned off", () => {
  for (const how of [{ typing: true }, { dialog: true }, { on: false }]) assert.equal(command({ key: "n" }, { ...op, ...how }), null);
  for (const e of [{ key: "n", ctrlKey: true }, { key: "n", isComposing: true }, { key: "h", repeat: true }]) assert.equal(command(e, op), null);
});

test("a moderator's keys change no goods, an overseer's nothing", () => {
  for (const key of ["n", "e", "+", "s", "f", "q", "o"]) assert.equal(command({ key }, { may: { talk: true } }), null);
  assert.deepEqual(command({ key: "h" }, { may: { talk: true } }), { do: "hide" });
  assert.equal(command({ key: "h" }, { may: {} }), null);
  assert.deepEqual(command({ key: "m" }, { may: {} }), { do: "sound" });
});

test("what is typed is read as people type it", () => {
  assert.equal(entry("price", "12 29.9", room()).item.no, 12);
  assert.deepEqual([entry("price", "29.9", room()).item.no, entry("price", "29.9", room()).value], [3, "29.9"]);
  const wide = entry("price", "\uff11\u53f7\u3000\uff12\uff19\u3002\uff19\u5143", room());
  assert.deepEqual([wide.item.no, wide.value], [1, "29.9"]);
  assert.deepEqual([entry("stock", "1 +20", room()).item.no, entry("stock", "1 +20", room()).value], [1, 20]);
  assert.equal(entry("pin", " 12 ", room()).item.no, 12);
  assert.equal(entry("slow", "0", room()).value, 0);
  assert.deepEqual(["0", "20", "-1"].map((s) => entry("hold", s, room()).value), [0, 20, -1]);
  assert.deepEqual([entry("flash", "", room()).item.no, entry("flash", "12", room()).item.no], [3, 12]);
});

test("what can't be meant changes nothing", () => {
  for (const [kind, text, error] of [["pin", "2", "no_item"], ["pin", "9", "no_item"], ["pin", "", "no_number"], ["pin", "1 2", "no_number"], ["price", "9 10", "no_item"],
    ["price", "1.999", "no_price"], ["price", "0", "no_price"], ["price", "1 2 3", "no_price"], ["price", "-5", "no_price"], ["stock", "1.5", "no_stock"], ["stock", "0", "no_stock"], ["slow", "-1", "no_slow"], ["hold", "-2", "no_hold"], ["hold", "", "no_hold"], ["flash", "2", "no_item"], ["flash", "1 2", "no_number"]]) {
    assert.equal(entry(kind, text, room()).error, error, `${kind} ${text}`);
  }
  assert.equal(entry("price", "10", room({ pinned: "" })).error, "no_pin");
});

test("next and previous go round what can be bought", () => {
  assert.equal(neighbour(room(), 1).no, 12);
  assert.equal(neighbour(room(), -1).no, 1);
  assert.equal(neighbour(room({ pinned: "i12" }), 1).no, 1);
  assert.equal(neighbour(room({ pinned: "" }), 1).no, 1);
  assert.equal(neighbour(room({ items: [item(3)] }), 1), null);
  assert.equal(neighbour(room({ items: [], pinned: "" }), 1), null);
});

test("a price that is a slip is asked about", () => {
  assert.ok(bigStep(3690, 300));
  assert.ok(bigStep(3690, 36900));
  assert.ok(!bigStep(3690, 2990));
});

test("an action means the selected comment, else the last of a viewer", () => {
  const r = room({ chat: [{ id: "a" }, { id: "b" }, { id: "g", gift: {} }, { id: "s", badge: "staff" }] });
  assert.equal(target(r, "a").id, "a");
  assert.equal(target(r, "").id, "b");
  assert.equal(target(r, "gone").id, "b");
  assert.equal(target(room(), ""), null);
  assert.equal(step(r, "", -1), "s");
  assert.equal(step(r, "s", -1), "b");
  assert.equal(step(r, "a", -1), "a");
  assert.equal(step(room(), "", 1), "");
});

test("the key for the comment above the chat puts one there or takes it off", () => {
  const chat = [{ id: "a" }, { id: "b" }, { id: "s", badge: "staff" }];
  assert.equal(pinning(room({ chat }), "a").m.id, "a");
  assert.equal(pinning(room({ chat }), "").m.id, "b");
  assert.equal(pinning(room({ chat, comment: chat[0] }), "b").m.id, "b");
  assert.deepEqual(pinning(room({ chat, comment: chat[0] }), "a"), { m: null });
  assert.deepEqual(pinning(room({ chat, comment: chat[0] }), ""), { m: null });
  assert.equal(pinning(room(), ""), null);
});

test("every key of the room does one thing, and is no number", () => {
  assert.ok(Object.keys(keymap).every((k) => !/^[1-6]$/.test(k)));
  const names = Object.values(keymap);
  for (const what of ["flash", "coupon", "price", "stock", "pin", "comment", "reply", "hide", "mute", "release", "refuse", "list", "slow", "hold", "correct", "kill", "move"]) assert.ok(names.includes(what), what);
});

test("a call rings until somebody answers, and louder after a minute", () => {
  const at = Date.parse("2026-09-11T12:00:00Z"), call = { since: "2026-09-11T12:00:00Z" };
  assert.equal(urgency([], at).level, 0);
  assert.deepEqual(urgency([call], at + 59_000), { level: 1, seconds: 59 });
  assert.deepEqual(urgency([call], at + 60_000), { level: 2, seconds: 60 });
  assert.equal(urgency([{ ...call, by: "Zhou" }], at + 90_000).level, 0);
  assert.equal(urgency([call], at - 5000).level, 1); // a clock that is behind
  assert.deepEqual([0, 1, 2, 3].map((s) => due(1, s)), [true, false, false, true]);
  assert.ok(due(2, 1));
});
