// The picture of a show: hls.js light, loaded only when there is something to
// play; native HLS (plain playlist) where hls.js can't run. It comes back by
// itself: after a cut of the publisher hls.js follows the same playlist, after
// a fatal error the playlist is loaded again with growing pauses, and at once
// when the room says that the picture is back.
const pauses = [1, 2, 4, 8, 15]; // seconds between tries

// config as internal/media/hls/doc.go measured it.
const config = {
  lowLatencyMode: true,
  liveSyncDuration: 0.9,
  liveMaxLatencyDuration: 5,
  maxLiveSyncPlaybackRate: 1.3,
  backBufferLength: 20,
};

// player drives a <video>; tell("idle" | "loading" | "playing" | "stalled" |
// "blocked") is called when what the stage should say changes.
export function player(video, { tell = () => {} } = {}) {
  let hls = null, source = null, tries = 0, timer = 0, state = "idle", wanted = false;

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
    clearTimeout(timer);
    hls?.destroy();
    hls = null;
  }

  function again() {
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
    const mine = source;
    let Hls = null;
    try {
      ({ default: Hls } = await import("../vendor/hls.light.js"));
    } catch (err) {
      console.error(err); // the library did not come: native, or try again
    }
    if (!wanted || mine !== source || hls) return;
    if (Hls?.isSupported()) return withHls(Hls);
    if (video.canPlayType("application/vnd.apple.mpegurl")) return natively();
    again();
  }

  function withHls(Hls) {
    hls = new Hls(config);
    const { Events, ErrorTypes } = Hls;
    hls.on(Events.MANIFEST_PARSED, play);
    hls.on(Events.ERROR, (_, d) => {
      if (!d.fatal) return;
      if (d.type === ErrorTypes.MEDIA_ERROR && tries < 2) { tries++; hls.recoverMediaError(); return; }
      again();
    });
    hls.attachMedia(video);
    hls.loadSource(source.hls);
  }

  function natively() {
    video.src = source.plain;
    play();
  }

  video.addEventListener("playing", () => { tries = 0; say("playing"); });
  video.addEventListener("waiting", () => { if (wanted) say("stalled"); });
  video.addEventListener("error", () => { if (!hls && wanted) again(); });
  // A phone that was asleep comes back far behind: jump to the live edge.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !wanted) return;
    const edge = hls?.liveSyncPosition;
    if (edge && edge - video.currentTime > 6) video.currentTime = edge;
    if (video.paused) play();
  });

  return {
    // start plays {hls, plain}; called again with the same it changes nothing.
    start(next) {
      const same = source && source.hls === next.hls;
      source = next;
      if (wanted && same && (hls || timer)) return;
      wanted = true;
      tries = 0;
      load();
    },
    // wake tries at once instead of waiting for the next pause.
    wake() {
      if (wanted && state !== "playing") { tries = 0; if (!hls || state === "stalled") load(); }
    },
    stop() {
      wanted = false;
      drop();
      video.removeAttribute("src");
      video.load();
      say("idle");
    },
    play,
    get state() { return state; },
  };
}
