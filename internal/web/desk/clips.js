// Stills of clips where the server has no ffmpeg: the browser of whoever looks
// draws the first picture and sends it.
import { tell } from "../js/base.js";

const most = 1280; // pixels of the longer side

async function still(video) {
  const v = document.createElement("video");
  v.muted = true;
  v.playsInline = true;
  v.preload = "auto";
  v.src = video.currentSrc || video.src;
  await new Promise((ok, no) => {
    v.addEventListener("loadeddata", ok, { once: true });
    v.addEventListener("error", no, { once: true });
  });
  const scale = Math.min(1, most / Math.max(v.videoWidth, v.videoHeight));
  const c = document.createElement("canvas");
  c.width = Math.round(v.videoWidth * scale);
  c.height = Math.round(v.videoHeight * scale);
  c.getContext("2d").drawImage(v, 0, 0, c.width, c.height);
  v.removeAttribute("src");
  const jpg = await new Promise((ok) => c.toBlob(ok, "image/jpeg", 0.85));
  if (!jpg) return;
  const res = await fetch(video.dataset.post, { method: "POST", body: jpg, headers: { "Content-Type": "image/jpeg", Accept: "application/json" } });
  if (res.ok) video.poster = URL.createObjectURL(jpg);
}

for (const v of document.querySelectorAll('video[data-clip][data-still=""]')) {
  try {
    await still(v);
  } catch (err) {
    if (err instanceof Error) tell(err); // a clip that this browser can't decode keeps the product's picture
  }
}
