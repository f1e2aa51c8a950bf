// The control room: the room's state as everybody sees it, the desk's own
// figures beside it, and one tap for everything the operator does. What fails
// is said where it was tried.
import { ask, fetchJSON, h, island, lang, serverTime, tell, tick, yuan } from "../js/base.js";
import { player } from "../shop/player.js";
import { reduceAll, scene, start } from "../shop/state.js";
import { drawFeed, drawFigures, drawHealth } from "./gauges.js";
import { drawFlashes, flashForm, learn, ticking } from "./flash.js";
import { itemRow } from "./item.js";
import { sellingTools } from "./selling.js";
import { link } from "./link.js";
import { showActs } from "./showacts.js";
import { talkPanel } from "./talk.js";

const $ = (id) => document.getElementById(id);
const root = $("control");
const may = { run: "run" in root.dataset, talk: "talk" in root.dataset, money: "money" in root.dataset };
const words = island("control-words");
const base = `/desk/shows/${root.dataset.id}`;
let room = start(island("control-state"));
let pulse = room.pulse;
serverTime(room.at);
learn(room.at);
ticking(root, () => { draw(); beatSoon(); });

const acts = showActs(base);

// ---- picture ----
const video = $("video");
const screen = player(video, { tell: drawPicture });

function drawPicture() {
  const on = (room.stream === "live" || room.stream === "away") && Boolean(room.hls);
  if (on) screen.start({ hls: room.hls, plain: room.hls_plain, whep: `/whep/${root.dataset.id}`, live: room.stream === "live" });
  else if (screen.state !== "idle") screen.stop();
  const shown = screen.state !== "idle" && screen.state !== "loading";
  video.hidden = !(on && shown);
  $("no-picture").hidden = on && shown;
  $("sound").hidden = video.hidden;
  const sound = $("sound").querySelector("span");
  sound.textContent = !video.muted ? words.sound_off : screen.silent ? words.sound_later : words.sound_on;
  $("sound").querySelector("use").setAttribute("href", $("sound").querySelector("use").getAttribute("href").replace(/#.*/, video.muted ? "#volume" : "#mute"));
}
function toggleSound() {
  video.muted = !video.muted;
  screen.play();
  drawPicture();
}
$("sound").addEventListener("click", toggleSound);
video.addEventListener("resize", () => { root.classList.toggle("tall", video.videoHeight > video.videoWidth); });

// ---- goods ----
const tools = sellingTools({ base, run: may.run, items: () => room.items, beat: () => beat(), tell });
const rows = new Map();
function drawGoods() {
  const list = $("items");
  if (!list) return;
  for (const [id, row] of rows) if (!room.items.some((it) => it.id === id)) { row.el.remove(); rows.delete(id); }
  let last = null;
  for (const it of room.items) {
    let row = rows.get(it.id);
    if (!row) rows.set(it.id, row = itemRow(it, words, may.run && { pin, set, release, flash: openFlash, unflash, guarded: tools.guarded }, tools.log));
    row.update(it, pulse.items?.[it.id], room, pulse.selling?.waits?.[it.id]);
    if (last ? last.nextElementSibling !== row.el : list.firstElementChild !== row.el) last ? last.after(row.el) : list.prepend(row.el);
    last = row.el;
  }
  search();
}

function search() {
  const want = $("find").value.trim().toLowerCase();
  let seen = 0;
  for (const it of room.items) {
    const hit = !want || String(it.no) === want || it.name.toLowerCase().includes(want);
    rows.get(it.id).el.hidden = !hit;
    if (hit) seen++;
  }
  let note = $("items").querySelector(".none");
  if (seen) { note?.remove(); return; }
  note ??= $("items").appendChild(h("li", { class: "none soft" }));
  note.textContent = room.items.length ? words.no_match : words.no_goods;
}
$("find")?.addEventListener("input", search);

// pin explains an item, or nothing; every screen hears of it by the event.
async function pin(it) {
  take([{ k: "pin", d: await acts.pin(it) }]);
}
async function set(it, fields) { take([{ k: "item", d: await acts.set(it, fields) }]); beatSoon(); }
async function release(it, n, key) { take([{ k: "item", d: await acts.release(it, n, key) }]); beatSoon(); }
const openFlash = flashForm(async (it, fields) => {
  try {
    take([{ k: "item", d: await acts.flash(it, fields) }]);
    beatSoon();
  } catch (err) {
    const { key, at, ...wish } = fields;
    if (!tools.guarded(err, it, wish)) throw err;
  }
});
async function unflash(it) {
  if (!(await ask(words.flash_cancel_sure, words.flash_cancel))) return;
  take([{ k: "item", d: await acts.unflash(it) }]);
  beatSoon();
}

// ---- chat ----
const talk = talkPanel({ base, may, words, take: (events) => take(events), beat: () => beat() });

// ---- start and stop ----
async function move(button, to, question, action) {
  if (!(await ask(question, action))) return;
  const wrong = $("head-error");
  wrong.hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    take([{ k: "show", d: await acts.move(to) }]);
  } catch (err) {
    wrong.textContent = err.message;
    wrong.hidden = false;
  } finally { button.removeAttribute("aria-busy"); }
}
$("start")?.addEventListener("click", (e) => move(e.currentTarget, "live", words.start_sure, words.start));
$("stop")?.addEventListener("click", (e) => move(e.currentTarget, "ended", words.stop_sure, words.stop));

const tones = { live: "live", away: "warn", announced: "info", cancelled: "bad" };
function drawHead() {
  const s = $("show-state"), p = $("stream-state");
  badge(s, words["show_" + room.state], tones[room.state]);
  badge(p, words["stream_" + room.stream], { live: "ok", away: "bad" }[room.stream]);
  drawLaw();
  if ($("stop")) $("stop").hidden = room.state !== "live";
  $("report").hidden = room.state !== "live" && room.state !== "ended";
  root.dataset.scene = scene(room);
  const it = room.items.find((x) => x.id === room.pinned);
  $("now").hidden = !it;
  $("now").replaceChildren(...(it ? [h("span", { class: "badge live" }, words.pinned), h("strong", {}, `${it.no} ${it.name}`), h("span", { class: "price" }, yuan(it.price_fen))] : []));
  const script = it && pulse.items?.[it.id]?.script;
  if (script) $("now").append(h("p", { class: "small-text" }, script));
}
// drawLaw: "start" is lit once the checks are signed for as they stand.
function drawLaw() {
  const why = ["announced", "live"].includes(room.state) ? pulse.unready ?? "" : "";
  if ($("start")) {
    $("start").hidden = room.state !== "announced";
    $("start").disabled = Boolean(why);
  }
  const say = $("unready").firstElementChild;
  if (say.textContent !== why) say.textContent = why;
  $("unready").hidden = !why;
}
function badge(el, text, tone = "") {
  if (el.textContent !== text) el.textContent = text;
  el.className = `badge ${tone}`;
}

function draw() {
  drawHead();
  drawPicture();
  learn("", room.items);
  drawGoods();
  drawFlashes(pulse.flashes, words);
  tools.draw(pulse);
  talk.draw(room, pulse);
  drawHealth($("health"), $("warnings"), pulse, words);
  drawFigures(room, pulse, lang);
  if ($("feed")) drawFeed($("feed"), pulse.feed ?? [], words);
  tick(root);
}

// ---- events, pulse, truth ----
let buffer = null, reading = null;
function take(events) {
  if (buffer) { buffer.push(...events); return; }
  const before = room;
  room = { ...reduceAll(room, events), hearts: 0 };
  if (before.stream !== room.stream && room.stream === "live") screen.wake();
  if (events.some((e) => ["item", "stream", "show", "queue", "hide", "coupon", "more", "price_request"].includes(e.k))) beatSoon();
  draw();
}

function truth() {
  reading ??= (async () => {
    buffer = [];
    for (let failed = 0; ; failed++) {
      try {
        const fresh = await fetchJSON(`${base}/state`);
        serverTime(fresh.at);
        learn(fresh.at);
        const waiting = buffer;
        buffer = reading = null;
        room = { ...reduceAll(start(fresh), waiting), hearts: 0 };
        takePulse(fresh.pulse);
        return;
      } catch (err) {
        if ([401, 403, 404].includes(err.status)) { buffer = reading = null; location.reload(); return; }
        buffer = buffer.slice(-500);
        await new Promise((ok) => setTimeout(ok, Math.min(15, 2 ** failed) * 1000 * (0.7 + Math.random() * 0.6)));
      }
    }
  })();
  return reading;
}

// The pulse is what is no event: figures, stream health, the order feed. It is
// asked for every five seconds, and soon after an event that changes it.
let soon = 0, beating = false;
async function beat() {
  clearTimeout(soon);
  soon = 0;
  if (beating) return;
  beating = true;
  try { takePulse(await fetchJSON(`${base}/pulse`, { timeout: 8000 })); } catch { $("stale").hidden = false; } finally { beating = false; }
}
function takePulse(p) {
  pulse = p;
  $("stale").hidden = true;
  room = { ...room, counts: p.counts, stream: p.stream };
  draw();
}
function beatSoon() { soon ||= setTimeout(beat, 700); }
setInterval(() => { if (!document.hidden) beat(); }, 5000);
document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });

async function connect() {
  await link([root.dataset.id], { take: (_, events) => take(events), truth: () => truth(), lost: (x) => { $("link-lost").hidden = !x; } });
}

// ---- keys ----
document.addEventListener("keydown", async (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing || document.querySelector("dialog[open]")) return;
  const typing = e.target.closest?.("input, textarea, select");
  if (typing) { if (e.key === "Escape") typing.blur(); return; }
  if (may.run && /^[1-9]$/.test(e.key)) {
    const it = room.items.find((x) => x.no === Number(e.key));
    if (it) rows.get(it.id)?.pin();
  } else if (may.run && e.key === "Escape") {
    if (room.pinned) rows.get(room.pinned)?.pin(false);
  } else if (e.key === "/" && $("find")) { e.preventDefault(); $("find").focus(); }
  else if (e.key === "c" && $("say-body")) { e.preventDefault(); $("say-body").focus(); }
  else if (e.key === "m" && !$("sound").hidden) toggleSound();
  else if (e.key === "?") $("keys").showModal();
});

draw();
connect().catch(tell);
