import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, mock, test } from "node:test";

// What player.js loads only when it needs it is given by the test. Node loads
// modules on another thread, in its own time; here nothing waits for the clock
// of the machine.
const loads = {
  "../vendor/hls.light.js": () => ({ default: Hls }),
  "../js/rtc.js": () => ({ supported: () => true, watch: (...a) => watch(...a) }),
};
globalThis.load = async (name) => loads[name]();

async function loadPlayer() {
  const code = await readFile(new URL("player.js", import.meta.url), "utf8");
  const ours = code.replaceAll(/\bimport\(/g, "globalThis.load(");
  assert.equal(ours.split("globalThis.load(").length - 1, Object.keys(loads).length, "what player.js loads");
  return import("data:text/javascript," + encodeURIComponent(ours));
}

// Hls is hls.js: the test says what happens to it.
class Hls {
  static all = [];
  static works = true;
  static Events = { MANIFEST_PARSED: "manifest", ERROR: "error" };
  static ErrorTypes = { MEDIA_ERROR: "media", NETWORK_ERROR: "network" };
  static isSupported() { return Hls.works; }
  static get last() { return Hls.all.at(-1); }
  on = (event, f) => { this[event] = f; };
  recovered = 0;
  constructor(config) { this.config = config; Hls.all.push(this); }
  attachMedia() {}
  loadSource(url) { this.url = url; }
  recoverMediaError() { this.recovered++; }
  destroy() { this.destroyed = true; }
  breaks(more) { this.error("error", { fatal: true, type: "network", ...more }); }
}
class Video extends EventTarget {
  dataset = {};
  muted = true;
  paused = true;
  currentTime = 0;
  srcObject = null;
  src = "";
  plays = 0;
  frames = 0;
  native = "";
  refuses = () => false; // play() without a tap
  canPlayType() { return this.native; }
  getVideoPlaybackQuality() { return { totalVideoFrames: this.frames }; }
  async play() {
    this.plays++;
    if (this.refuses()) throw Object.assign(new Error("tap first"), { name: "NotAllowedError" });
    this.paused = false;
  }
  load() {}
  removeAttribute(name) { this[name] = ""; }
  is(what) { this.dispatchEvent(new Event(what)); }
}

let video, told, sessions, p, watch;
const source = { hls: "/live/1/index.m3u8", plain: "/live/1/plain.m3u8", live: true };
const fast = { ...source, whep: "/whep/1" };

const { player } = await loadPlayer();

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  mock.method(Math, "random", () => 0.5); // pauses as they are in the table
  Hls.all = [];
  Hls.works = true;
  video = new Video();
  told = [];
  sessions = [];
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  globalThis.RTCPeerConnection = class {};
  watch = (url, into, options) => {
    const s = { url, options, closed: false, close() { s.closed = true; }, tell: (state, d = {}) => options.onState(state, d) };
    sessions.push(s);
    return s;
  };
  p = player(video, { tell: (s) => told.push(s) });
});

afterEach(() => {
  p.stop();
  mock.timers.reset();
  mock.restoreAll();
});

// settle lets everything run that waits for no timer.
async function settle() {
  for (let i = 0; i < 30; i++) await new Promise(setImmediate);
}

// begin starts to play and waits for the first way.
async function begin(from) {
  p.start(from);
  await settle();
}

// pass lets seconds pass, in which pictures come or don't.
async function pass(seconds, { frames = 0 } = {}) {
  for (let i = 0; i < seconds; i++) {
    video.frames += frames;
    mock.timers.tick(1000);
    await settle();
  }
}

async function playing() {
  Hls.last?.manifest?.();
  await settle();
  video.is("playing");
}

test("LL-HLS is the first way where WebRTC is not offered", async () => {
  await begin(source);
  assert.equal(p.way, "low");
  assert.equal(video.dataset.way, "low");
  assert.equal(Hls.last.url, source.hls);
  assert.equal(Hls.last.config.lowLatencyMode, true);
  assert.equal(sessions.length, 0);
  await playing();
  assert.deepEqual(told, ["loading", "playing"]);
});

test("WebRTC is the first way where it is offered, and LL-HLS takes over at once when it fails", async () => {
  await begin(fast);
  assert.equal(p.way, "fast");
  assert.equal(sessions[0].url, fast.whep);
  assert.equal(sessions[0].options.once, true);
  assert.equal(Hls.all.length, 0);
  sessions[0].tell("failed", { reason: "network" });
  await settle();
  assert.equal(p.way, "low");
  assert.equal(sessions[0].closed, true);
  assert.ok(!told.includes("stalled"));
});

test("a browser without WebRTC goes to LL-HLS", async () => {
  globalThis.RTCPeerConnection = undefined;
  await begin(fast);
  assert.equal(p.way, "low");
  assert.equal(sessions.length, 0);
});

test("WebRTC is tried again later, and later each time", async () => {
  await begin(fast);
  for (const again of [30, 60, 120]) {
    sessions.at(-1).tell("failed", { reason: "network" });
    await settle();
    await playing();
    const n = sessions.length;
    await pass(again - 1, { frames: 1 });
    assert.equal(sessions.length, n, `tried before ${again} s`);
    await pass(1, { frames: 1 });
    assert.equal(sessions.length, n + 1, `not tried after ${again} s`);
    assert.equal(p.way, "fast");
  }
  sessions.at(-1).tell("live", {});
  sessions.at(-1).tell("failed", { reason: "network" });
  await settle();
  await playing();
  const n = sessions.length;
  await pass(30, { frames: 1 });
  assert.equal(sessions.length, n + 1, "after a success the first pause is the first one again");
});

test("what does not pass by itself waits long", async () => {
  await begin(fast);
  sessions[0].tell("failed", { reason: "rtc.b_frames" });
  await settle();
  await playing();
  await pass(599, { frames: 1 });
  assert.equal(sessions.length, 1);
  await pass(1, { frames: 1 });
  assert.equal(sessions.length, 2);
});

test("three failures of LL-HLS lead to plain HLS, three of that to the browser's own", async () => {
  video.native = "maybe";
  await begin(source);
  const ways = [];
  for (let i = 0; i < 7; i++) {
    ways.push(p.way);
    if (p.way === "native") video.is("error");
    else Hls.last.breaks();
    await pass(20);
  }
  assert.deepEqual(ways, ["low", "low", "low", "plain", "plain", "plain", "native"]);
  assert.equal(Hls.all[3].url, source.plain);
  assert.equal(Hls.all[3].config.lowLatencyMode, false);
  assert.equal(video.src, source.plain);
  assert.ok(Hls.all.every((h) => h.destroyed));
});

test("without a way of its own the browser goes round", async () => {
  await begin(source);
  for (let i = 0; i < 6; i++) {
    Hls.last.breaks();
    await pass(20);
  }
  assert.equal(p.way, "low");
  assert.equal(Hls.all.length, 7);
});

test("an old iPhone plays by itself", async () => {
  Hls.works = false;
  video.native = "probably";
  await begin(source);
  assert.equal(p.way, "native");
  assert.equal(video.src, source.plain);
  assert.equal(Hls.all.length, 0);
});

test("pauses grow to a limit, and begin anew when it plays", async () => {
  await begin(source);
  for (const wait of [1, 2, 4, 8, 15, 15]) {
    const n = Hls.all.length;
    Hls.last.breaks();
    assert.equal(p.state, "stalled");
    mock.timers.tick(wait * 1000 - 1);
    await settle();
    assert.equal(Hls.all.length, n, `tried before ${wait} s`);
    mock.timers.tick(1);
    await settle();
    assert.equal(Hls.all.length, n + 1, `not tried after ${wait} s`);
  }
  await playing();
  const n = Hls.all.length;
  Hls.last.breaks();
  await pass(1);
  assert.equal(Hls.all.length, n + 1);
});

test("a playlist that is not there yet is no fault of the way", async () => {
  await begin(source);
  for (let i = 0; i < 8; i++) {
    Hls.last.breaks({ response: { code: i % 2 ? 404 : 503 } });
    await pass(20);
  }
  assert.equal(p.way, "low");
});

test("a spoiled picture is mended twice before the way is given up", async () => {
  await begin(source);
  const first = Hls.last;
  first.breaks({ type: "media" });
  first.breaks({ type: "media" });
  assert.equal(first.recovered, 2);
  assert.equal(first.destroyed, undefined);
  first.breaks({ type: "media" });
  assert.equal(first.recovered, 2);
  assert.equal(first.destroyed, true);
  first.error("error", { fatal: false, type: "network" });
  await pass(1);
  assert.equal(Hls.all.length, 2);
});

test("words of a way that was left change nothing", async () => {
  await begin(source);
  const first = Hls.last;
  first.breaks();
  await pass(1);
  assert.equal(Hls.all.length, 2);
  await playing();
  first.breaks();
  assert.equal(p.state, "playing");
  assert.equal(Hls.last.destroyed, undefined);
});

test("a picture that stands still for 12 s is tried anew", async () => {
  await begin(source);
  await playing();
  await pass(5, { frames: 25 });
  await pass(11);
  assert.equal(Hls.all.length, 1);
  assert.equal(p.state, "playing");
  await pass(2);
  assert.equal(Hls.all.length, 2);
});

test("the same over WebRTC is its fault, and LL-HLS shows the picture", async () => {
  await begin(fast);
  sessions[0].tell("live", {});
  await settle();
  video.is("playing");
  await pass(3, { frames: 25 });
  await pass(14);
  assert.equal(p.way, "low");
  assert.equal(sessions.length, 1);
});

test("a still picture is no fault while the host is away, the viewer paused or the page hidden", async () => {
  const still = async (why) => {
    await pass(40);
    assert.equal(Hls.all.length, 1, why);
  };
  await begin({ ...source, live: false });
  await playing();
  await still("away");
  p.start(source);
  video.paused = true;
  await still("paused");
  video.paused = false;
  document.hidden = true;
  await still("hidden");
  document.hidden = false;
  await pass(13);
  assert.equal(Hls.all.length, 2);
});

test("the fast way without sound serves who is muted, another one who listens", async () => {
  await begin(fast);
  sessions[0].tell("live", { silent: true });
  await settle();
  assert.equal(p.way, "fast");
  assert.equal(p.silent, true);
  video.muted = false;
  video.is("volumechange");
  await settle();
  assert.equal(p.way, "low");
  assert.equal(p.silent, false);
  await playing();
  await pass(5, { frames: 25 });
  assert.equal(p.way, "low"); // not back while sound is wanted
  video.muted = true;
  video.is("volumechange");
  await settle();
  assert.equal(p.way, "fast");
});

test("who listens already does not stay with a silent way", async () => {
  video.muted = false;
  await begin(fast);
  sessions[0].tell("live", { silent: true });
  await settle();
  assert.equal(p.way, "low");
});

test("a browser that wants a tap gets a muted picture first, then says so", async () => {
  video.muted = false;
  video.refuses = () => !video.muted;
  await begin(source);
  await playing();
  assert.equal(video.muted, true);
  assert.equal(p.state, "playing");
  p.stop();
  video.refuses = () => true;
  p.start(source);
  await settle();
  Hls.last.manifest();
  await settle();
  assert.equal(p.state, "blocked");
});

test("starting with the same changes nothing, with another stream everything", async () => {
  await begin(source);
  p.start({ ...source });
  await settle();
  assert.equal(Hls.all.length, 1);
  p.start({ ...source, hls: "/live/2/index.m3u8" });
  await settle();
  assert.equal(Hls.all.length, 2);
  assert.equal(Hls.last.url, "/live/2/index.m3u8");
});

test("the room says that the picture is back: no pause", async () => {
  await begin(fast);
  sessions[0].tell("failed", { reason: "media.no_stream" });
  await settle();
  Hls.last.breaks();
  p.wake();
  await settle();
  assert.equal(sessions.length, 2);
  assert.equal(p.way, "fast");
});

test("a phone that slept jumps to the live edge", async () => {
  await begin(source);
  await playing();
  Hls.last.liveSyncPosition = 100;
  video.currentTime = 95;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(video.currentTime, 95); // that hls.js catches up by itself
  video.currentTime = 50;
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(video.currentTime, 100);
});

test("stop ends everything, also what was about to begin", async () => {
  await begin(source);
  Hls.last.breaks();
  p.stop();
  await pass(60);
  assert.equal(Hls.all.length, 1);
  assert.equal(p.state, "idle");
  assert.equal(p.way, "");
  p.start(source);
  p.stop();
  await settle();
  assert.equal(Hls.all.length, 1);
});
