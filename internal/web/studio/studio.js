// A host's screen: what to say now in huge type, the goods to tap, the chat
// large. It follows the same room as everybody's.
import { ask, fetchJSON, fill, h, island, serverTime, tell, yuan } from "../js/base.js";
import { reduceAll, start } from "../shop/state.js";

const $ = (id) => document.getElementById(id);
const root = $("studio");
const words = island("studio-words");
const base = `/studio/shows/${root.dataset.id}`;
let room = start(island("studio-state"));
serverTime(room.at);
const post = (path, fields) => fetchJSON(base + path, { method: "POST", body: new URLSearchParams(fields) });

// nextItem is what comes after the pinned one: the first that can be shown.
function nextItem() {
  const shown = room.items.filter((it) => it.state !== "off");
  const at = shown.findIndex((it) => it.id === room.pinned);
  return shown[at + 1];
}

function drawLine() {
  const it = room.items.find((x) => x.id === room.pinned);
  const up = nextItem();
  const now = it ?? up;
  const text = now ? `${now.no} ${now.name} ${yuan(now.price_fen)}` : words.no_items;
  const line = $("line");
  const script = now && room.script?.[now.id];
  const print = [text, script, room.pinned].join("|");
  if (line.dataset.print !== print) {
    line.dataset.print = print;
    line.replaceChildren(h("span", { class: "line-head" }, it ? h("span", { class: "badge live" }, words.now) : null, text), h("span", { class: "line-say" }, script || (now ? words.no_script : "")));
  }
  $("next").textContent = it && up ? fill(words.next, { no: up.no, name: up.name }) : it ? "" : words.none_now;
}

function drawItems() {
  const list = $("items");
  const shown = room.items.filter((it) => it.state !== "off");
  const print = JSON.stringify([shown, room.pinned, room.state]);
  if (list.dataset.print === print) return;
  list.dataset.print = print;
  const focus = list.contains(document.activeElement) ? document.activeElement.dataset.item : null;
  if (!shown.length) { list.replaceChildren(h("li", { class: "soft" }, words.no_items)); return; }
  list.replaceChildren(...shown.map((it) => {
    const now = it.id === room.pinned;
    return h("li", {}, h("button", { type: "button", class: "my-item" + (now ? " now" : ""), "data-item": it.id, "aria-pressed": String(now), disabled: room.state !== "live", onclick: (e) => pin(now ? null : it, e.currentTarget) },
      h("span", { class: "no" }, String(it.no)),
      h("span", { class: "grow" }, h("strong", {}, it.name), h("span", { class: "sub" }, `${yuan(it.price_fen)} · `, it.state === "on_sale" ? fill(words.left, { n: it.stock }) : words["item_" + it.state])),
      h("span", { class: "badge " + (now ? "live" : "") }, now ? words.now : words.tap)));
  }));
  if (focus) list.querySelector(`[data-item="${focus}"]`)?.focus();
}

async function pin(it, button) {
  const wrong = $("pin-error");
  wrong.hidden = true;
  button.setAttribute("aria-busy", "true");
  try { take([{ k: "pin", d: await post("/pin", { item: it?.id ?? "" }) }]); } catch (err) {
    wrong.textContent = err.message;
    wrong.hidden = false;
    button.removeAttribute("aria-busy");
  }
}

function drawChat() {
  const list = $("chat");
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 100;
  const have = new Map([...list.children].map((el) => [el.dataset.key, el]));
  for (const m of room.chat) {
    if (have.delete(m.id)) continue;
    list.append(h("li", { "data-key": m.id, class: m.badge ?? "" }, h("span", { class: "who" }, m.badge ? `${words[m.badge]} ` : "", m.name), h("span", {}, m.body)));
  }
  for (const el of have.values()) el.remove();
  if (!room.chat.length) list.append(h("li", { class: "soft", "data-key": "none" }, words.no_chat));
  if (low) list.scrollTop = list.scrollHeight;
}

function badge(el, text, tone = "") {
  if (el.textContent !== text) el.textContent = text;
  el.className = "badge " + tone;
}

function draw() {
  badge($("show-state"), words["show_" + room.state], { live: "live", announced: "info", cancelled: "bad" }[room.state]);
  badge($("stream-state"), words["stream_" + room.stream], { live: "ok", away: "bad" }[room.stream]);
  $("online").textContent = fill(words.online, { n: room.counts.online });
  drawStart();
  if ($("stop")) $("stop").hidden = room.state !== "live";
  const texts = room.health ? room.health.warnings ?? [] : [];
  const good = room.health && !texts.length ? `${words.healthy} ${room.health.size}` : "";
  const print = texts.join("|") + good;
  if ($("warnings").dataset.print !== print) {
    $("warnings").dataset.print = print;
    $("warnings").replaceChildren(...texts.map((t) => h("li", {}, t)), ...(good ? [h("li", { class: "good" }, good)] : []));
  }
  drawLine();
  drawItems();
  drawChat();
}

// drawStart: the button is lit once a colleague has signed the checks.
function drawStart() {
  const start = $("start"), why = room.state === "announced" ? room.unready ?? "" : "";
  if (!start) return;
  start.hidden = room.state !== "announced";
  start.disabled = Boolean(why);
  if ($("unready").textContent !== why) $("unready").textContent = why;
  $("unready").hidden = !why;
}

async function move(button, to, question, action) {
  if (!(await ask(question, action))) return;
  $("head-error").hidden = true;
  button.setAttribute("aria-busy", "true");
  try {
    take([{ k: "show", d: await post("/move", { to }) }]);
    if (to === "live") $("how").open = false;
    if (to === "ended") location.reload();
  } catch (err) {
    $("head-error").textContent = err.message;
    $("head-error").hidden = false;
  } finally { button.removeAttribute("aria-busy"); }
}
$("start")?.addEventListener("click", (e) => move(e.currentTarget, "live", words.start_sure, words.start));
$("stop")?.addEventListener("click", (e) => move(e.currentTarget, "ended", words.stop_sure, words.stop));

const say = $("say");
say?.addEventListener("submit", async (e) => {
  e.preventDefault();
  const input = $("say-body"), wrong = $("say-error");
  if (!input.value.trim() || say.ariaBusy === "true") return;
  say.ariaBusy = "true";
  wrong.hidden = true;
  try {
    take([{ k: "chat", d: await post("/say", { body: input.value }) }]);
    input.value = "";
  } catch (err) {
    wrong.textContent = err.message; // what was typed stays
    wrong.hidden = false;
  } finally { say.ariaBusy = "false"; }
});

// ---- events and the truth ----
let buffer = null, reading = null;
function take(events) {
  if (buffer) { buffer.push(...events); return; }
  room = { ...reduceAll(room, events), hearts: 0 };
  if (events.some((e) => e.k === "lost" || e.k === "stream")) truth();
  draw();
}
function truth() {
  reading ??= (async () => {
    buffer = [];
    for (let failed = 0; ; failed++) {
      try {
        const fresh = await fetchJSON(`${base}/state`);
        const waiting = buffer;
        buffer = reading = null;
        room = { ...reduceAll(start(fresh), waiting), hearts: 0 };
        draw();
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
setInterval(() => { if (!document.hidden) truth(); }, 10_000); // stream health is no event

async function connect() {
  await import("../vendor/centrifuge.js");
  const client = new globalThis.Centrifuge(location.origin.replace(/^http/, "ws") + "/rt/websocket");
  const sub = client.newSubscription("show:" + root.dataset.id);
  sub.on("publication", (ctx) => take(ctx.data.e ?? []));
  sub.on("subscribed", (ctx) => { if (!ctx.wasRecovering || !ctx.recovered) truth(); });
  client.on("connecting", ({ code }) => { $("link-lost").hidden = code === 0; });
  client.on("connected", () => { $("link-lost").hidden = true; });
  sub.subscribe();
  client.connect();
  addEventListener("pageshow", (e) => { if (e.persisted) truth(); });
}

// The phone stays awake while the show is on.
async function stayAwake() {
  try { await navigator.wakeLock?.request("screen"); } catch { /* battery saver: then it sleeps */ }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden && room.state === "live") stayAwake(); });

draw();
if (room.state === "live") stayAwake();
connect().catch(tell);
