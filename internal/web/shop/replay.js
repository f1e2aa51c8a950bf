// A show to be watched again: the picture, its chapters, the goods at today's
// price, and what was said, moving with the picture.
import { fetchJSON, h, icon, island } from "../js/base.js";
import { open as openBuy } from "./buy.js";
import { chapterAt, clock, moment, slice, sliceMs } from "./replaytime.js";

const $ = (id) => document.getElementById(id);
const data = island("replay-data");
const words = island("replay-words");
const root = $("replay"), video = $("video"), seek = $("seek");

// ---- tabs of a phone ----
function tab(name) {
  root.dataset.tab = name;
  for (const t of ["goods", "chat"]) {
    $("tab-" + t).setAttribute("aria-selected", String(t === name));
    $("tab-" + t).tabIndex = t === name ? 0 : -1;
  }
}
for (const t of ["goods", "chat"]) {
  $("tab-" + t).addEventListener("click", () => tab(t));
  $("tab-" + t).addEventListener("keydown", (e) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    const other = t === "goods" ? "chat" : "goods";
    tab(other);
    $("tab-" + other).focus();
  });
}
tab("goods");

// ---- buying ----
// A part of the page that a script drew has no link of its own to fall back to.
function buy(product) {
  const dialog = $("buy");
  $("buy-in").replaceChildren();
  dialog.showModal();
  openBuy($("buy-in"), `/buy?product=${product}`, { close: () => dialog.close(), signedIn() {} });
}
document.addEventListener("click", (e) => {
  const b = e.target.closest("[data-buy]");
  if (!b || e.ctrlKey || e.metaKey || e.shiftKey) return;
  e.preventDefault();
  buy(b.dataset.buy);
});

if (video) start();

function start() {
  let hls = null, tries = 0, begun = false, dragging = false;
  const native = () => video.canPlayType("application/vnd.apple.mpegurl");

  video.controls = false;
  $("bar").hidden = false;
  $("big").hidden = false;
  for (const c of data.chapters) {
    const m = h("i");
    m.style.left = `${(100 * c.pos) / Math.max(1, data.length)}%`;
    $("marks").append(m);
  }

  // The picture is loaded when somebody wants to see it: a phone's data is money.
  async function load() {
    begun = true;
    let Hls = null;
    try {
      ({ default: Hls } = await import("../vendor/hls.light.js"));
    } catch (err) {
      console.error(err);
    }
    if (Hls?.isSupported()) {
      video.removeAttribute("src");
      hls = new Hls({ startPosition: data.start || 0, backBufferLength: 60, maxBufferLength: 30 });
      hls.on(Hls.Events.ERROR, (_, d) => {
        if (!d.fatal) return;
        if (d.type === Hls.ErrorTypes.MEDIA_ERROR && tries++ < 3) { hls.recoverMediaError(); return; }
        trouble(words.lost);
      });
      hls.attachMedia(video);
      hls.loadSource(data.playlist);
      return;
    }
    if (native()) {
      if (!video.src) video.src = data.playlist;
      video.addEventListener("loadedmetadata", () => { if (data.start) video.currentTime = data.start; }, { once: true });
      return;
    }
    trouble(words.native);
  }

  function trouble(text) {
    $("trouble").hidden = false;
    $("trouble").firstElementChild.textContent = text;
    const at = video.currentTime;
    if (at > 1) data.start = at;
    hls?.destroy();
    hls = null;
    begun = false;
  }
  $("again").addEventListener("click", () => { $("trouble").hidden = true; tries = 0; play(); });

  async function play() {
    if (!begun) await load();
    try {
      await video.play();
    } catch (err) {
      if (err.name === "NotAllowedError" && !video.muted) { video.muted = true; return play(); }
    }
  }
  const turn = () => (video.paused ? play() : video.pause());
  $("play").addEventListener("click", turn);
  $("big").addEventListener("click", play);
  video.addEventListener("click", turn);

  // ---- jumping ----
  async function jump(pos) {
    data.start = pos;
    if (!begun) { await play(); draw(pos); return; }
    video.currentTime = pos;
    play();
    draw(pos);
  }
  document.addEventListener("click", (e) => {
    const a = e.target.closest("a[data-pos]");
    if (!a || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    jump(Number(a.dataset.pos));
    history.replaceState(null, "", a.href);
    root.scrollIntoView({ block: matchMedia("(min-width: 64rem)").matches ? "nearest" : "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });
  seek.addEventListener("input", () => { dragging = true; draw(Number(seek.value)); });
  seek.addEventListener("change", () => { dragging = false; jump(Number(seek.value)); });
  $("speed").addEventListener("click", () => {
    const all = [1, 1.25, 1.5, 2];
    video.playbackRate = all[(all.indexOf(video.playbackRate) + 1) % all.length];
    $("speed").lastElementChild.textContent = `${video.playbackRate}×`;
  });
  $("sound").addEventListener("click", () => { video.muted = !video.muted; });
  $("full").addEventListener("click", () => {
    if (document.fullscreenElement) document.exitFullscreen();
    else (video.parentElement.requestFullscreen ?? video.webkitEnterFullscreen)?.call(video.parentElement.requestFullscreen ? video.parentElement : video);
  });
  document.addEventListener("keydown", (e) => {
    if (e.target.closest("input, textarea, select, button, a, dialog") || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === " ") { e.preventDefault(); turn(); }
    if (e.key === "ArrowLeft" || e.key === "ArrowRight") { e.preventDefault(); jump(Math.min(data.length, Math.max(0, now() + (e.key === "ArrowLeft" ? -10 : 10)))); }
  });

  // ---- what moves with the picture ----
  const now = () => (begun && video.readyState > 0 ? video.currentTime : data.start || 0);
  let chapter = null;
  function draw(pos) {
    if (!dragging) seek.value = String(pos);
    seek.setAttribute("aria-valuetext", `${clock(pos)} ${words.of} ${clock(data.length)}`);
    $("time").textContent = `${clock(pos)} / ${clock(data.length)}`;
    const i = chapterAt(data.chapters, pos);
    if (i !== chapter) drawChapter(chapter = i);
    drawChat(moment(data.spans, pos));
  }

  function drawChapter(i) {
    const c = data.chapters[i];
    for (const el of document.querySelectorAll(".rp-item")) el.classList.toggle("now", el.dataset.item === c?.item);
    document.querySelectorAll(".rp-chapters a").forEach((a, n) => (n === i ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current")));
    const card = $("card"), row = c && document.querySelector(`.rp-item[data-item="${CSS.escape(c.item)}"]`);
    card.hidden = !row;
    if (!row) { card.replaceChildren(); return; }
    const price = row.querySelector(".prices, .price")?.cloneNode(true), b = row.querySelector("[data-buy]")?.cloneNode(true);
    card.replaceChildren(...[row.querySelector(".thumb")?.cloneNode(true), h("div", { class: "grow" }, h("p", { class: "strong small-text" }, `${c.no} ${c.name}`), price), b].filter(Boolean));
  }

  // ---- the chat ----
  const slices = new Map(); // by where they begin: lines, or a promise of them
  let shown = "";
  function need(from) {
    if (from <= 0 || slices.has(from)) return;
    const mark = data.chat.includes("?") ? "&" : "?";
    slices.set(from, fetchJSON(`${data.chat}${mark}from=${from}`).then(({ lines }) => { slices.set(from, lines); shown = ""; draw(now()); }, () => setTimeout(() => slices.delete(from), 5000)));
  }
  function drawChat(at) {
    const from = slice(at);
    need(from);
    need(from - sliceMs); // what was said just before
    if (at - from > sliceMs * 0.8) need(from + sliceMs);
    const lines = [from - sliceMs, from].flatMap((k) => (Array.isArray(slices.get(k)) ? slices.get(k) : [])).filter((l) => l.at <= at).slice(-80);
    const print = lines.map((l) => l.id).join();
    if (print === shown) return;
    shown = print;
    const box = $("chat");
    box.replaceChildren(...lines.map((l) => h("p", { class: `rp-line ${l.badge ?? ""}` }, l.badge && h("span", { class: "badge warn" }, words[l.badge]), " ", h("span", { class: "who" }, l.name), l.body)));
    box.scrollTop = box.scrollHeight;
    $("chat-none").hidden = lines.length > 0;
  }

  function state() {
    const on = !video.paused;
    $("big").hidden = on || begun;
    $("play").setAttribute("aria-label", on ? words.pause : words.play);
    $("play").replaceChildren(icon(on ? "pause" : "play"));
    $("sound").setAttribute("aria-pressed", String(!video.muted));
    $("sound").replaceChildren(icon(video.muted ? "mute" : "volume"));
  }
  for (const e of ["play", "pause", "volumechange", "ended"]) video.addEventListener(e, state);
  for (const e of ["timeupdate", "seeked"]) video.addEventListener(e, () => { if (begun && video.readyState > 0) draw(video.currentTime); });
  video.addEventListener("playing", () => { $("trouble").hidden = true; });
  state();
  draw(data.start || 0);
}
