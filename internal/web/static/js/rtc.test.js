import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { publish, watch } from "./rtc.js";

// The browser, as small as rtc.js needs it.

// Peer is a connection whose state the test moves.
class Peer {
  static all = [];
  connectionState = "new";
  transceivers = [];
  stats = new Map();
  constructor() { Peer.all.push(this); }
  static get last() { return Peer.all.at(-1); }
  addTransceiver(what, init) {
    const sender = {
      track: typeof what === "string" ? null : what,
      getParameters: () => ({}),
      setParameters: async (p) => { sender.parameters = p; },
      replaceTrack: async (t) => { sender.track = t; },
    };
    const t = { kind: typeof what === "string" ? what : what.kind, init, sender, setCodecPreferences(c) { t.codecs = c; } };
    this.transceivers.push(t);
    return t;
  }
  of(kind) { return this.transceivers.find((t) => t.kind === kind); }
  async createOffer() { return { type: "offer", sdp: "the offer" }; }
  async setLocalDescription(d) { this.localDescription = d; }
  async setRemoteDescription(d) { this.remote = d; }
  async getStats() { return this.stats; }
  close() { this.connectionState = "closed"; }
  to(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  hears(packets) {
    this.stats = new Map(Object.entries(packets).map(([kind, n]) => [kind, { type: "inbound-rtp", kind, packetsReceived: n }]));
  }
}

class Stream {
  constructor(tracks = []) { this.tracks = tracks; }
  addTrack(t) { this.tracks.push(t); }
  getVideoTracks() { return this.tracks.filter((t) => t.kind === "video"); }
  getAudioTracks() { return this.tracks.filter((t) => t.kind === "audio"); }
}

const camera = (name = "front") => ({ kind: "video", name });
const microphone = (name = "mic") => ({ kind: "audio", name });

let requests, server, heard, page, codecs;

const taken = () => ({ status: 201, body: "the answer", place: "/whip/1/s" + requests.length });
const refused = (status, body) => () => ({ status, body: typeof body === "string" ? body : JSON.stringify(body) });

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  mock.method(Math, "random", () => 0.5); // pauses as they are in the table
  mock.method(console, "error", () => {});
  Peer.all = [];
  requests = [];
  heard = [];
  server = taken;
  page = new EventTarget();
  codecs = [
    { mimeType: "video/VP8" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=0;profile-level-id=42e01f" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=640c1f" },
    { mimeType: "video/H264", sdpFmtpLine: "packetization-mode=1;profile-level-id=42e01f" },
    { mimeType: "video/rtx" },
  ];
  const side = { getCapabilities: () => ({ codecs }) };
  const put = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  put("RTCPeerConnection", Peer);
  put("RTCRtpSender", side);
  put("RTCRtpReceiver", side);
  put("MediaStream", Stream);
  put("location", { href: "https://shop.test/room/1" });
  put("document", Object.assign(new EventTarget(), { hidden: false }));
  put("navigator", { connection: new EventTarget() });
  put("addEventListener", page.addEventListener.bind(page));
  put("removeEventListener", page.removeEventListener.bind(page));
  put("fetch", async (url, o) => {
    requests.push({ url, ...o });
    if (o.method === "DELETE") return { status: 200 };
    const r = await server();
    return { status: r.status, text: async () => r.body, url: "https://shop.test/whip/1", headers: { get: () => r.place } };
  });
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

const onState = (state, detail) => heard.push({ state, ...detail });
const states = () => heard.map((h) => h.state);
const asked = (method) => requests.filter((r) => r.method === method);

// settle lets everything run that waits for no timer.
async function settle() {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
}

async function pass(ms) {
  mock.timers.tick(ms);
  await settle();
}

// live begins a session and lets its media flow.
async function live(start) {
  const it = start();
  await settle();
  Peer.last.to("connected");
  await settle();
  assert.equal(it.state, "live");
  return it;
}

const send = (o) => publish("/whip/1", new Stream([camera(), microphone()]), { onState, ...o });

test("a camera goes out: connecting, then live", async () => {
  const p = send({ bearer: "secret", kbps: 900 });
  await settle();
  assert.deepEqual(states(), ["connecting"]);
  const [post] = asked("POST");
  assert.equal(post.url, "/whip/1");
  assert.equal(post.body, "the offer");
  assert.equal(post.headers.Authorization, "Bearer secret");
  assert.equal(post.headers["Content-Type"], "application/sdp");
  assert.deepEqual(Peer.last.remote, { type: "answer", sdp: "the answer" });
  assert.equal(p.state, "connecting"); // an answer is no picture yet
  Peer.last.to("connected");
  await settle();
  assert.deepEqual(states(), ["connecting", "live"]);
  const video = Peer.last.of("video");
  assert.equal(video.init.sendEncodings[0].maxBitrate, 900_000);
  assert.equal(video.sender.parameters.degradationPreference, "maintain-resolution");
  assert.deepEqual(video.codecs.map((c) => c.sdpFmtpLine ?? c.mimeType), [
    "packetization-mode=1;profile-level-id=42e01f", "packetization-mode=1;profile-level-id=640c1f",
    "packetization-mode=0;profile-level-id=42e01f", "video/rtx"]); // and no VP8
  p.close();
});

test("pauses grow to a limit and begin anew after a success", async () => {
  server = () => { throw new TypeError("no network"); };
  const p = send();
  await settle();
  for (const wait of [300, 1000, 2000, 4000, 8000, 8000]) {
    assert.deepEqual({ ...heard.at(-1) }, { state: "retrying", reason: "network", text: "", wait });
    const before = requests.length;
    await pass(wait - 1);
    assert.equal(requests.length, before, "asked before the pause was over");
    await pass(1);
    assert.equal(requests.length, before + 1, "not asked after the pause");
  }
  server = taken;
  await pass(8000);
  Peer.last.to("connected");
  await settle();
  assert.equal(p.state, "live");
  Peer.last.to("failed");
  await settle();
  assert.equal(heard.at(-1).wait, 300);
  assert.equal(new Set(asked("POST").map((r) => r.headers["Lindu-By"])).size, 1); // the server knows that it is the same
  p.close();
});

test("a 503 is tried again when the server says, with its words", async () => {
  server = refused(503, { code: "media.full", title: "Every place is taken", retry_after: 30 });
  const p = send();
  await settle();
  assert.deepEqual({ ...heard.at(-1) }, { state: "retrying", reason: "media.full", text: "Every place is taken", wait: 30_000 });
  await pass(29_999);
  assert.equal(asked("POST").length, 1);
  await pass(1);
  assert.equal(asked("POST").length, 2);
  p.close();
});

test("a proxy's page is known by its status", async () => {
  server = refused(502, "<html>Bad Gateway</html>");
  const p = send();
  await settle();
  assert.equal(heard.at(-1).reason, "http 502");
  assert.equal(p.state, "retrying");
  p.close();
});

test("what does not pass by itself is given up", async () => {
  for (const [status, body, want] of [
    [403, { code: "rtc.off", title: "no" }, "failed"],
    [409, { code: "rtc.elsewhere" }, "failed"],
    [404, { code: "media.no_stream" }, "retrying"], // the host has not begun yet
    [409, { code: "media.busy" }, "retrying"],
  ]) {
    server = refused(status, body);
    const before = requests.length;
    const p = send();
    await settle();
    assert.equal(p.state, want, body.code);
    await pass(60_000);
    assert.equal(requests.length === before + 1, want === "failed", body.code);
    page.dispatchEvent(new Event("online"));
    await settle();
    assert.equal(requests.length === before + 1, want === "failed", body.code + " after the network changed");
    p.close();
  }
});

test("no media through a firewall: blocked, and the place is given back", async () => {
  const p = send();
  await settle();
  await pass(11_999);
  assert.equal(p.state, "connecting");
  await pass(1);
  assert.equal(heard.at(-1).reason, "blocked");
  assert.deepEqual(asked("DELETE").map((r) => r.url), ["https://shop.test/whip/1/s1"]);
  p.close();
});

test("a short disturbance is nothing, a long one is a cut", async () => {
  const p = await live(send);
  Peer.last.to("disconnected");
  await pass(2999);
  Peer.last.to("connected");
  await pass(10_000);
  assert.equal(p.state, "live");
  Peer.last.to("disconnected");
  await pass(3000);
  assert.deepEqual(states(), ["connecting", "live", "retrying"]);
  assert.equal(asked("DELETE").length, 1);
  await pass(300);
  assert.equal(asked("POST").length, 2);
  p.close();
});

test("the network is back: tried at once, but not by a page in the background", async () => {
  server = refused(503, { code: "media.full", retry_after: 600 });
  const p = send();
  await settle();
  document.hidden = true;
  page.dispatchEvent(new Event("online"));
  await settle();
  assert.equal(asked("POST").length, 1);
  document.hidden = false;
  document.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(asked("POST").length, 2);
  navigator.connection.dispatchEvent(new Event("change"));
  await settle();
  assert.equal(asked("POST").length, 3);
  p.close();
  page.dispatchEvent(new Event("online"));
  await pass(600_000);
  assert.equal(asked("POST").length, 3, "tried after close");
});

test("close ends the session at the server, once, and tries no more", async () => {
  const p = await live(send);
  const pc = Peer.last;
  p.close();
  p.close();
  await pass(60_000);
  assert.equal(pc.connectionState, "closed");
  const [del, ...more] = asked("DELETE");
  assert.equal(del.url, "https://shop.test/whip/1/s1");
  assert.equal(del.keepalive, true); // it survives the page
  assert.equal(more.length, 0);
  assert.equal(asked("POST").length, 1);
});

test("close before the answer gives the place back too", async () => {
  let answer;
  server = () => new Promise((ok) => { answer = () => ok(taken()); });
  const p = send();
  await settle();
  p.close();
  assert.equal(asked("DELETE").length, 0); // nobody knows the place yet
  answer();
  await settle();
  assert.equal(asked("DELETE").length, 1);
  assert.equal(Peer.last.connectionState, "closed");
  assert.ok(!states().includes("live"));
});

test("a page that goes frees its place and comes back from the cache", async () => {
  const p = await live(send);
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(asked("DELETE").length, 1);
  page.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
  await pass(300);
  assert.equal(asked("POST").length, 2);
  assert.equal(asked("DELETE").length, 1);
  p.close();
});

test("another camera is put in place without a cut, and stays after one", async () => {
  const p = await live(send);
  const first = Peer.last;
  await p.replace(camera("back"));
  assert.equal(first.of("video").sender.track.name, "back");
  assert.equal(first.of("audio").sender.track.name, "mic");
  assert.equal(Peer.all.length, 1);
  await p.replace(microphone("headset"));
  first.to("failed");
  await pass(300);
  assert.equal(Peer.all.length, 2);
  assert.equal(Peer.last.of("video").sender.track.name, "back");
  assert.equal(Peer.last.of("audio").sender.track.name, "headset");
  await p.replace(null);
  assert.equal(Peer.last.of("video").sender.track, null);
  p.close();
});

test("a browser without H.264 or without WebRTC is told so, for good", async () => {
  codecs = [{ mimeType: "video/VP8" }];
  const none = send();
  await settle();
  assert.equal(none.state, "failed");
  assert.equal(heard.at(-1).reason, "unsupported");
  heard = [];
  globalThis.RTCPeerConnection = undefined;
  const old = send();
  await settle();
  assert.equal(old.state, "failed");
  assert.deepEqual(states(), ["failed"]);
  assert.equal(heard[0].reason, "unsupported");
  await pass(60_000);
  assert.equal(requests.length, 0);
});

const look = (o) => () => watch("/whep/1", {}, { onState, ...o });

test("a picture without sound says so, and when the sound comes", async () => {
  const w = await live(look());
  Peer.last.hears({ video: 10, audio: 0 });
  await pass(1000);
  Peer.last.hears({ video: 20, audio: 0 });
  await pass(1000);
  assert.equal(w.silent, true);
  assert.equal(heard.at(-1).silent, true);
  Peer.last.hears({ video: 30, audio: 5 });
  await pass(1000);
  assert.equal(w.silent, false);
  assert.equal(heard.at(-1).silent, false);
  await pass(20_000); // the publisher is away: no fault of the way
  assert.equal(w.state, "live");
  assert.equal(w.silent, false);
  w.close();
});

test("connected and nothing comes: frozen", async () => {
  const w = await live(look());
  for (let i = 0; i < 7; i++) await pass(1000);
  assert.equal(w.state, "live");
  await pass(1000);
  assert.equal(w.state, "retrying");
  assert.equal(heard.at(-1).reason, "frozen");
  w.close();
});

test("with once every end is one", async () => {
  const w = await live(look({ once: true }));
  Peer.last.to("failed");
  await settle();
  assert.equal(w.state, "failed");
  assert.equal(heard.at(-1).reason, "network");
  await pass(60_000);
  assert.equal(asked("POST").length, 1);
});

test("the tracks that come are shown, and close takes only our own away", async () => {
  const video = {};
  const w = watch("/whep/1", video, { onState });
  await settle();
  const receiver = { playoutDelayHint: 5 };
  Peer.last.ontrack({ track: camera(), receiver });
  assert.equal(video.srcObject.tracks.length, 1);
  assert.equal(receiver.playoutDelayHint, 0);
  const other = video.srcObject = new Stream();
  w.close();
  assert.equal(video.srcObject, other);
});

test("figures are of the time since the last look", async () => {
  const p = await live(send);
  const at = (timestamp, bytesSent, framesEncoded, packetsSent, packetsLost) => new Map(Object.entries({
    out: { type: "outbound-rtp", kind: "video", timestamp, bytesSent, framesEncoded, packetsSent, frameWidth: 720, frameHeight: 1280, qualityLimitationReason: "cpu" },
    remote: { type: "remote-inbound-rtp", kind: "video", packetsLost },
    pair: { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.04, localCandidateId: "mine" },
    mine: { protocol: "tcp" },
  }));
  Peer.last.stats = at(1000, 0, 0, 0, 0);
  assert.equal((await p.stats()).kbps, 0);
  Peer.last.stats = at(3000, 250_000, 50, 90, 10);
  assert.deepEqual(await p.stats(), { kbps: 1000, fps: 25, lost: 0.1, width: 720, height: 1280, rtt: 40, limited: "cpu", path: "tcp" });
  p.close();
  assert.equal(await p.stats(), null);
});
