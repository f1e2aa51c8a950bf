// The camera of host mode: one canvas of fixed size, into which the camera is
// drawn, is what is sent, so that turning the phone, changing the camera or
// losing it never changes or stretches the picture.
import { cover, ear, light, loudness } from "./hoststate.js";

// camera drives a <canvas> from a hidden <video>. words() gives the slate's two
// lines and the mark ("" for none) drawn into the picture. tell() is called
// when its state changes: "opening", "on", "away", or "" with a DOMException.
// mic() gets every new microphone: the one that is being sent is over by then.
export function camera(canvas, video, { words, tell, mic }) {
  const pen = canvas.getContext("2d", { alpha: false });
  const small = Object.assign(document.createElement("canvas"), { width: 24, height: 32 });
  const look = small.getContext("2d", { willReadFrequently: true });
  let tracks = {}, facing = "user", state = "opening", fps = 30, timer = 0, opening = null, analyser = null, sound = null, source = null, many = false;
  const hearing = ear();

  const alive = (t) => t && t.readyState === "live" && !t.muted;
  const shown = () => alive(tracks.video) && video.readyState >= 2 && !document.hidden;

  function say(next, err) {
    if (next === state && !err) return;
    state = next;
    tell(next, err);
  }

  function slate() {
    const { title, text } = words();
    const size = canvas.width / 12;
    pen.fillStyle = "#14532d";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = "#fdfaf3";
    pen.textAlign = "center";
    pen.font = `650 ${size}px system-ui, sans-serif`;
    pen.fillText(title, canvas.width / 2, canvas.height / 2 - size / 2, canvas.width * 0.9);
    pen.font = `${size * 0.6}px system-ui, sans-serif`;
    // Something must move, or no frame is sent and viewers see a frozen picture.
    pen.fillText(text + " " + "·".repeat(1 + (Math.floor(Date.now() / 1000) % 3)), canvas.width / 2, canvas.height / 2 + size, canvas.width * 0.9);
  }

  function draw() {
    if (!shown()) slate();
    else {
      pen.drawImage(video, ...cover(video.videoWidth, video.videoHeight, canvas.width, canvas.height), 0, 0, canvas.width, canvas.height);
      const { mark } = words();
      if (mark) {
        const size = canvas.width / 22;
        pen.font = `650 ${size}px system-ui, sans-serif`;
        pen.textAlign = "left";
        pen.fillStyle = "rgb(116 66 10 / .85)";
        pen.fillRect(0, 0, pen.measureText(mark).width + size, size * 1.7);
        pen.fillStyle = "#fff";
        pen.fillText(mark, size / 2, size * 1.2);
      }
    }
    if (tracks.video) say(shown() ? "on" : "away");
  }

  function pace(n) {
    if (n === fps && timer) return;
    fps = n;
    clearInterval(timer);
    timer = setInterval(draw, 1000 / fps);
  }

  function use(stream) {
    for (const t of stream.getTracks()) {
      tracks[t.kind]?.stop();
      tracks[t.kind] = t;
      if (t.kind === "audio") mic(t);
      t.addEventListener("ended", () => { draw(); if (!document.hidden) back(); });
      t.addEventListener("mute", draw);
      t.addEventListener("unmute", draw);
    }
    if (stream.getVideoTracks().length) {
      video.srcObject = new MediaStream(stream.getVideoTracks());
      video.play().catch(() => {}); // a muted video may always play; else the slate stays
    }
    if (stream.getAudioTracks().length) listen();
  }

  function listen() {
    try {
      sound ??= new AudioContext();
      analyser ??= Object.assign(sound.createAnalyser(), { fftSize: 2048 });
      source?.disconnect();
      source = sound.createMediaStreamSource(new MediaStream([tracks.audio]));
      source.connect(analyser); // and not to the loudspeaker
    } catch { analyser = null; } // no meter, the sound goes out all the same
  }

  const video720 = (f) => ({ facingMode: f, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } });
  const voice = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

  // open asks for camera and microphone; again when they were taken away.
  async function open() {
    opening ??= (async () => {
      if (!tracks.video) say("opening");
      try {
        const want = { audio: alive(tracks.audio) ? false : voice, video: alive(tracks.video) ? false : video720(facing) };
        if (want.audio || want.video) use(await navigator.mediaDevices.getUserMedia(want));
        const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
        many = all.filter((d) => d.kind === "videoinput").length > 1;
        pace(fps);
        draw();
        tell(state); // also when it was on all the time: what was missing is there now
        return true;
      } catch (err) {
        tell("", err);
        return false;
      } finally { opening = null; }
    })();
    return opening;
  }

  // back asks anew for what was lost: when the page is seen again, and when a
  // headset is pulled out or another app takes the camera while it is seen.
  async function back() {
    sound?.resume?.().catch(() => {});
    await opening; // camera and microphone go one after the other
    if (!tracks.video && !tracks.audio) return;
    if (!alive(tracks.video) || !alive(tracks.audio)) { await open(); return; }
    video.play().catch(() => {});
    draw();
  }

  pace(fps);
  return {
    open,
    pace,
    back,
    async flip() {
      const was = facing;
      facing = facing === "user" ? "environment" : "user";
      tracks.video?.stop(); // many phones can't hold two cameras at a time
      try {
        use(await navigator.mediaDevices.getUserMedia({ video: video720(facing) }));
      } catch (err) {
        facing = was;
        tracks.video = null;
        if (!(await open())) throw err;
      }
    },
    // stream is what is published: the canvas and the microphone.
    stream() {
      const out = canvas.captureStream(30);
      if (tracks.audio) out.addTrack(tracks.audio);
      return out;
    },
    wake() { sound?.resume?.().catch(() => {}); },
    // hear gives the loudness now and notes who talked for the last ms.
    hear(ms) {
      if (!analyser || !tracks.audio || sound.state !== "running") return null;
      const samples = new Float32Array(analyser.fftSize);
      analyser.getFloatTimeDomainData(samples);
      const l = loudness(samples);
      hearing.hear(l.rms, ms);
      return { bar: l.bar, quiet: hearing.quiet };
    },
    heard: () => hearing.take(),
    light() {
      if (!shown()) return null;
      look.drawImage(canvas, 0, 0, small.width, small.height);
      return light(look.getImageData(0, 0, small.width, small.height).data, small.width, small.height);
    },
    close() { for (const t of Object.values(tracks)) t?.stop(); clearInterval(timer); },
    get state() { return state; },
    get mirrored() { return facing === "user"; },
    get many() { return many; },
  };
}
