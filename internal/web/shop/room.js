// The live room: draws the state, follows the room's events, and asks for the
// truth again whenever some may have been lost.
import { fetchJSON, fill, h, icon, island, now, serverTime, short, tell, tick, toast, lang, yuan } from "../js/base.js";
import { drawCard, drawChat, drawTray } from "./draw.js";
import { deal, learn, nextChange, phase, time, write } from "./flash.js";
import { drawLaw, slate } from "./law.js";
import { player } from "./player.js";
import { selling as sellingTools } from "./selling.js";
import { pinnedItem, purse, reduceAll, renew, scene, start } from "./state.js";

const $ = (id) => document.getElementById(id);
const words = island("room-words");
const id = $("room").dataset.id;
const base = `/room/${id}`;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let room = start(island("room-state"));
let client = null, sub = null;
serverTime(room.at);
learn(room.at);

// ---- stage ----
const video = $("video");
const screen = player(video, { tell: drawStage });

function drawStage() {
  const what = scene(room);
  const playing = what === "video" || what === "away";
  $("room").dataset.scene = what;
  if (playing && room.hls) screen.start({ hls: room.hls, plain: room.hls_plain, whep: room.whep, live: room.stream === "live" });
  if (!playing && screen.state !== "idle") screen.stop();
  const shown = screen.state;
  video.hidden = !(playing && shown !== "idle" && shown !== "loading");
  const say = { soon: "soon", wait: "wait", away: "away", ended: "ended", cancelled: "cancelled" }[what];
  const late = what === "video" && shown === "stalled" && video.readyState < 3;
  $("slate").hidden = !say && !late && shown !== "loading";
  $("slate").classList.toggle("thin", what === "video"); // waiting for data, nothing to tell yet
  $("slate-title").textContent = say ? words[say + "_title"] : "";
  $("slate-text").textContent = (say ? words[say + "_text"] : late && words.offline_video) ?? "";
  const cut = slate(room); // ended by force: why, in place of the usual words
  if (cut) { document.querySelector(".slate-replay")?.remove(); $("slate-title").textContent = cut.title; $("slate-text").textContent = cut.text; }
  $("slate-time").hidden = what !== "soon";
  $("slate-more").hidden = what !== "ended" && what !== "cancelled";
  drawSwitch($("remind"), what === "soon", room.me.reminded, words.reminded, words.remind);
  drawSound(what === "video" && (shown === "playing" || shown === "blocked" || video.readyState > 2));
}

function drawSound(on) {
  const b = $("sound");
  const blocked = screen.state === "blocked";
  b.hidden = !on || (!video.muted && !blocked);
  b.lastElementChild.textContent = blocked ? words.play : words.sound_on;
}

function drawSwitch(button, shown, on, onText, offText) {
  button.hidden = !shown;
  button.setAttribute("aria-pressed", String(on));
  (button.querySelector("span") ?? button).textContent = on ? onText : offText;
}

$("sound").addEventListener("click", async () => {
  video.muted = false;
  await screen.play();
  drawStage();
});
video.addEventListener("volumechange", drawStage);
// A first tap anywhere on the picture is as good as one on the button; a
// double tap gives a heart.
let lastTap = 0;
$("stage").addEventListener("click", (e) => {
  if (e.target.closest("button, a")) return;
  if (!$("sound").hidden) { $("sound").click(); return; }
  if (e.timeStamp - lastTap < 350) heart();
  lastTap = e.timeStamp;
});

// ---- what changes ----
const wide = matchMedia("(min-width: 64rem)");
function place() {
  ($(wide.matches ? "tray-side" : "tray-sheet")).append($("tray-in"));
  if (wide.matches) $("tray").close();
}
wide.addEventListener("change", place);

// ---- flash sales ----
// What a flash sale is now follows from its times; at each turn it is drawn
// anew and said once, for those who listen.
let turn1 = 0;
const phases = new Map();
function flashes() {
  learn("", room.items);
  clearTimeout(turn1);
  const wait = nextChange(room.items, time.now());
  if (wait < Infinity) turn1 = setTimeout(draw, Math.min(wait + 30, 2 ** 30));
  const say = [];
  for (const it of room.items) {
    const p = phase(it, time.now()), was = phases.get(it.id);
    phases.set(it.id, p);
    const text = p !== was && { countdown: words.flash_soon_words, running: words.flash_on_words, over: was === "running" && words.flash_over_words, "": was === "running" && words.flash_over_words }[p];
    if (text) say.push(fill(text, { no: it.no, name: it.name, price: yuan(it.flash?.price_fen ?? it.price_fen), n: it.flash ? Math.max(0, Math.ceil((Date.parse(it.flash.starts) - time.now()) / 1000)) : 0 }));
  }
  if (say.length) $("flash-words").textContent = say.join(" ");
  return tools.mark(room.items.map((it) => deal(it, time.now())));
}
setInterval(() => { if (!document.hidden) write($("room")); }, 250);

// ---- coupons, and the line for what is sold out ----
const tools = sellingTools({ base, items: () => room.items, buy, changed: () => draw(), who: () => whoChanged() });

let said = "";
function draw() {
  drawStage();
  $("online").textContent = fill(words.online, { n: room.counts.online });
  $("likes").textContent = room.counts.likes ? short(room.counts.likes, lang) : "";
  drawSwitch($("follow"), room.me.user !== room.host.id, room.me.following, words.following, words.follow);
  const shown = room.items.filter((it) => it.state !== "off");
  $("tray-count").textContent = shown.length || "";
  const selling = { ...room, items: flashes(), wait: tools.button };
  drawTray($("items"), selling, words, buy);
  const it = pinnedItem(selling);
  drawCard($("card"), it, selling, words, buy);
  write($("room"));
  drawChat($("chat"), room.chat, room.me.user, words);
  drawLaw(room);
  $("notice").hidden = !room.notice;
  $("notice").textContent = room.notice;
  const pin = room.comment;
  $("comment").hidden = !pin;
  $("comment").replaceChildren(...(pin ? [h("strong", {}, `${words.pinned} ${pin.name}`), " ", pin.body] : []));
  $("silence").hidden = !room.me.silence;
  $("silence").firstElementChild.textContent = room.me.silence ?? "";
  const speak = it ? fill(words.now_words, { no: it.no, name: it.name, price: document.querySelector("#card .price")?.textContent ?? "" }) : "";
  if (speak !== said) $("live-words").textContent = said = speak;
  const closed = room.state !== "live" && room.state !== "announced";
  $("say-body").disabled = closed;
  $("say-body").placeholder = closed ? words.closed_chat : $("say").querySelector("label").textContent;
  tick($("room"));
}

// ---- events ----
let buffer = null; // events that come while the truth is read
let reading = null;

function take(events) {
  if (buffer) { buffer.push(...events); return; }
  const before = room;
  room = reduceAll(room, events);
  afterwards(before);
}

function afterwards(before) {
  const others = hearts.others(room.hearts);
  if (others) fly(others);
  room = { ...room, hearts: 0 };
  if (before.stream !== room.stream && room.stream === "live") screen.wake();
  draw();
  // The addresses of the picture come with the truth, not with the event.
  if (before.state !== room.state) truth();
}

// truth reads the state anew; events that arrive meanwhile are put on top.
function truth() {
  reading ??= (async () => {
    buffer = [];
    let failed = 0;
    for (;;) {
      try {
        const fresh = await fetchJSON(`${base}/state`);
        serverTime(fresh.at);
        learn(fresh.at);
        const waiting = buffer;
        buffer = null;
        reading = null;
        const before = room;
        room = reduceAll(renew(room, fresh), waiting);
        if (before.stream !== room.stream && room.stream === "live") screen.wake();
        room = { ...room, hearts: 0 };
        draw();
        return;
      } catch (err) {
        if (err.status === 404) { buffer = null; reading = null; location.assign("/"); return; }
        buffer = buffer.slice(-500);
        await new Promise((ok) => setTimeout(ok, Math.min(15, 2 ** failed++) * 1000 * (0.7 + Math.random() * 0.6)));
      }
    }
  })();
  return reading;
}

async function connect() {
  await import("../vendor/centrifuge.js");
  const url = location.origin.replace(/^http/, "ws") + "/rt/websocket";
  client = new globalThis.Centrifuge(url);
  sub = client.newSubscription("show:" + id);
  sub.on("publication", (ctx) => {
    const events = ctx.data.e ?? [];
    take(events);
    tools.hear(events);
    if (events.some((e) => e.k === "lost")) truth(); // the server had to give up a tick
  });
  // Between the page and the first event something may have happened, and
  // after a gap that could not be filled too.
  sub.on("subscribed", (ctx) => { if (!ctx.wasRecovering || !ctx.recovered) truth(); });
  client.on("connecting", ({ code }) => { $("room").classList.toggle("offline", code !== 0); });
  client.on("connected", () => $("room").classList.remove("offline"));
  sub.subscribe();
  client.connect();
  // A bfcache page has a dead socket and an old state.
  addEventListener("pageshow", (e) => { if (e.persisted) truth(); });
}

// whoChanged opens the socket again under the new name, and reads the truth
// when it is open, so that the count has us in it.
function whoChanged() {
  if (!sub) return;
  const joined = new Promise((ok) => { sub.once("subscribed", ok); setTimeout(ok, 5000); });
  client.disconnect();
  client.connect();
  joined.then(truth);
  tools.read();
}

// ---- hearts ----
const hearts = purse();
let sending = 0;

function heart() {
  hearts.add();
  fly(1);
  sending ||= setTimeout(async () => {
    sending = 0;
    const n = hearts.take();
    try { await fetchJSON(`${base}/like`, { method: "POST", body: new URLSearchParams({ n }) }); } catch { /* hearts are not worth a message */ }
  }, 2500);
}

function fly(n) {
  if (calm.matches) return;
  for (let i = 0; i < Math.min(n, 8); i++) {
    const el = h("span", { class: `fly f${1 + Math.floor(Math.random() * 5)}` }, icon("heart"));
    el.style.setProperty("--delay", `${i * 90}ms`);
    el.addEventListener("animationend", () => el.remove());
    if ($("hearts").childElementCount < 40) $("hearts").append(el);
  }
}
$("like").addEventListener("click", heart);

// ---- what one can do ----
const signedIn = async (ask) => (await import("./signin.js")).signedIn(ask);

let sheetTools = null;
function loadSheet() {
  sheetTools ??= Promise.all([import("./buy.js"), new Promise((ok) => {
    const style = h("link", { rel: "stylesheet", href: new URL("./buy.css", import.meta.url).pathname, onload: ok, onerror: ok });
    document.head.append(style);
  })]).then(([m]) => m, (err) => { sheetTools = null; throw err; });
  return sheetTools;
}

async function buy(it) {
  const dialog = $("buy");
  $("tray").close();
  $("buy-in").replaceChildren();
  dialog.showModal();
  let open = null;
  try {
    ({ open } = await loadSheet());
  } catch (err) {
    dialog.close();
    tell(err);
    return;
  }
  if (!dialog.open) return;
  open($("buy-in"), `${base}/sheet?item=${it.id}`, { watching: true, close: () => dialog.close(), signedIn: whoChanged });
}

$("tray-open").addEventListener("click", () => {
  if (wide.matches) $("items").querySelector("button")?.focus();
  else $("tray").showModal();
});

async function turn(button, url, on) {
  button.disabled = true;
  try {
    const anonymous = !room.me.signed_in;
    const answer = await signedIn(() => fetchJSON(url, { method: "POST", body: new URLSearchParams({ on: on ? "1" : "0" }) }));
    if (answer && anonymous) whoChanged();
    return answer;
  } catch (err) {
    tell(err);
  } finally {
    button.disabled = false;
  }
}
$("follow").addEventListener("click", async () => {
  const answer = await turn($("follow"), `${base}/follow`, !room.me.following);
  if (!answer) return;
  room = { ...room, me: { ...room.me, following: answer.on } };
  toast(answer.on ? words.following : words.unfollowed);
  draw();
});
$("remind").addEventListener("click", async () => {
  const answer = await turn($("remind"), `/shows/${id}/remind`, !room.me.reminded);
  if (!answer) return;
  room = { ...room, me: { ...room.me, reminded: answer.on } };
  draw();
});

$("share").addEventListener("click", async () => {
  const { title, url } = $("share").dataset;
  if (navigator.share) {
    try { await navigator.share({ title, url }); return; } catch (err) { if (err.name === "AbortError") return; }
  }
  const b = h("button", { "data-copy": url, "data-copied": words.shared, hidden: true });
  $("room").append(b);
  b.click();
  b.remove();
});

const sayForm = $("say"), sayBody = $("say-body"), sayError = $("say-error");
function sayWrong(text) {
  sayError.textContent = text;
  sayError.hidden = !text;
  sayBody.toggleAttribute("aria-invalid", Boolean(text));
}
sayBody.addEventListener("input", () => sayWrong(""));
sayForm.addEventListener("submit", async (e) => {
  e.preventDefault();
  const body = sayBody.value.trim();
  if (!body || sayForm.ariaBusy === "true") return;
  sayForm.ariaBusy = "true";
  sayWrong("");
  try {
    const anonymous = !room.me.signed_in;
    const m = await signedIn(() => fetchJSON(`${base}/chat`, { method: "POST", body: new URLSearchParams({ body }) }));
    if (m) {
      take([{ k: "chat", d: m }]);
      sayBody.value = "";
      $("chat").scrollTop = $("chat").scrollHeight;
    }
    if (m && anonymous) whoChanged();
  } catch (err) {
    sayWrong(err.message); // what was typed stays
    sayBody.focus();
  } finally {
    sayForm.ariaBusy = "false";
  }
});

$("report-form").addEventListener("submit", (e) => {
  e.preventDefault();
  import("./report.js").then((m) => m.send(e.target, base), tell);
});

addEventListener("countdown:done", () => setTimeout(truth, 2000 + Math.random() * 3000), { once: true });

place();
draw();
connect().catch(tell);
