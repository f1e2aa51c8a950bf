// The picture of a tile: WHEP, because the desk should see what happens now;
// LL-HLS where that does not work (a firewall, B-frames, a full server).
import { player } from "../shop/player.js";
import { supported, watch } from "../js/rtc.js";

export function roomVideo(video, id, { hls, plain }, tell) {
  let w = null, way = "none", shown = false, on = false;
  const fall = player(video, { tell: (s) => { if (way === "hls") say(s === "playing" || s === "stalled" || s === "blocked"); } });
  const say = (x) => { if (x !== shown) { shown = x; tell(); } };

  function byRTC() {
    way = "whep";
    w = watch("/whep/" + id, video, { once: true, onState(s) {
      if (way !== "whep") return;
      if (s === "live") { video.play().catch(() => {}); say(true); }
      if (s === "failed") byHLS();
    } });
  }
  function byHLS() {
    w?.close();
    w = null;
    way = "hls";
    video.srcObject = null;
    say(false);
    fall.start({ hls, plain });
  }
  function stop() {
    w?.close();
    w = null;
    if (way === "hls") fall.stop();
    way = "none";
    video.srcObject = null;
    say(false);
  }
  return {
    // show starts or stops it as the stream comes and goes.
    show(next) {
      if (next === on) return;
      on = next;
      if (on) { if (supported()) byRTC(); else byHLS(); } else stop();
    },
    wake() { if (on && way === "hls") fall.wake(); },
    get shown() { return shown; },
    get way() { return way; },
  };
}
