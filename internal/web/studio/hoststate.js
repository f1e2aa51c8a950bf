// What host mode thinks: pure functions and small counters, so that node --test
// can hold them; host.js has the camera and the page.

// trouble says why this browser can't send a picture, "" if it can.
// insecure: not https, where browsers give no camera. inapp: a page inside
// another app (WeChat, DingTalk, …), which often gives none. browser: too old.
export function trouble({ secure, agent = "", devices, rtc, capture = true }) {
  if (!secure) return "insecure";
  const inside = /MicroMessenger/i.test(agent) ? "wechat" : /DingTalk|AliApp|QQ\/|Weibo|aweme|NewsArticle|baiduboxapp/i.test(agent) ? "inapp" : "";
  if (!devices || !rtc || !capture) return inside || "browser";
  return "";
}

// cameraTrouble turns what getUserMedia refuses with into one of our words.
export function cameraTrouble(name) {
  return { NotAllowedError: "denied", PermissionDeniedError: "denied", SecurityError: "denied", NotFoundError: "nocamera", OverconstrainedError: "nocamera",
    DevicesNotFoundError: "nocamera", NotReadableError: "busy", AbortError: "busy", TrackStartError: "busy" }[name] ?? "camera";
}

// stage is what the screen shows, from the facts:
// show (state of the show), bad (a trouble or ""), camera ("opening", "on",
// "away"), wanted (the host tapped the big button), link (state of the
// connection).
export function stage({ show, bad = "", camera, wanted, link }) {
  if (show === "ended" || show === "cancelled") return "ended";
  if (show === "draft") return "draft";
  if (bad) return "trouble";
  if (!wanted) return camera === "opening" ? "opening" : show === "live" ? "again" : "ready";
  if (link === "failed") return "failed";
  if (link === "retrying") return "retrying";
  if (link !== "live" || show !== "live") return "starting";
  return camera === "on" ? "live" : "away";
}

// occupied watches for somebody else who sends the picture of this show: an
// encoder with its key, say. Our own connection that broke gives way at once, so
// a place that stays taken is not the network's fault. The first times it is
// tried again as if it were just starting; then it has failed.
export function occupied(most) {
  let taken = 0;
  return (state, reason) => {
    if (state === "retrying" && reason === "media.busy") return ++taken < most ? "connecting" : "failed";
    if (state !== "connecting") taken = 0;
    return state;
  };
}

// refusal is the word for why a connection was given up: elsewhere, blocked,
// unsupported; "" when it is the network, or nothing we know.
export function refusal(reason) {
  return { "media.busy": "elsewhere", "rtc.elsewhere": "elsewhere", blocked: "blocked", unsupported: "unsupported" }[reason] ?? "";
}

// light judges a small picture (RGBA bytes): dark, backlit, bright or good. The
// middle is where the face is.
export function light(px, width, height) {
  let all = 0, mid = 0, edge = 0, nMid = 0, nEdge = 0, burnt = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = 4 * (y * width + x);
      const l = 0.2126 * px[i] + 0.7152 * px[i + 1] + 0.0722 * px[i + 2];
      all += l;
      if (l > 248) burnt++;
      if (x >= width / 4 && x < (3 * width) / 4 && y >= height / 4 && y < (3 * height) / 4) { mid += l; nMid++; } else { edge += l; nEdge++; }
    }
  }
  const n = width * height;
  if (!n) return "good";
  [all, mid, edge] = [all / n, mid / nMid, edge / nEdge];
  if (mid < 95 && edge - mid > 55) return "backlit";
  if (all < 50) return "dark";
  if (burnt / n > 0.45) return "bright";
  return "good";
}

// steady changes its mind only after the same answer n times, so that words on
// the screen don't flicker.
export function steady(n, first) {
  let now = first, next = first, times = 0;
  return (x) => {
    if (x === now) { times = 0; return now; }
    times = x === next ? times + 1 : 1;
    next = x;
    if (times >= n) { now = x; times = 0; }
    return now;
  };
}

// network judges the connection by its state and the figures of the last second;
// why is the refusal it failed with.
export function network(state, s, why = "") {
  if (state === "retrying" || (state === "failed" && !why)) return "lost";
  if (state !== "live" || !s) return "none";
  // Few bits alone say nothing: a still picture needs no more.
  if (s.lost > 0.1 || s.rtt > 800 || (s.limited === "bandwidth" && s.kbps < 250)) return "bad";
  if (s.lost > 0.03 || s.rtt > 350 || s.limited === "bandwidth") return "weak";
  return "good";
}

// kbps is what to ask for at the start, from what the browser knows of the
// network (navigator.connection; not every browser has it).
export function kbps(net) {
  if (!net) return 1500;
  if (net.saveData || /2g/.test(net.effectiveType ?? "")) return 400;
  if (net.effectiveType === "3g" || net.downlink < 1.5) return 700;
  return 1500;
}

// frames are pictures a second: fewer on a bad network leave more for each.
export const frames = (net) => ({ weak: 20, bad: 12, lost: 12 })[net] ?? 30;

// loudness of samples (-1 to 1) on a scale of 0 to 1: -60 dB to -6 dB.
export function loudness(samples) {
  let sum = 0;
  for (const x of samples) sum += x * x;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return { rms, bar: rms > 0 ? Math.min(1, Math.max(0, (20 * Math.log10(rms) + 60) / 54)) : 0 };
}

// ear tells voice from the noise of the room and counts, in ms, how long it
// listened, how long somebody talked, and the longest silence. It hears
// loudness only, no words.
export function ear() {
  let floor = 0.01, heard = 0, talk = 0, pause = 0, silent = 0, last = 0;
  return {
    // hear takes the loudness (rms) of the last ms.
    hear(rms, ms) {
      floor = rms < floor ? 0.8 * floor + 0.2 * rms : Math.min(0.05, floor * (1 + 0.00002 * ms));
      const voice = rms > Math.max(0.012, 3 * floor);
      if (voice) last = 400; else last = Math.max(0, last - ms); // a breath is no pause
      heard += ms;
      if (voice || last > 0) { talk += ms; silent = 0; } else { silent += ms; pause = Math.max(pause, silent); }
      return voice;
    },
    // take gives the sums since the last time; a silence goes on over it.
    take() {
      const out = { heard: Math.round(heard), talk: Math.round(talk), pause: Math.round(pause) };
      heard = talk = pause = 0;
      return out;
    },
    get quiet() { return silent; },
  };
}

// voiceWord judges the microphone: ok, soft (nothing heard for long), loud.
export const voiceWord = (bar, quietMs) => (bar > 0.97 ? "loud" : quietMs > 12_000 ? "soft" : "ok");

// beside is the item dir steps after the one on the card, among those that can
// be shown; with none on the card the first is next.
export function beside(items, pinned, dir) {
  const shown = items.filter((it) => it.state !== "off");
  const at = shown.findIndex((it) => it.id === pinned);
  if (at < 0) return dir > 0 ? shown[0] ?? null : null;
  return shown[at + dir] ?? null;
}

// cover is the part of a picture that fills a canvas without stretching it:
// [x, y, width, height] of the source.
export function cover(w, h, cw, ch) {
  const k = Math.min(w / cw, h / ch);
  return [(w - cw * k) / 2, (h - ch * k) / 2, cw * k, ch * k];
}

// reader chooses which messages are read aloud, one at a time: new ones of
// others. When they come faster than anybody can read, the newest few wait.
export function reader(most = 3, longest = 60_000) {
  let seen = null, waiting = [], until = 0;
  return {
    // hear takes the chat as it is now; what comes while not aloud is not read later.
    hear(chat, aloud = true) {
      const fresh = seen ? chat.filter((m) => m.id && !seen.has(m.id) && m.body && m.badge !== "host" && !m.waiting) : [];
      seen = new Set(chat.map((m) => m.id));
      waiting = aloud ? [...waiting, ...fresh].slice(-most) : [];
    },
    // next is what to read now, if nothing is being read. Some browsers forget to
    // say that they have ended: nothing is longer than longest (ms).
    next(at) {
      if (at < until || !waiting.length) return null;
      until = at + longest;
      return waiting.shift();
    },
    done() { until = 0; },
  };
}
