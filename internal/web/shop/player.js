// The picture of a show, by the best way that works here:
//
//   fast    WebRTC (WHEP), a tenth of a second behind; only where the page offers it
//   low     LL-HLS by hls.js light, a second behind
//   plain   plain HLS by hls.js: for networks whose proxies spoil the former
//   native  the browser's own HLS, where hls.js can't run (old iPhones)
//
// It is never dead: what breaks is tried again with growing pauses, or the next
// way is taken at once; a better way that failed is tried again later. After a cut
// of the publisher hls.js follows the same playlist, WebRTC the same session; when
// the room says that the picture is back, it is tried at once.

// Asked before rtc.js is there: most viewers never need it.
const supported = () => typeof globalThis.RTCPeerConnection === "function";
const pauses = [1, 2, 4, 8, 15]; // seconds between tries
const fastAgain = [30, 60, 120, 300, 600]; // seconds until WebRTC is tried again
// Reasons that do not pass by themselves: a firewall, a browser without H.264, a
// door that stays shut, an encoder with B-frames.
const lasting = ["blocked", "unsupported", "rtc.off", "rtc.b_frames", "rtc.slow", "rtc.no_h264"];
const lowTries = 3; // failures after which another kind of HLS is tried
const still = 12; // seconds without a new picture, though there should be some

// config as internal/media/hls/doc.go measured it.
const low = {
  lowLatencyMode: true,
  liveSyncDuration: 0.9,
  liveMaxLatencyDuration: 5,
  maxLiveSyncPlaybackRate: 1.3,
  backBufferLength: 20,
};
const plain = { lowLatencyMode: false, backBufferLength: 20 };

// player drives a <video>; tell("idle" | "loading" | "playing" | "stalled" |
// "blocked") is called when what the stage should say changes.
export function player(video, { tell = () => {} } = {}) {
  let hls = null, fast = null, source = null, state = "idle", wanted = false, way = "", turn = 0;
  let tries = 0, timer = 0, falls = 0, fastFrom = 0, hlsFails = 0, frames = -1, stillFor = 0;
  let quiet = false; // the fast way has no sound for this stream

  function say(s) {
    if (s !== state) tell(state = s);
  }

  async function play() {
    try {
      await video.play();
    } catch (err) {
      if (err.name !== "NotAllowedError") return; // a new load took over
      if (!video.muted) { video.muted = true; return play(); }
      say("blocked"); // even silent video needs a tap here (battery saver)
    }
  }

  function drop() {
    turn++;
    clearTimeout(timer);
    timer = 0;
    hls?.destroy();
    hls = null;
    fast?.close();
    fast = null;
    stillFor = 0;
  }

  function setWay(next) {
    way = next;
    video.dataset.way = next;
  }

  const canFast = () => Boolean(source?.whep) && supported() && Date.now() >= fastFrom && !(quiet && !video.muted);

  // broken is a way that failed: the next try after a pause.
  function broken() {
    if (!wanted) return;
    drop();
    say("stalled");
    const s = pauses[Math.min(tries++, pauses.length - 1)];
    timer = setTimeout(load, s * 1000 * (0.8 + Math.random() * 0.4)); // not all viewers at once
  }

  async function load() {
    drop();
    if (!wanted) return;
    if (state === "idle") say("loading");
    if (canFast()) return withFast();
    const mine = turn;
    let Hls = null;
    try {
      ({ default: Hls } = await import("../vendor/hls.light.js"));
    } catch (err) {
      console.error(err); // the library did not come: native, or try again
    }
    if (!wanted || mine !== turn) return;
    const native = video.canPlayType("application/vnd.apple.mpegurl") !== "";
    const round = Math.floor(hlsFails / lowTries) % (native ? 3 : 2);
    if (Hls?.isSupported() && round < 2) return withHls(Hls, round === 0 ? "low" : "plain");
    if (native) return natively();
    broken();
  }

  // fell notes that the fast way failed, and when to try it again.
  function fell(reason) {
    if (lasting.includes(reason)) falls = fastAgain.length;
    fastFrom = Date.now() + 1000 * fastAgain[Math.min(falls++, fastAgain.length - 1)];
  }

  async function withFast() {
    setWay("fast");
    const began = turn;
    let rtc = null;
    try {
      rtc = await import("../js/rtc.js");
    } catch (err) {
      console.error(err); // it did not come: the next way
    }
    if (!wanted || began !== turn) return;
    if (!rtc?.supported()) { fell("unsupported"); load(); return; }
    const mine = fast = rtc.watch(source.whep, video, {
      once: true,
      onState(s, d) {
        if (mine !== fast) return;
        if (s === "live") {
          falls = 0;
          if (quiet !== Boolean(d.silent)) {
            quiet = Boolean(d.silent);
            if (!canFast()) { load(); return; } // sound is wanted: the other way has it
            tell(state);
          }
          play();
        } else if (s === "failed") {
          fell(d.reason);
          load(); // the next way, at once
        }
      },
    });
  }

  function withHls(Hls, kind) {
    setWay(kind);
    const mine = hls = new Hls(kind === "low" ? low : plain);
    const { Events, ErrorTypes } = Hls;
    let mended = 0;
    mine.on(Events.MANIFEST_PARSED, play);
    mine.on(Events.ERROR, (_, d) => {
      if (!d.fatal || mine !== hls) return;
      if (d.type === ErrorTypes.MEDIA_ERROR && mended++ < 2) { mine.recoverMediaError(); return; }
      // A playlist that is not there yet is no fault of the way.
      if (d.response?.code !== 404 && d.response?.code !== 503) hlsFails++;
      broken();
    });
    mine.attachMedia(video);
    mine.loadSource(kind === "low" ? source.hls : source.plain ?? source.hls);
  }

  function natively() {
    setWay("native");
    video.src = source.plain ?? source.hls;
    play();
  }

  video.addEventListener("playing", () => { if (wanted) { tries = 0; say("playing"); } });
  video.addEventListener("waiting", () => { if (wanted) say("stalled"); });
  video.addEventListener("error", () => {
    if (hls || fast || !wanted || way !== "native") return;
    hlsFails++;
    broken();
  });
  // Sound is wanted, or not any more, and the fast way has none.
  video.addEventListener("volumechange", () => {
    if (!wanted || !quiet || !source?.whep) return;
    if (way === "fast" ? !video.muted : video.muted && canFast()) load();
  });
  // A phone that was asleep comes back far behind: jump to the live edge.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !wanted) return;
    stillFor = 0;
    const edge = hls?.liveSyncPosition;
    if (edge && edge - video.currentTime > 6) video.currentTime = edge;
    if (video.paused) play();
  });

  // Every second: does the picture move, has it been good for long, may the fast
  // way be tried again?
  setInterval(() => {
    if (!wanted || document.hidden) { stillFor = 0; return; }
    const now = video.getVideoPlaybackQuality?.().totalVideoFrames ?? Math.floor(video.currentTime * 10);
    stillFor = now !== frames || timer || video.paused || source.live === false ? 0 : stillFor + 1;
    if (now !== frames && state === "stalled" && !timer && !video.paused) say("playing"); // WebRTC tells no "playing" after a pause
    frames = now;
    if (stillFor >= still) {
      if (way === "fast") fell("frozen");
      else hlsFails++;
      broken();
    } else if (way !== "fast" && state === "playing" && source.live !== false && canFast()) load();
  }, 1000);

  return {
    // start plays { hls, plain, whep, live }; called again with the same it changes
    // nothing. whep is given where the page may use the fast way; live false means
    // that nothing comes at the moment, so a still picture is no fault.
    start(next) {
      const same = source && source.hls === next.hls && source.whep === next.whep;
      source = next;
      if (wanted && same && (hls || fast || timer || way)) return;
      wanted = true;
      tries = 0;
      load();
    },
    // wake tries at once instead of waiting for the next pause.
    wake() {
      if (!wanted) return;
      if (hls && way === "low") hls.targetLatency = low.liveSyncDuration; // the pause was no bad network
      if (state === "playing") return;
      tries = 0;
      fastFrom = 0;
      if (!fast && (!hls || state === "stalled")) load();
    },
    stop() {
      wanted = false;
      drop();
      setWay("");
      video.srcObject = null;
      video.removeAttribute("src");
      video.load();
      say("idle");
    },
    play,
    get state() { return state; },
    get way() { return way; },
    // silent: this way has no sound for this stream; it comes with the next
    // unmuting, by another way.
    get silent() { return way === "fast" && quiet; },
  };
}
