// The picture by WebRTC: publish sends a camera by WHIP, watch shows a stream by
// WHEP. Both keep at it by themselves: they come back after a cut of the network
// with growing pauses, at once when the network changes or the page wakes up.
//
//   const p = publish("/whip/" + show, mediaStream, { onState, kbps, bearer });
//   const w = watch("/whep/" + show, video, { onState, once });
//
// onState(state, detail) is called at every change. state:
//   connecting  the first try
//   live        media flows
//   retrying    it broke and is tried again; detail says why and in how many ms
//   failed      it is given up: nothing but a new call helps. With once (watch),
//               every end is one, for pages that have another way
// detail: { reason, text, wait, silent }
//   reason  unsupported  this browser can't (no WebRTC, no H.264)
//           network      no answer, or the connection broke
//           blocked      answered, but no media gets through (a firewall)
//           frozen       connected, but nothing comes
//           otherwise the server's key: media.busy, rtc.elsewhere, rtc.full_viewers …
//   text    the server's own words for the person, "" where it said nothing
//   wait    retrying: ms until the next try
//   silent  watch, live: the picture has no sound this way (RTMP sends AAC)
//
// publish gives { close(), replace(track), stats(), state }. replace puts another
// camera or microphone in place without a cut; null mutes. stats() gives, for the
// last second or so, { kbps, fps, width, height, lost (0..1), rtt (ms), limited
// ("none", "cpu", "bandwidth"), path ("udp", "tcp") }, or null when not connected.
// watch gives { close(), stats(), state, silent }.
const pauses = [300, 1000, 2000, 4000, 8000]; // ms between tries
const connectWithin = 12_000;
const patience = 3_000; // a connection that is disturbed may come back by itself
const refusals = [400, 401, 403, 404, 410, 413, 415, 422]; // trying again would not help

// supported tells whether this browser can do it at all.
export const supported = () => typeof RTCPeerConnection === "function";

const token = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16).padStart(2, "0")).join("");

// Refusal is what the server says no with, or that it can't be reached.
class Refusal extends Error {
  constructor(reason, { text = "", final = false, after = 0 } = {}) {
    super(text || reason);
    Object.assign(this, { reason, text, final, after });
  }
}

// offerTo sends an offer; it gives the answer and where the session can be ended.
async function offerTo(url, sdp, { bearer, by }) {
  const headers = { "Content-Type": "application/sdp", Accept: "application/sdp, application/json" };
  if (bearer) headers.Authorization = "Bearer " + bearer;
  if (by) headers["Lindu-By"] = by;
  let res, text;
  try {
    res = await fetch(url, { method: "POST", headers, body: sdp, credentials: "same-origin", signal: AbortSignal.timeout?.(10_000) });
    text = await res.text();
  } catch {
    throw new Refusal("network");
  }
  if (res.status === 201) return { answer: text, place: new URL(res.headers.get("Location"), res.url || location.href).href };
  let told = {};
  try { told = JSON.parse(text); } catch { /* a proxy's page: its status is all we know */ }
  throw new Refusal(told.code ?? "http " + res.status, { text: told.title ?? "", final: (refusals.includes(res.status) && told.code !== "media.no_stream") || told.code === "rtc.elsewhere",
    after: 1000 * (told.retry_after || 0) });
}

// leave ends a session at the server; the page may be closing.
const leave = (place) => { if (place) fetch(place, { method: "DELETE", keepalive: true, credentials: "same-origin" }).catch(() => {}); };

// h264First leaves only the codecs the server takes: H.264 by any profile, with
// what repairs it.
function h264First(transceiver, side) {
  const all = side.getCapabilities?.("video")?.codecs;
  if (!all) return; // an old browser decides by itself
  const h264 = all.filter((c) => /\/h264$/i.test(c.mimeType));
  if (!h264.length) throw new Refusal("unsupported", { final: true });
  const rank = (c) => (/packetization-mode=1/.test(c.sdpFmtpLine) ? 0 : 4) + (/profile-level-id=42e0/i.test(c.sdpFmtpLine) ? 0 : /profile-level-id=42/i.test(c.sdpFmtpLine) ? 1 : 2);
  h264.sort((a, b) => rank(a) - rank(b));
  transceiver.setCodecPreferences?.([...h264, ...all.filter((c) => /\/rtx$/i.test(c.mimeType))]);
}

// session is one try: setUp prepares a peer connection. It resolves when media can
// flow, and calls broken once when that is over.
async function session(url, setUp, options, broken) {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  let place = "", timer = 0, over = false;
  const close = () => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    pc.onconnectionstatechange = null;
    pc.close();
    leave(place);
  };
  try {
    setUp(pc);
    await pc.setLocalDescription(await pc.createOffer());
    const { answer, place: at } = await offerTo(url, pc.localDescription.sdp, options);
    place = at;
    if (options.gone()) { close(); return null; }
    await pc.setRemoteDescription({ type: "answer", sdp: answer });
    await new Promise((ok, no) => {
      timer = setTimeout(() => no(new Refusal("blocked")), connectWithin);
      pc.onconnectionstatechange = () => {
        if (pc.connectionState === "connected") ok();
        else if (pc.connectionState === "failed" || pc.connectionState === "closed") no(new Refusal("blocked"));
      };
      pc.onconnectionstatechange();
    });
    clearTimeout(timer);
  } catch (err) {
    close();
    if (err instanceof Refusal) throw err;
    console.error(err);
    throw new Refusal("unsupported", { final: true });
  }
  pc.onconnectionstatechange = () => {
    clearTimeout(timer);
    const st = pc.connectionState;
    if (st === "failed" || st === "closed") broken("network");
    else if (st === "disconnected") timer = setTimeout(() => broken("network"), patience);
  };
  return { pc, close };
}

// keep tries until close(): the part that publish and watch share.
function keep(url, setUp, { onState = () => {}, once = false, bearer = "", watchOver = () => () => {} }) {
  const by = token();
  let state = "", tries = 0, timer = 0, now = null, closed = false, trying = false, unwatch = () => {};

  function say(next, detail = {}) {
    state = next;
    onState(next, { reason: "", text: "", ...detail });
  }

  async function attempt() {
    clearTimeout(timer);
    if (closed || trying || now) return;
    trying = true;
    let mine = null;
    try {
      mine = await session(url, setUp, { bearer, by, gone: () => closed }, (why) => { if (now === mine) broke(new Refusal(why)); });
      trying = false;
      if (closed || !mine) { mine?.close(); return; }
      now = mine;
      tries = 0;
      say("live");
      unwatch = watchOver(now.pc, (why) => { if (now === mine) broke(new Refusal(why)); });
    } catch (err) {
      trying = false;
      broke(err);
    }
  }

  function broke(err) {
    unwatch();
    unwatch = () => {};
    now?.close();
    now = null;
    if (closed) return;
    const detail = { reason: err.reason, text: err.text };
    if (err.final || once) { closed = true; stopListening(); say("failed", detail); return; }
    const wait = Math.max(err.after ?? 0, pauses[Math.min(tries++, pauses.length - 1)]) * (0.8 + Math.random() * 0.4);
    say("retrying", { ...detail, wait: Math.round(wait) });
    timer = setTimeout(attempt, wait);
  }

  // The network is there again, or another one; the page is awake again.
  const wake = () => {
    if (closed || document.hidden || state !== "retrying") return;
    tries = 0;
    attempt();
  };
  const away = () => { now?.close(); }; // the tab goes: the place is free at once
  const back = (e) => { if (e.persisted && now) broke(new Refusal("network")); };
  const net = navigator.connection;
  function stopListening() {
    removeEventListener("online", wake);
    removeEventListener("pagehide", away);
    removeEventListener("pageshow", back);
    document.removeEventListener("visibilitychange", wake);
    net?.removeEventListener?.("change", wake);
  }
  addEventListener("online", wake);
  addEventListener("pagehide", away);
  addEventListener("pageshow", back);
  document.addEventListener("visibilitychange", wake);
  net?.addEventListener?.("change", wake);

  if (!supported()) {
    closed = true;
    stopListening();
    queueMicrotask(() => say("failed", { reason: "unsupported" }));
  } else {
    state = "connecting";
    queueMicrotask(() => { if (!closed && state === "connecting") say("connecting"); }); // the caller has our answer first
    attempt();
  }
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      unwatch();
      stopListening();
      now?.close();
      now = null;
    },
    get pc() { return now?.pc ?? null; },
    get state() { return state; },
    say,
  };
}

export function publish(url, mediaStream, { onState, kbps = 1200, bearer } = {}) {
  const tracks = { video: mediaStream.getVideoTracks()[0] ?? null, audio: mediaStream.getAudioTracks()[0] ?? null };
  let senders = {};

  function setUp(pc) {
    senders = {};
    for (const kind of ["video", "audio"]) {
      if (kind === "audio" && !tracks.audio && !mediaStream.getAudioTracks().length) continue;
      const t = pc.addTransceiver(tracks[kind] ?? kind, { direction: "sendonly", streams: [mediaStream],
        ...(kind === "video" && { sendEncodings: [{ maxBitrate: kbps * 1000 }] }) });
      if (kind === "video") {
        h264First(t, RTCRtpSender);
        if (tracks.video && "contentHint" in tracks.video) tracks.video.contentHint ||= "motion";
        steady(t.sender);
      }
      senders[kind] = t.sender;
    }
  }

  // A show keeps its size: a picture that shrinks and grows makes a new header
  // for every viewer each time, and goods must stay readable.
  function steady(sender) {
    const p = sender.getParameters();
    p.degradationPreference = "maintain-resolution";
    sender.setParameters(p).catch(() => {}); // Safari has no such wish
  }

  const k = keep(url, setUp, { onState, bearer });
  const meter = measure();
  return {
    close: k.close,
    async replace(track) {
      tracks[track?.kind ?? "video"] = track;
      await senders[track?.kind ?? "video"]?.replaceTrack(track);
    },
    stats: () => (k.pc ? meter.sent(k.pc) : Promise.resolve(null)),
    get state() { return k.state; },
  };
}

export function watch(url, video, { onState, once, bearer } = {}) {
  let silent = false, stream = null;

  function setUp(pc) {
    stream = new MediaStream();
    h264First(pc.addTransceiver("video", { direction: "recvonly" }), RTCRtpReceiver);
    pc.addTransceiver("audio", { direction: "recvonly" });
    pc.ontrack = (e) => {
      if (e.receiver && "playoutDelayHint" in e.receiver) e.receiver.playoutDelayHint = 0;
      stream.addTrack(e.track);
      if (video.srcObject !== stream) video.srcObject = stream;
    };
  }

  // Nothing for long, though the connection stands, is as bad as none; whether
  // there is sound shows only in what comes.
  function watchOver(pc, broken) {
    let heard = 0, seen = 0, quiet = 0, still = 0, first = true;
    const timer = setInterval(async () => {
      const now = { video: 0, audio: 0 };
      for (const s of (await pc.getStats()).values()) if (s.type === "inbound-rtp") now[s.kind] = s.packetsReceived;
      const moves = now.video > seen;
      still = moves ? 0 : still + 1;
      quiet = now.audio > heard || !moves ? 0 : quiet + 1;
      const was = silent;
      if (now.audio > heard) silent = false;
      else if (quiet >= 2) silent = true;
      [seen, heard] = [now.video, now.audio];
      if (was !== silent || (first && moves)) k.say("live", { silent });
      if (moves) first = false;
      if (still >= 8 && first) broken("frozen"); // never a picture; away is another matter
    }, 1000);
    return () => clearInterval(timer);
  }

  const k = keep(url, setUp, { onState, once, bearer, watchOver });
  const meter = measure();
  return {
    close() {
      k.close();
      if (stream && video.srcObject === stream) video.srcObject = null;
    },
    stats: () => (k.pc ? meter.received(k.pc) : Promise.resolve(null)),
    get state() { return k.state; },
    get silent() { return silent; },
  };
}

// measure turns the browser's counters into figures of the time since it was
// asked last.
function measure() {
  let before = null;
  async function read(pc, type) {
    const out = { bytes: 0, frames: 0, packets: 0, lost: 0, width: 0, height: 0, rtt: 0, limited: "none", path: "" };
    const all = await pc.getStats();
    for (const s of all.values()) {
      if (s.type === type) {
        out.at = s.timestamp;
        out.bytes += s.bytesSent ?? s.bytesReceived ?? 0;
        if (s.kind === "video") Object.assign(out, { frames: s.framesEncoded ?? s.framesDecoded ?? 0, packets: s.packetsSent ?? s.packetsReceived ?? 0,
          width: s.frameWidth ?? 0, height: s.frameHeight ?? 0, limited: s.qualityLimitationReason ?? "none", ...(s.packetsLost !== undefined && { lost: s.packetsLost }) });
      } else if (s.type === "remote-inbound-rtp" && s.kind === "video") out.lost = s.packetsLost ?? 0;
      else if (s.type === "candidate-pair" && s.nominated && s.state === "succeeded") {
        out.rtt = 1000 * (s.currentRoundTripTime ?? 0);
        out.path = all.get(s.localCandidateId)?.protocol ?? "";
      }
    }
    const was = before?.pc === pc && out.at > before.at ? before : null;
    const secs = was ? (out.at - was.at) / 1000 : 0;
    before = { pc, ...out };
    if (!was) return { kbps: 0, fps: 0, lost: 0, ...pick(out) };
    const packets = out.packets - was.packets, lost = Math.max(0, out.lost - was.lost);
    return { kbps: Math.round(((out.bytes - was.bytes) * 8) / 1000 / secs), fps: Math.round((out.frames - was.frames) / secs),
      lost: packets + lost > 0 ? lost / (packets + lost) : 0, ...pick(out) };
  }
  const pick = ({ width, height, rtt, limited, path }) => ({ width, height, rtt, limited, path });
  return { sent: (pc) => read(pc, "outbound-rtp"), received: (pc) => read(pc, "inbound-rtp") };
}
