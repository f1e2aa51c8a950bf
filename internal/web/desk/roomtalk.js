// The dialogs of the screen of many rooms that a moderator works in: what waits
// for a decision, who is silenced and what is hidden in a room, and a correction.
import { ask, clearErrors, fill, h, island, showErrors, tell, yuan } from "../js/base.js";
import { couponText } from "./selling.js";

const $ = (id) => document.getElementById(id);

const sell = island("selling-words") ?? {};

// talkList makes the list of a room work. take(r, events) puts events into the
// room, done(key, r, values) says what came of it. It gives back open(r, first):
// first names the buttons of which the first gets the focus.
export function talkList({ words, run, take, done }) {
  if (!$("talk-list")) return () => {};
  let room = null, busy = false;

  const button = (label, name, m, run) => h("button", { class: "button quiet small", type: "button", "data-act": name, "aria-label": `${label}: ${m.name} ${m.body ?? ""}`, onclick: async () => {
    if (busy) return; // a key held down must not decide on the next line, too
    busy = true;
    try { await run(); await draw(name); } catch (err) { tell(err); } finally { busy = false; }
  } }, label);
  const line = (m, ...acts) => h("li", {}, h("p", {}, h("strong", {}, m.name), " ", m.body ?? ""), h("span", { class: "row tight" }, ...acts));
  const part = (title, lines) => lines.length > 0 && h("section", { class: "stack tight" }, h("h3", {}, title), h("ul", { class: "plain stack tight" }, ...lines));

  async function decide(m, what) {
    const d = await room.acts.held(m, what);
    if (what === "release") take(room, [{ k: "chat", d }]);
    done(what === "release" ? "released_done" : "refused_done", room, { name: m.name });
  }

  // sales are the coupons of the room and the prices that wait for a signature.
  function sales({ coupons = [], requests = [] }) {
    const coupon = (c) => {
      const m = { name: couponText(c), body: fill(sell.used, { taken: c.taken, total: c.total, used: c.used }) };
      return line(m, c.state === "planned" && button(sell.drop, "drop", m, () => room.acts.post(`/coupons/${c.id}/drop`)),
        button(sell.end, "end", m, async () => { if (await ask(sell.end_sure, sell.end)) await room.acts.post(`/coupons/${c.id}/end`); }));
    };
    const price = (x) => {
      const m = { name: `${x.no} ${x.name}`, body: `${yuan(x.old_fen)} \u2192 ${yuan(x.new_fen)} \u00b7 ${fill(sell.by, { who: x.by })}: ${x.reason}${x.mine ? ` \u00b7 ${sell.mine}` : ""}` };
      return x.mine ? line(m) : line(m, button(sell.sign, "sign", m, () => room.acts.sign(x, "yes")), button(sell.refuse, "unsign", m, () => room.acts.sign(x, "no")));
    };
    return [part(words.list_prices, requests.filter((x) => x.state === "waiting").map(price)), part(words.list_coupons, coupons.filter((c) => c.state !== "ended").map(coupon))];
  }

  // draw reads the room's list anew; what was done was perhaps done by another.
  async function draw(first = "") {
    const t = await room.acts.talk();
    const held = (t.held ?? []).map((m) => line(m, button(words.release, "release", m, () => decide(m, "release")), button(words.refuse, "refuse", m, () => decide(m, "refuse"))));
    const mutes = (t.silenced ?? []).map((m) => line(m, button(words.lift, "lift", m, async () => { await room.acts.lift(m); done("unmuted_done", room, { name: m.name }); })));
    const hidden = (t.hidden ?? []).map((m) => line(m, button(words.unhide, "unhide", m, async () => { await room.acts.unhide(m); done("unhidden_done", room); })));
    const goods = run ? sales((await room.acts.pulse()).selling ?? {}) : [];
    const all = [part(words.list_held, held), part(words.list_silenced, mutes), part(words.list_hidden, hidden), ...goods].filter(Boolean);
    $("talk-list-all").replaceChildren(...(all.length ? all : [h("p", { class: "soft" }, words.list_none)]));
    const at = $("talk-list-all").querySelector(`[data-act="${first}"]`) ?? $("talk-list-all").querySelector("button");
    (at ?? $("talk-list").querySelector("button")).focus();
  }

  return async (r, first = "") => {
    room = r;
    $("talk-list-room").textContent = fill(words.tile, { no: r.no }) + " \u00b7 " + r.room.title;
    $("talk-list-all").replaceChildren();
    $("talk-list").showModal();
    try { await draw(first); } catch (err) { $("talk-list").close(); throw err; }
  };
}

// correction makes the dialog of a correction work and gives back open(r).
export function correction({ words, done }) {
  const form = $("correct-form");
  if (!form) return () => {};
  let room = null;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    try {
      await room.acts.correct(Object.fromEntries(new FormData(form)));
      $("correct").close();
      done("corrected_done", room);
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  });
  return (r) => {
    room = r;
    form.reset();
    clearErrors(form);
    $("correct-room").textContent = fill(words.tile, { no: r.no }) + " \u00b7 " + r.room.title;
    $("correct").showModal();
    form.elements.wrong.focus();
  };
}
