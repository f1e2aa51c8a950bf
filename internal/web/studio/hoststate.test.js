import assert from "node:assert/strict";
import { test } from "node:test";
import { beside, cameraTrouble, cover, ear, frames, kbps, light, loudness, network, occupied, reader, refusal, stage, steady, trouble, voiceWord } from "./hoststate.js";

const phone = { secure: true, agent: "Mozilla/5.0 (Linux; Android 10) Chrome/120", devices: true, rtc: true };

test("a browser that can't is told apart", () => {
  assert.equal(trouble(phone), "");
  assert.equal(trouble({ ...phone, secure: false, devices: false }), "insecure");
  assert.equal(trouble({ ...phone, agent: phone.agent + " MicroMessenger/8.0", devices: false }), "wechat");
  assert.equal(trouble({ ...phone, agent: phone.agent + " MicroMessenger/8.0" }), ""); // newer ones can
  assert.equal(trouble({ ...phone, agent: phone.agent + " DingTalk/7", rtc: false }), "inapp");
  assert.equal(trouble({ ...phone, devices: false }), "browser");
  assert.equal(trouble({ ...phone, capture: false }), "browser");
  assert.equal(cameraTrouble("NotAllowedError"), "denied");
  assert.equal(cameraTrouble("NotReadableError"), "busy");
  assert.equal(cameraTrouble("NotFoundError"), "nocamera");
  assert.equal(cameraTrouble("TypeError"), "camera");
});

test("the stage follows the facts", () => {
  const at = (x) => stage({ show: "announced", camera: "on", wanted: false, link: "", ...x });
  assert.equal(at({ show: "draft" }), "draft");
  assert.equal(at({ show: "ended", bad: "denied" }), "ended");
  assert.equal(at({ bad: "denied" }), "trouble");
  assert.equal(at({ camera: "opening" }), "opening");
  assert.equal(at({}), "ready");
  assert.equal(at({ show: "live" }), "again"); // a reload: one tap to continue
  assert.equal(at({ wanted: true, link: "connecting" }), "starting");
  assert.equal(at({ wanted: true, link: "live" }), "starting"); // the picture is there, the show not yet
  assert.equal(at({ wanted: true, link: "live", show: "live" }), "live");
  assert.equal(at({ wanted: true, link: "live", show: "live", camera: "away" }), "away");
  assert.equal(at({ wanted: true, link: "retrying", show: "live", camera: "away" }), "retrying");
  assert.equal(at({ wanted: true, link: "failed", show: "live" }), "failed");
});

// grey makes a picture with a middle and an edge.
function grey(mid, edge, w = 16, h = 16) {
  const px = new Uint8ClampedArray(4 * w * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const inside = x >= w / 4 && x < (3 * w) / 4 && y >= h / 4 && y < (3 * h) / 4;
    px.fill(inside ? mid : edge, 4 * (y * w + x), 4 * (y * w + x) + 4);
  }
  return [px, w, h];
}

test("light in words", () => {
  assert.equal(light(...grey(20, 25)), "dark");
  assert.equal(light(...grey(60, 200)), "backlit");
  assert.equal(light(...grey(130, 120)), "good");
  assert.equal(light(...grey(255, 255)), "bright");
  assert.equal(light(...grey(100, 40)), "good"); // a lamp on the face
  assert.equal(light(new Uint8ClampedArray(0), 0, 0), "good");
});

test("words don't flicker", () => {
  const s = steady(3, "good");
  assert.deepEqual(["dark", "good", "dark", "dark", "good", "dark", "dark", "dark"].map(s), ["good", "good", "good", "good", "good", "good", "good", "dark"]);
});

test("network in words, and what is done about it", () => {
  const ok = { lost: 0, rtt: 40, kbps: 1200, limited: "none" };
  assert.equal(network("live", ok), "good");
  assert.equal(network("live", { ...ok, limited: "bandwidth" }), "weak");
  assert.equal(network("live", { ...ok, lost: 0.05 }), "weak");
  assert.equal(network("live", { ...ok, lost: 0.2 }), "bad");
  assert.equal(network("live", { ...ok, kbps: 90 }), "good"); // a still picture
  assert.equal(network("live", { ...ok, kbps: 90, limited: "bandwidth" }), "bad");
  assert.equal(network("live", null), "none");
  assert.equal(network("retrying", ok), "lost");
  assert.equal(network("connecting", null), "none");
  assert.deepEqual(["good", "weak", "bad", "none"].map(frames), [30, 20, 12, 30]);
  assert.equal(kbps(undefined), 1500);
  assert.equal(kbps({ effectiveType: "4g", downlink: 10 }), 1500);
  assert.equal(kbps({ effectiveType: "4g", downlink: 1 }), 700);
  assert.equal(kbps({ effectiveType: "2g", downlink: 0.3 }), 400);
  assert.equal(kbps({ effectiveType: "4g", downlink: 10, saveData: true }), 400);
});

test("the ear hears a voice over the noise of the room", () => {
  const e = ear();
  for (let i = 0; i < 100; i++) e.hear(0.004, 100); // ten quiet seconds
  for (let i = 0; i < 50; i++) assert.equal(e.hear(0.1, 100), true);
  for (let i = 0; i < 30; i++) e.hear(0.004, 100);
  const a = e.take();
  assert.equal(a.heard, 18_000);
  assert.ok(a.talk >= 5000 && a.talk <= 5500, `talk ${a.talk}`);
  assert.ok(a.pause >= 9_500 && a.pause <= 10_000, `pause ${a.pause}`);
  for (let i = 0; i < 20; i++) e.hear(0.004, 100);
  assert.ok(e.take().pause >= 4000, "a silence goes on over a take");
  assert.deepEqual(e.take(), { heard: 0, talk: 0, pause: 0 });
});

test("a steady noise is no voice for ever", () => {
  const e = ear();
  let voiced = 0;
  for (let i = 0; i < 6000; i++) voiced += e.hear(0.02, 100) ? 1 : 0; // ten minutes of a fan
  const late = [];
  for (let i = 0; i < 100; i++) late.push(e.hear(0.02, 100));
  assert.ok(late.every((x) => !x), "still voice after ten minutes");
  assert.ok(voiced < 6000);
});

test("loudness", () => {
  assert.equal(loudness([]).bar, 0);
  assert.equal(loudness([0, 0]).bar, 0);
  assert.ok(loudness([1, -1]).bar === 1);
  assert.ok(Math.abs(loudness([0.1, -0.1]).bar - 40 / 54) < 0.01);
  assert.deepEqual([voiceWord(0.5, 0), voiceWord(0.99, 0), voiceWord(0.1, 20_000)], ["ok", "loud", "soft"]);
});

test("a place that stays taken is not the network", () => {
  const at = occupied(3);
  assert.equal(at("retrying", "network"), "retrying");
  assert.deepEqual([at("retrying", "media.busy"), at("connecting"), at("retrying", "media.busy"), at("connecting")], ["connecting", "connecting", "connecting", "connecting"]);
  assert.equal(at("retrying", "media.busy"), "failed");
  const again = occupied(2);
  again("retrying", "media.busy");
  again("live");
  assert.equal(again("retrying", "media.busy"), "connecting"); // counted anew after it was live
  assert.deepEqual([refusal("media.busy"), refusal("rtc.elsewhere"), refusal("blocked"), refusal("network")], ["elsewhere", "elsewhere", "blocked", ""]);
  assert.deepEqual([network("failed", null), network("failed", null, "elsewhere"), network("retrying", null, "")], ["lost", "none", "lost"]);
});

test("one tap to the next product", () => {
  const items = [{ id: "a" }, { id: "b", state: "off" }, { id: "c" }];
  assert.equal(beside(items, "", 1).id, "a");
  assert.equal(beside(items, "", -1), null);
  assert.equal(beside(items, "a", 1).id, "c");
  assert.equal(beside(items, "c", -1).id, "a");
  assert.equal(beside(items, "c", 1), null);
  assert.equal(beside([], "", 1), null);
});

test("rotation never stretches", () => {
  assert.deepEqual(cover(720, 1280, 720, 1280), [0, 0, 720, 1280]);
  const [x, y, w, h] = cover(1280, 720, 720, 1280); // held sideways
  assert.ok(Math.abs(w / h - 720 / 1280) < 1e-9 && h === 720 && y === 0 && Math.abs(x - (1280 - w) / 2) < 1e-9);
});

test("what is read aloud", () => {
  const r = reader(2);
  const m = (id, more) => ({ id, body: "x", ...more });
  const hear = (...chat) => { r.hear(chat); return all(r); };
  assert.deepEqual(hear(m("1")), []); // what was there before is not read
  assert.deepEqual(hear(m("1"), m("2"), m("3", { badge: "host" })), ["2"]);
  assert.deepEqual(hear(...["2", "3", "4", "5", "6"].map((i) => m(i))), ["5", "6"]);
  assert.deepEqual(hear(m("6"), { id: "g", gift: {} }), []);
});

// all is everything that waits, each read to its end.
function all(r) {
  const out = [];
  for (let m; (m = r.next(0)); r.done()) out.push(m.id);
  return out;
}

test("a busy room is not read ever later", () => {
  const r = reader(3);
  const chat = [];
  r.hear(chat);
  const said = [];
  for (let i = 1; i <= 100; i++) { // comments come one by one, every fifth time one has been read
    chat.push({ id: String(i), body: "x" });
    r.hear([...chat]);
    if (i % 5 === 0) r.done();
    const m = r.next(i);
    if (m) said.push([Number(m.id), i]);
  }
  assert.equal(said.length, 21); // the first at once, then one for each end
  assert.ok(said.every(([id, at]) => at - id < 3), `late: ${said.join(" ")}`);
  r.done();
  assert.deepEqual(all(r), ["99", "100"]);
});

test("reading goes on when a browser forgets the end, and says nothing of what came before it was turned on", () => {
  const r = reader(3, 1000);
  r.hear([]);
  r.hear([{ id: "1", body: "x" }, { id: "2", body: "x" }]);
  assert.equal(r.next(5000).id, "1");
  assert.equal(r.next(5999), null);
  assert.equal(r.next(6000).id, "2");
  r.done();
  const more = [{ id: "3", body: "x" }];
  r.hear(more, false);
  r.hear(more, true);
  assert.equal(r.next(9000), null);
});
