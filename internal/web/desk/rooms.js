// Several rooms on one screen, run by one person: choose a room by its number,
// then every key and every button of the bar works in that room and says so.
// What changes is gathered and drawn once a frame.
import { ask, fetchJSON, fill, h, island, keys as wishes, now, serverTime, showErrors, clearErrors, tell, toast, yuan } from "../js/base.js";
import { reduceAll, start } from "../shop/state.js";
import { phase, time } from "../shop/flash.js";
import { flashForm } from "./flash.js";
import { link } from "./link.js";
import { bell, due, urgency } from "./ring.js";
import { bigStep, command, entry, neighbour, pinning, step, target } from "./roomkeys.js";
import { correction, talkList } from "./roomtalk.js";
import { roomTile } from "./roomtile.js";
import { couponForm, priceAsk } from "./selling.js";
import { showActs } from "./showacts.js";

const $ = (id) => document.getElementById(id);
const root = $("rooms");
const may = { run: "run" in root.dataset, talk: "talk" in root.dataset };
const words = island("rooms-words");
const begin = island("rooms-state");
let pulse = begin.pulse;
serverTime(pulse.at);

// ---- the rooms ----
const rooms = new Map(); // by id, in the order of their numbers
let chosen = "", sound = false;
for (const st of begin.rooms ?? []) {
  const el = document.querySelector(`.tile[data-show="${st.id}"]`);
  const r = { id: st.id, no: Number(el.dataset.no), room: start(st), acts: showActs("/desk/shows/" + st.id), selected: "", undo: null, buffer: null };
  rooms.set(st.id, r);
  r.tile = roomTile(el, st, { words, acts: { dirty, choose, select, quiet } });
}
const here = () => rooms.get(chosen);
const byNo = (no) => [...rooms.values()].find((r) => r.no === no);

// ---- drawing: once a frame, only what changed ----
const stale = new Set();
let frame = 0;
function dirty(id) {
  if (id) stale.add(id); else for (const k of rooms.keys()) stale.add(k);
  frame ||= requestAnimationFrame(draw);
}
function draw() {
  frame = 0;
  for (const id of stale) {
    const r = rooms.get(id);
    r.tile.update({ room: r.room, pulse: pulse.rooms[id], alerts: pulse.alerts.filter((a) => a.show === id), chosen: id === chosen, selected: r.selected,
      heard: sound && id === chosen, calling: pulse.help.some((c) => c.show === id && !c.by), quiet: may.talk });
  }
  stale.clear();
  drawBar();
}

function drawBar() {
  const r = here();
  if (!$("bar") || !r) return;
  const name = fill(words.picked, { no: r.no });
  if ($("bar-room").textContent !== name) $("bar-room").textContent = name;
  const sale = r.room.items.find((it) => it.id === r.room.pinned);
  const can = { next: r.room.state === "live", prev: r.room.state === "live", pin: r.room.state === "live", unpin: Boolean(r.room.pinned), sale: Boolean(sale),
    move: r.room.state === "live" || (r.room.state === "announced" && !unready(r)), help: pulse.help.some((c) => c.show === r.id), seen: pulse.alerts.some((a) => a.show === r.id), kill: r.room.state === "live",
    flash: selling(r), coupon: selling(r), release: r.room.state === "live" };
  for (const b of $("bar").querySelectorAll("[data-do]")) {
    const off = can[b.dataset.do] === false;
    if (b.getAttribute("aria-disabled") !== String(off)) b.setAttribute("aria-disabled", String(off)); // never disabled: the focus must not be lost
  }
  $("undo").hidden = !r.undo;
  if (r.undo) $("undo").querySelector("span").textContent = r.undo.label;
}

function said(text) { $("said").textContent = text; }
// done tells what came of it, with the room's number, for eyes and ears.
function done(key, r, values = {}) { toast(fill(words[key], { no: r.no, ...values })); }

// ---- choosing ----
function choose(id, { focus = true } = {}) {
  const r = rooms.get(id);
  if (!r) return;
  if (chosen !== id) {
    const was = chosen;
    chosen = id;
    if (was) dirty(was);
    dirty(id);
    closeEntry(false);
    said(fill(words.chosen, { no: r.no, title: r.room.title }));
  }
  if (focus) { r.tile.el.focus({ preventScroll: false }); r.tile.el.scrollIntoView({ block: "nearest" }); }
}
function select(id, message) {
  const r = rooms.get(id);
  choose(id, { focus: false });
  r.selected = message;
  const m = r.room.chat.find((x) => x.id === message);
  if (m) said(fill(words.selected, { name: m.name ?? "", body: m.body ?? "" }));
  dirty(id);
}

// ---- what is done in a room ----
const itemName = (it) => `${it.no} ${it.name}`;
const undoable = (r, label, run) => { r.undo = { label, run, at: now() }; dirty(r.id); };
const take = (r, events) => events_(r.id, events);

async function pinIt(r, it, { quiet = false } = {}) {
  const before = r.room.items.find((x) => x.id === r.room.pinned) ?? null;
  if (it && r.room.state !== "live") return refuse(words.not_live);
  take(r, [{ k: "pin", d: await r.acts.pin(it) }]);
  if (quiet) return;
  done(it ? "pinned_done" : "unpinned_done", r, { item: it && itemName(it) });
  undoable(r, words.undo_pin, () => pinIt(r, before, { quiet: true }));
}
async function priceIt(r, it, yuanText, { sure = false, quiet = false } = {}) {
  const to = Math.round(Number(yuanText) * 100), was = it.price_fen;
  if (!sure && bigStep(was, to) && !(await ask(fill(words.price_sure, { item: itemName(it), was: yuan(was), price: yuan(to) })))) return false;
  const change = async () => take(r, [{ k: "item", d: await r.acts.set(it, { price: yuanText }) }]);
  if (quiet) { await change(); return true; }
  try { await change(); } catch (err) { // outside the guard: a colleague may sign it
    if (askColleague(base(r), err, it, { price: yuanText })) return true;
    throw err;
  }
  done("price_done", r, { item: itemName(it), price: yuan(to) });
  undoable(r, fill(words.undo_price, { price: yuan(was) }), () => priceIt(r, it, (was / 100).toFixed(2), { sure: true, quiet: true }));
  return true;
}
async function stockIt(r, it, n) {
  if (pulse.rooms[r.id]?.all?.includes(it.id)) return refuse(fill(words.all_there_is, { item: itemName(it) }));
  // One wish, one key: sent twice, or again after a lost answer, it counts once.
  const place = "release:" + it.id, ticket = wishes.open(place);
  take(r, [{ k: "item", d: await r.acts.release(it, n, wishes.key(ticket, n)) }]);
  wishes.settle(place, ticket);
  done("stock_done", r, { item: itemName(it), n });
}
async function saleIt(r, it, to, { quiet = false } = {}) {
  const was = it.state === "sold_out" ? "on_sale" : it.state;
  take(r, [{ k: "item", d: await r.acts.set(it, { state: to }) }]);
  if (quiet) return;
  done(to === "on_sale" ? "sale_on_done" : "sale_off_done", r, { item: itemName(it) });
  undoable(r, words.undo_sale, () => saleIt(r, it, was, { quiet: true }));
}
async function hideIt(r, m) {
  take(r, [{ k: "hide", d: await r.acts.hide(m) }]);
  if (r.selected === m.id) r.selected = "";
  done("hidden_done", r, { name: m.name });
  undoable(r, words.undo_hide, async () => { await r.acts.unhide(m); done("unhidden_done", r); });
}
// selling tells whether flash sales and coupons mean something in a room.
const selling = (r) => ["live", "announced"].includes(r.room.state);
const base = (r) => "/desk/shows/" + r.id;
const newCoupon = couponForm(() => { if (here()) done("coupon_done", here()); beat(); });
const askColleague = priceAsk(() => beat());
let flashIn = null;
const openFlash = flashForm(async (it, fields) => {
  const r = flashIn;
  try {
    take(r, [{ k: "item", d: await r.acts.flash(it, fields) }]);
    done("flash_done", r, { item: itemName(it) });
  } catch (err) {
    const { key, at, ...wish } = fields;
    if (!askColleague(base(r), err, it, wish)) throw err;
  }
});
// flashIt starts a flash sale of a product, or ends the one it has.
async function flashIt(r, it) {
  if (!selling(r)) return refuse(words.over);
  if (["planned", "countdown", "running"].includes(phase(it, time.now()))) {
    if (!(await ask(fill(words.flash_off_sure, { item: itemName(it) }), words.flash_off))) return;
    take(r, [{ k: "item", d: await r.acts.unflash(it) }]);
    return done("flash_off_done", r, { item: itemName(it) });
  }
  flashIn = r;
  openFlash(it);
}
// commentIt puts a comment above the chat, or takes off the one that is there.
async function commentIt(r) {
  const p = pinning(r.room, r.selected);
  if (!p) return refuse(words.no_message);
  take(r, [{ k: "comment", d: await r.acts.comment(p.m) }]);
  done(p.m ? "comment_done" : "comment_off_done", r, { name: p.m?.name });
}
const openList = talkList({ words, run: may.run, take, done });
const openCorrection = correction({ words, done });
// home gives the keys back to the room when a dialog is over, unless somebody
// types already: a dialog's end is told late.
function home() { if ($("entry")?.hidden !== false && !document.querySelector("dialog[open]")) here()?.tile.el.focus(); }
for (const d of ["flash", "coupon", "ask-price", "talk-list", "correct", "mute", "kill"]) $(d)?.addEventListener("close", home);
// unready is what keeps a notice from beginning: nobody signed for it.
const unready = (r) => pulse.rooms[r.id]?.unready ?? "";
async function moveIt(r) {
  const live = r.room.state === "live";
  if (!live && unready(r)) return refuse(unready(r));
  const q = fill(live ? words.end_sure : words.start_sure, { no: r.no, title: r.room.title });
  if (!(await ask(q, live ? words.end : words.start))) return;
  take(r, [{ k: "show", d: await r.acts.move(live ? "ended" : "live") }]);
  done(live ? "ended_done" : "started_done", r);
  beat();
}
function refuse(text) { toast(text, "bad"); }

async function helpIt(r) {
  const call = pulse.help.find((c) => c.show === r.id);
  if (call) await answer(call);
}
async function answer(call) {
  await showActs("/desk/shows/" + call.show).help(call.by ? "over" : "answer");
  beat();
}
async function quiet(a, how) {
  try {
    await fetchJSON("/desk/rooms/quiet", { method: "POST", body: new URLSearchParams({ show: a.show, alert: how === "seen" ? a.id : a.topic, for: how }) });
    pulse.alerts = pulse.alerts.filter((x) => x.show !== a.show || x.id !== a.id);
    dirty(a.show);
  } catch (err) { tell(err); }
}

const doing = {
  next: (r) => { const it = neighbour(r.room, 1); return it ? pinIt(r, it) : refuse(words.no_next); },
  prev: (r) => { const it = neighbour(r.room, -1); return it ? pinIt(r, it) : refuse(words.no_next); },
  unpin: (r) => r.room.pinned && pinIt(r, null),
  pin: (r) => openEntry(r, "pin"), price: (r) => openEntry(r, "price"), stock: (r) => openEntry(r, "stock"), reply: (r) => openEntry(r, "reply"), slow: (r) => openEntry(r, "slow"), hold: (r) => openEntry(r, "hold"),
  flash: (r) => openEntry(r, "flash"),
  coupon: (r) => (selling(r) ? newCoupon(base(r), r.room.items) : refuse(words.over)),
  comment: commentIt, release: (r) => openList(r, "release"), refuse: (r) => openList(r, "refuse"), list: (r) => openList(r),
  correct: (r) => openCorrection(r),
  sale: (r) => {
    const it = r.room.items.find((x) => x.id === r.room.pinned);
    return it ? saleIt(r, it, ["on_sale", "sold_out"].includes(it.state) ? "off" : "on_sale") : refuse(words.no_pin);
  },
  hide: (r) => { const m = target(r.room, r.selected); return m ? hideIt(r, m) : refuse(words.no_message); },
  mute: (r) => openMute(r),
  sound: (r) => { sound = !sound; said(sound ? words.sound_on : words.sound_off); dirty(r.id); },
  help: helpIt,
  seen: (r) => { const a = pulse.alerts.find((x) => x.show === r.id); return a && quiet(a, "seen"); },
  move: moveIt,
  kill: (r) => r.room.state === "live" && openKill(r),
  open: (r) => { location.href = `/desk/shows/${r.id}`; },
  up: (r) => select(r.id, step(r.room, r.selected, -1)),
  down: (r) => select(r.id, step(r.room, r.selected, 1)),
  undo: async (r) => {
    const u = r.undo;
    if (!u) return refuse(words.nothing_undo);
    r.undo = null;
    try { await u.run(); done("undone", r); } catch (err) { r.undo = u; throw err; } finally { dirty(r.id); }
  },
};

// act does one thing at a time in a room: a key pressed twice must not do it twice.
const busy = new Set();
async function act(what) {
  const r = here();
  if (!r || !doing[what] || busy.has(r.id + what)) return;
  busy.add(r.id + what);
  try { await doing[what](r); } catch (err) { tell(err); } finally { busy.delete(r.id + what); }
}

// ---- the entry ----
const form = $("entry"), input = $("entry-in"), wrong = $("entry-error");
let open = null; // {r, kind, reply}
function openEntry(r, kind) {
  open = { r, kind, reply: kind === "reply" && r.selected ? r.room.chat.find((m) => m.id === r.selected) : null };
  $("entry-label").textContent = fill(words[kind + "_label"], { no: r.no }) + (open.reply ? ` (${open.reply.name})` : "");
  input.value = kind === "slow" ? String(r.room.slow_mode ?? 0) : "";
  input.inputMode = kind === "reply" ? "text" : kind === "price" || kind === "stock" ? "text" : "numeric";
  wrong.hidden = true;
  form.hidden = false;
  input.focus();
  input.select();
}
function closeEntry(back = true) {
  if (!form || form.hidden) return;
  form.hidden = true;
  open = null;
  if (back) here()?.tile.el.focus();
}
async function enter() {
  const { r, kind, reply } = open;
  if (kind === "reply") {
    const body = input.value.trim();
    if (!body) return closeEntry();
    take(r, [{ k: "chat", d: await r.acts.say(body, reply?.id) }]);
    done("said_done", r);
    return closeEntry();
  }
  const x = entry(kind, input.value, r.room);
  if (x.error) throw { message: fill(words[x.error], { n: x.n }), said: true };
  if (kind === "pin") await pinIt(r, x.item);
  if (kind === "price" && !(await priceIt(r, x.item, x.value))) return input.focus();
  if (kind === "stock") await stockIt(r, x.item, x.value);
  if (kind === "slow") { await r.acts.rule("slow", x.value); r.room = { ...r.room, slow_mode: x.value }; done(x.value ? "slow_done" : "slow_off_done", r, { n: x.value }); }
  if (kind === "hold") { await r.acts.rule("hold", x.value); done(x.value < 0 ? "hold_all_done" : x.value ? "hold_done" : "hold_off_done", r, { n: x.value }); }
  if (!document.querySelector("dialog[open]")) closeEntry(); else closeEntry(false);
  if (kind === "flash") await flashIt(r, x.item);
}
form?.addEventListener("submit", async (e) => {
  e.preventDefault();
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  wrong.hidden = true;
  try { await enter(); } catch (err) { // what was typed stays
    wrong.textContent = err.message;
    wrong.hidden = false;
    input.focus();
    if (!err.said && err.status === undefined) console.error(err);
  } finally { form.ariaBusy = "false"; }
});
$("entry-close")?.addEventListener("click", () => closeEntry());

// ---- muting ----
const muteForm = $("mute-form");
let muting = null;
function openMute(r) {
  const m = target(r.room, r.selected);
  if (!m) return refuse(words.no_message);
  if (m.badge) return refuse(words.staff_message);
  muting = { r, m };
  clearErrors(muteForm);
  muteForm.reset();
  muteForm.elements.user.value = m.user;
  muteForm.elements.message.value = m.id;
  $("mute-who").textContent = m.name;
  $("mute-what").textContent = m.body;
  $("mute").showModal();
}
muteForm?.addEventListener("submit", async (e) => {
  e.preventDefault();
  clearErrors(muteForm);
  try {
    await muting.r.acts.mute(Object.fromEntries(new FormData(muteForm)));
    $("mute").close();
    done("muted_done", muting.r, { name: muting.m.name });
  } catch (err) { showErrors(muteForm, err); }
});

// ---- the kill switch: in one step, but never without a reason ----
const killForm = $("kill-form");
let killing = null;
function openKill(r) {
  killing = r;
  clearErrors(killForm);
  killForm.reset();
  $("kill-what").textContent = `${fill(words.tile, { no: r.no })} \u00b7 ${r.room.title}`;
  $("kill").showModal();
  $("kill-why").focus();
}
killForm?.addEventListener("submit", async (e) => {
  e.preventDefault();
  if (killForm.ariaBusy === "true") return;
  killForm.ariaBusy = "true";
  clearErrors(killForm);
  try {
    await killing.acts.post("/cut", { why: $("kill-why").value });
    $("kill").close();
    done("ended_done", killing);
    beat();
  } catch (err) { showErrors(killForm, err); } finally { killForm.ariaBusy = "false"; }
});

// ---- events, pulse, truth ----
function events_(id, list) {
  const r = rooms.get(id);
  if (r.buffer) { r.buffer.push(...list); return; }
  const before = r.room;
  r.room = { ...reduceAll(r.room, list), hearts: 0 };
  for (const e of list) if (e.k === "hide" && e.d.id === r.selected) r.selected = "";
  if (before.stream !== r.room.stream && r.room.stream === "live") r.tile.screen.wake();
  if (list.some((e) => ["help", "stream", "show", "item"].includes(e.k))) beatSoon();
  dirty(id);
}
async function truth(id) {
  const r = rooms.get(id);
  if (r.buffer) return;
  r.buffer = [];
  for (let failed = 0; ; failed++) {
    try {
      const fresh = await r.acts.state();
      const waiting = r.buffer;
      r.buffer = null;
      r.room = { ...reduceAll(start(fresh), waiting), hearts: 0 };
      dirty(id);
      return;
    } catch (err) {
      if ([401, 403, 404].includes(err.status)) { r.buffer = null; location.reload(); return; }
      r.buffer = r.buffer.slice(-500);
      await new Promise((ok) => setTimeout(ok, Math.min(15, 2 ** failed) * 1000 * (0.7 + Math.random() * 0.6)));
    }
  }
}
let soon = 0, beating = false, again = false;
async function beat() {
  clearTimeout(soon);
  soon = 0;
  if (beating) { again = true; return; }
  beating = true;
  try {
    const q = new URLSearchParams([...rooms.keys()].map((id) => ["show", id]));
    pulse = await fetchJSON("/desk/rooms/pulse?" + q, { timeout: 8000 });
    serverTime(pulse.at);
    $("stale").hidden = true;
    for (const [id, p] of Object.entries(pulse.rooms)) {
      const r = rooms.get(id);
      r.room = { ...r.room, state: p.state, stream: p.stream, counts: p.counts };
    }
    dirty();
    drawCalls();
    drawMore();
  } catch { $("stale").hidden = false; } finally { beating = false; }
  if (again) { again = false; beatSoon(); }
}
function beatSoon() { soon ||= setTimeout(beat, 300); }
setInterval(beat, 4000); // hidden or not: a call must ring behind another window

function drawMore() {
  const n = pulse.more?.length ?? 0;
  $("more-rooms").hidden = !n;
  const text = n ? fill(words.more_rooms, { n }) : "";
  if ($("more-rooms").textContent !== text) $("more-rooms").textContent = text;
}

// ---- calls for help ----
const ring = bell();
function drawCalls() {
  const box = $("calls");
  const print = pulse.help.map((c) => c.id + (c.by ?? "")).join("|");
  if (box.dataset.print === print) return;
  box.dataset.print = print;
  const held = box.contains(document.activeElement);
  box.replaceChildren(...pulse.help.map((c) => h("p", { class: "call" + (c.by ? " taken" : "") },
    h("strong", {}, fill(c.by ? words.help_taken : words.help_calls, { title: c.title, name: c.by })),
    !c.by && h("span", { class: "soft", "data-since": c.since, "aria-live": "off" }),
    may.talk && h("button", { type: "button", class: c.by ? "button quiet small" : "button small", onclick: async (e) => {
      e.currentTarget.setAttribute("aria-busy", "true");
      try { await answer(c); } catch (err) { tell(err); beat(); }
    } }, c.by ? words.help_over : words.help_answer),
    !c.here && h("a", { href: `/desk/shows/${c.show}` }, words.now))));
  if (held) (box.querySelector("button") ?? here()?.tile.el)?.focus();
}
const title = document.title;
let second = 0;
setInterval(() => {
  second++;
  const { level } = urgency(pulse.help, now());
  root.dataset.ringing = String(level);
  document.title = level && second % 2 ? `\u260e ${words.help_title} \u00b7 ${title}` : title;
  if (due(level, second)) ring.ring(level);
  for (const el of $("calls").querySelectorAll("[data-since]")) el.textContent = fill(words.help_waits, { n: Math.max(0, Math.floor((now() - Date.parse(el.dataset.since)) / 1000)) });
}, 1000);
async function allow() {
  if (ring.ready || !(await ring.allow())) return;
  $("ring").setAttribute("aria-pressed", "true");
  $("ring").querySelector("span").textContent = words.ring_is_on;
}
$("ring").addEventListener("click", async () => { await allow(); ring.ring(1); });
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, allow);

// ---- keys and buttons ----
const keysOn = $("keys-on"), memory = "lindu-rooms-keys";
try { keysOn.checked = localStorage.getItem(memory) !== "off"; } catch { /* no storage: on */ }
keysOn.addEventListener("change", () => { try { localStorage.setItem(memory, keysOn.checked ? "on" : "off"); } catch { /* as above */ } });
document.addEventListener("keydown", (e) => {
  const typing = Boolean(e.target.closest?.("input, textarea, select"));
  const dialog = Boolean(document.querySelector("dialog[open]"));
  if (e.key === "Escape" && !dialog) { if (!form?.hidden) closeEntry(); else if (here()?.selected) { here().selected = ""; dirty(chosen); } return; }
  const c = command(e, { typing, dialog, on: keysOn.checked, may });
  if (!c) return;
  e.preventDefault();
  if (c.do === "choose") return choose(byNo(c.no)?.id);
  if (c.do === "keys") return $("keys").showModal();
  act(c.do);
});
$("bar")?.addEventListener("click", (e) => {
  const b = e.target.closest("[data-do]");
  if (b && b.getAttribute("aria-disabled") !== "true") act(b.dataset.do);
});
$("undo")?.addEventListener("click", () => { act("undo"); here()?.tile.el.focus(); });
$("choose-form")?.addEventListener("change", (e) => {
  const boxes = [...e.currentTarget.querySelectorAll("[name=show]")], n = boxes.filter((b) => b.checked).length;
  for (const b of boxes) b.disabled = !b.checked && n >= 6;
});

const first = [...rooms.keys()][0];
if (first) choose(first, { focus: false });
dirty();
draw();
drawCalls();
drawMore();
link([...rooms.keys()], { take: events_, truth, lost: (x) => { $("link-lost").hidden = !x; } }).catch(tell);
