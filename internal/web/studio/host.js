// Host mode: one big button to go live from a phone, and large words to read
// from two metres. It thinks in hoststate.js, films in hostcam.js, and follows
// the same room as everybody.
import { ask, fetchJSON, fill, h, island, lang, serverTime, yuan } from "../js/base.js";
import { publish, supported } from "../js/rtc.js";
import { reduceAll, start } from "../shop/state.js";
import { camera } from "./hostcam.js";
import { beside, cameraTrouble, frames, kbps, network, occupied, reader, refusal, stage, steady, trouble, voiceWord } from "./hoststate.js";

const $ = (id) => document.getElementById(id);
const root = $("host");
const words = island("host-words");
const base = `/studio/shows/${root.dataset.id}`;
const practice = "practice" in root.dataset;
let room = start(island("host-state"));
serverTime(room.at);
const post = (path, fields = {}) => fetchJSON(base + path, { method: "POST", body: new URLSearchParams(fields) });
const text = (el, s) => { if (el.textContent !== s) el.textContent = s; };

// ---- what is going on ----
let bad = "", badText = "", refused = "", wanted = false, link = "", publisher = null, moving = false;
const cam = camera($("picture"), $("camera"), {
  words: () => ({ title: words.slate, text: words.slate_sub, mark: practice ? words.practice_mark : "" }),
  tell(state, err) {
    if (err) bad = cameraTrouble(err.name);
    else if (state === "on") bad = "";
    draw();
  },
  mic(track) { publisher?.replace(track).catch(console.error); }, // cut off just now: the next connection takes it
});
const now = () => stage({ show: room.state, bad, camera: cam.state, wanted, link });

async function openCamera() {
  bad = trouble({ secure: isSecureContext, agent: navigator.userAgent, devices: !!navigator.mediaDevices?.getUserMedia, rtc: supported(), capture: "captureStream" in HTMLCanvasElement.prototype });
  if (!bad && room.state !== "ended" && room.state !== "cancelled") await cam.open();
  draw();
}

let place = null;
function goLive() {
  place = occupied(4); // some three seconds: an encoder that has just stopped is gone by then
  cam.wake();
  if ("speechSynthesis" in window) speechSynthesis.cancel();
  wanted = true;
  link = "connecting";
  badText = refused = "";
  $("go-error").hidden = true;
  publisher?.close();
  publisher = publish(`/whip/${root.dataset.id}`, cam.stream(), { kbps: kbps(navigator.connection), onState });
  stayAwake();
  draw();
}

function onState(state, detail) {
  link = place(state, detail?.reason);
  if (link === "failed") {
    publisher?.close();
    refused = refusal(detail.reason);
    badText = detail.text || words[`bad_${detail.reason}`] || words.bad_failed;
  }
  if (state === "live" && room.state === "announced") begin();
  draw();
}

// begin starts the show once its picture is there.
async function begin() {
  if (moving) return;
  moving = true;
  try {
    take([{ k: "show", d: await post("/move", { to: "live" }) }]);
  } catch (err) { // the checklist, for example: no show, so no picture either
    $("go-error").textContent = err.message;
    $("go-error").hidden = false;
    quit();
  } finally { moving = false; draw(); }
}

function quit() {
  wanted = false;
  link = "";
  publisher?.close();
  publisher = null;
}

// ---- drawing ----
const tones = { live: "live", away: "warn", retrying: "bad", starting: "info", failed: "bad", again: "warn" };
function draw() {
  const at = now();
  root.dataset.stage = at;
  $("state").className = "badge " + (tones[at] ?? "");
  text($("state"), { live: practice ? words.live_practice : words.live, again: words.away, failed: words[`bad_${refused}`] ?? words.net_lost, ready: "", trouble: "" }[at] ?? words[at] ?? "");
  $("state").hidden = !$("state").textContent;
  text($("online"), fill(words.online, { n: room.counts.online }));
  $("orders").hidden = !room.play;
  if (room.play) text($("orders"), fill(words.orders, { n: room.play.orders }));
  drawGo(at);
  drawTrouble(at);
  drawNow();
  drawChat();
  drawHelp();
  $("flip").hidden = !cam.many || at === "trouble";
  $("picture").classList.toggle("mirrored", cam.mirrored && cam.state === "on");
  $("stop").hidden = room.state !== "live";
  $("back").hidden = wanted;
}

function drawGo(at) {
  const b = $("go");
  text(b.querySelector("span"), { again: words.go_again, failed: words.again_try, starting: words.starting, opening: words.opening, draft: words.draft, ended: words.ended }[at] ?? (practice ? words.go_practice : words.go));
  const unready = at === "ready" ? room.unready ?? "" : at === "failed" ? badText : "";
  b.disabled = !(["ready", "again", "failed"].includes(at)) || (at === "ready" && !!room.unready);
  $("unready").hidden = !unready;
  text($("unready"), unready);
  const missing = at === "ready" ? room.missing ?? [] : [];
  $("missing").hidden = !missing.length;
  if ($("missing").dataset.print !== missing.join("|")) {
    $("missing").dataset.print = missing.join("|");
    $("missing").replaceChildren(...missing.map((m) => h("li", {}, m)));
  }
}

function drawTrouble(at) {
  $("trouble").hidden = at !== "trouble";
  if (at !== "trouble") return;
  text($("trouble-title"), words["bad_" + bad]);
  text($("trouble-do"), words["do_" + bad]);
}

function drawNow() {
  const pinned = room.items.find((x) => x.id === room.pinned);
  const up = beside(room.items, room.pinned, 1), before = beside(room.items, room.pinned, -1);
  const it = pinned ?? up;
  text($("now-tag"), pinned ? words.now : it ? words.none_now : "");
  text($("now-name"), it ? `${it.no} ${it.name}` : words.no_items);
  const waits = it?.state === "sold_out" && room.waits?.[it.id];
  text($("now-price"), it ? [yuan(it.price_fen), it.state === "on_sale" ? fill(words.left, { n: it.stock }) : words["item_" + it.state],
    waits ? fill(words.waits, { n: waits.people, units: waits.units }) : ""].filter(Boolean).join(" · ") : "");
  text($("line"), it ? room.script?.[it.id] || words.no_script : "");
  const on = room.state === "live";
  $("next").disabled = !on || !up;
  text($("next").querySelector("span"), up ? fill(words.next_named, { no: up.no, name: up.name }) : words.no_next);
  $("next").dataset.item = up?.id ?? "";
  $("prev").disabled = !on || !before;
  $("prev").dataset.item = before?.id ?? "";
}

function drawChat() {
  const list = $("chat");
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 120;
  const open = new Map((room.play?.open ?? []).map((q) => [q.message, q.topic]));
  const have = new Map([...list.children].map((el) => [el.dataset.key, el]));
  for (const m of room.chat.filter((m) => m.body)) {
    const print = `${m.id} ${open.get(m.id) ?? ""}`;
    const old = have.get(m.id);
    have.delete(m.id);
    if (old?.dataset.print === print) continue;
    const el = line(m, open.get(m.id));
    Object.assign(el.dataset, { key: m.id, print });
    if (old) old.replaceWith(el); else list.append(el);
  }
  for (const el of have.values()) el.remove();
  if (!list.children.length) list.append(h("li", { class: "soft", "data-key": "none" }, words.no_chat));
  if (low) list.scrollTop = list.scrollHeight;
  speak();
}

function line(m, topic) {
  return h("li", { class: m.badge ?? "" },
    h("span", { class: "who" }, m.badge ? `${words[m.badge]} ` : "", m.name), h("span", { class: "said" }, m.body),
    topic && h("span", { class: "coach" }, h("strong", {}, words.coach), " ", room.play.coach[topic] ?? ""),
    topic && h("button", { type: "button", class: "button small", onclick: (e) => act(e.currentTarget, () => post("/answered", { message: m.id })) }, words.answered));
}

function drawHelp() {
  const b = $("help"), call = room.help;
  b.setAttribute("aria-pressed", String(!!call));
  b.classList.toggle("coming", !!call?.name);
  text(b.querySelector("span"), !call ? words.help : call.name ? fill(words.help_coming, { name: call.name }) : words.help_waiting);
  b.title = call ? words.help_take_back : "";
}

// check writes one of the three lines under the picture.
function check(id, tone, words) {
  const el = $(id);
  el.dataset.tone = tone;
  text(el.querySelector(".host-check-text"), words);
}

// ---- what is measured ----
const lightWord = steady(3, "good"), netWord = steady(2, "none"), micWord = steady(3, "ok");
let net = "none";
setInterval(() => {
  const x = cam.hear(100);
  $("meter").style.transform = `scaleX(${x ? x.bar.toFixed(2) : 0})`;
  root.dataset.quiet = x ? Math.round(x.quiet / 1000) : "";
}, 100);
setInterval(async () => {
  if (document.hidden) return;
  const l = cam.light();
  if (l) { const w = lightWord(l); check("light", w === "good" ? "ok" : "warn", words["light_" + w]); }
  const s = cam.hear(0);
  const m = s ? micWord(voiceWord(s.bar, s.quiet)) : "off";
  check("mic", m === "ok" ? "ok" : m === "off" ? "none" : "warn", words["mic_" + m]);
  net = netWord(network(link, link === "live" ? await publisher?.stats() : null, refused));
  cam.pace(frames(net));
  check("net", { good: "ok", weak: "warn", bad: "bad", lost: "bad" }[net] ?? "none", words["net_" + net]);
}, 1000);
if (practice) setInterval(() => {
  const x = cam.heard();
  if (room.state === "live" && wanted && x.heard) post("/sound", x).catch(() => {}); // a beat that is lost is not measured
}, 10_000);

// ---- reading aloud ----
const voices = "speechSynthesis" in window;
const aloud = reader();
let reading = false, saying = null; // kept, or some browsers throw it away before its end is told
try { reading = voices && localStorage.getItem("host-read") === "1"; } catch { /* then not */ }
function drawRead() {
  $("read").hidden = !voices;
  $("read").setAttribute("aria-pressed", String(reading));
  text($("read").querySelector("span"), reading ? words.read_on : words.read_off);
}
function speak() {
  aloud.hear(room.chat, reading);
  const m = reading && aloud.next(Date.now());
  if (!m) return;
  saying = new SpeechSynthesisUtterance(fill(words.says, { name: m.name, text: m.body }));
  saying.lang = lang;
  saying.onend = saying.onerror = () => { aloud.done(); speak(); };
  speechSynthesis.speak(saying);
}
$("read").addEventListener("click", () => {
  reading = !reading;
  if (!reading) { speechSynthesis.cancel(); aloud.done(); }
  try { localStorage.setItem("host-read", reading ? "1" : "0"); } catch { /* for this time only */ }
  drawRead();
});

// ---- what one can tap ----
async function act(button, fn) {
  $("act-error").hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    await fn();
    await truth();
  } catch (err) {
    $("act-error").textContent = err.message;
    $("act-error").hidden = false;
  } finally { button.removeAttribute("aria-busy"); }
}
for (const id of ["next", "prev"]) {
  $(id).addEventListener("click", (e) => {
    const b = e.currentTarget, item = b.dataset.item;
    if (item && b.getAttribute("aria-busy") !== "true") act(b, async () => take([{ k: "pin", d: await post("/pin", { item }) }]));
  });
}
$("go").addEventListener("click", goLive);
$("try-again").addEventListener("click", openCamera);
$("flip").addEventListener("click", (e) => act(e.currentTarget, () => cam.flip()));
$("help").addEventListener("click", (e) => act(e.currentTarget, () => post("/help", { on: room.help ? "0" : "1" })));
$("stop").addEventListener("click", async (e) => {
  const button = e.currentTarget;
  if (!(await ask(practice ? words.stop_practice_sure : words.stop_sure, words.stop))) return;
  act(button, async () => {
    take([{ k: "show", d: await post("/move", { to: "ended" }) }]);
    leave();
  });
});

// leave goes where a host finds out how it went.
function leave() {
  quit();
  cam.close();
  location.assign(practice ? `/studio/practice/${root.dataset.id}` : base);
}

// ---- events and the truth ----
let buffer = null, asking = null;
function take(events) {
  if (buffer) { buffer.push(...events); return; }
  room = { ...reduceAll(room, events), hearts: 0 };
  if (events.some((e) => ["lost", "stream", "help"].includes(e.k))) truth();
  if (wanted && (room.state === "ended" || room.state === "cancelled")) leave();
  draw();
}
function truth() {
  asking ??= (async () => {
    buffer = [];
    for (let failed = 0; ; failed++) {
      try {
        const fresh = await fetchJSON(`${base}/live/state`);
        const waiting = buffer;
        buffer = asking = null;
        serverTime(fresh.at);
        room = { ...start(fresh), hearts: 0 };
        take(waiting);
        return;
      } catch (err) {
        if ([401, 403, 404].includes(err.status)) { buffer = asking = null; location.reload(); return; }
        buffer = buffer.slice(-500);
        await new Promise((ok) => setTimeout(ok, Math.min(15, 2 ** failed) * 1000 * (0.7 + Math.random() * 0.6)));
      }
    }
  })();
  return asking;
}
setInterval(() => { if (!document.hidden) truth(); }, practice ? 3_000 : 8_000); // the checklist and the script are no events

async function connect() {
  await import("../vendor/centrifuge.js");
  const client = new globalThis.Centrifuge(location.origin.replace(/^http/, "ws") + "/rt/websocket");
  const sub = client.newSubscription("show:" + root.dataset.id);
  sub.on("publication", (ctx) => take(ctx.data.e ?? []));
  sub.on("subscribed", (ctx) => { if (!ctx.wasRecovering || !ctx.recovered) truth(); });
  sub.subscribe();
  client.connect();
}

// ---- a phone is a phone ----
async function stayAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* battery saver: then it sleeps */ }
}
function awake() {
  if (document.hidden) return;
  if (wanted) stayAwake();
  cam.back();
  truth();
}
document.addEventListener("visibilitychange", awake);
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

drawRead();
draw();
openCamera();
connect().catch(console.error);
