// One room on the screen of many. The frame stands in the page; update brings
// what changes up to date and touches nothing else, so that six busy rooms
// cost a few text nodes a frame.
import { fill, h, lang, yuan } from "../js/base.js";
import { player } from "../shop/player.js";

// comments of a tile: more where few rooms share the screen
const lines = document.querySelector(".rooms.few") ? 24 : 8;
const count = new Intl.NumberFormat(lang);
const hour = (at) => new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
const tones = { live: "live", announced: "info", cancelled: "bad" };

export function roomTile(el, first, { words, acts }) {
  const at = (name) => el.querySelector(`[data-at="${name}"]`);
  const part = Object.fromEntries(["state", "stream", "dark", "dark-text", "sound", "online", "orders", "paid", "now", "chat", "alerts"].map((n) => [n, at(n)]));
  const video = el.querySelector("video");
  const screen = player(video, { tell: () => acts.dirty(first.id) });

  function text(node, s) { if (node && node.textContent !== s) node.textContent = s; }
  function badge(node, s, tone = "") { text(node, s); node.className = "badge " + tone; }

  function drawPicture(room, heard) {
    const on = room.stream === "live" || room.stream === "away";
    if (on) screen.start({ hls: first.hls, plain: first.hls_plain, whep: "/whep/" + first.id, live: room.stream === "live" });
    else if (screen.state !== "idle") screen.stop();
    if (video.muted === heard) { // another way may be needed for the sound
      video.muted = !heard;
      if (heard) screen.play();
    }
    const shown = on && screen.state !== "idle" && screen.state !== "loading";
    video.hidden = !shown;
    part.dark.hidden = shown;
    part.sound.hidden = !heard;
    text(part["dark-text"], room.state === "announced" ? fill(words.starts, { time: hour(room.starts) }) : room.state === "live" ? words["stream_" + room.stream] : words.over);
  }

  function drawNow(room) {
    const it = room.items.find((x) => x.id === room.pinned);
    const print = it ? [it.id, it.price_fen, it.stock, it.state].join() : "";
    if (part.now.dataset.print === print) return;
    part.now.dataset.print = print;
    part.now.replaceChildren(...(it
      ? [h("strong", {}, `${it.no} ${it.name}`), h("span", { class: "price" }, yuan(it.price_fen)), h("span", { class: it.stock <= 10 ? "few" : "soft" }, it.state === "on_sale" ? fill(words.left, { n: it.stock, unit: it.sell_unit }) : words["item_" + it.state])]
      : [h("span", { class: "soft" }, words.now_none)]));
  }

  function line(m) {
    const li = h("li", { "data-key": m.id, class: m.badge ? "by-staff" : "", onclick: () => acts.select(first.id, m.id) });
    li.append(m.gift ? fill(words.gift, { name: lang.startsWith("zh") ? m.gift.name_zh : m.gift.name_en })
      : h("span", {}, h("strong", {}, m.badge ? `${words[m.badge]} ${m.name}` : m.name), " ", m.body));
    return li;
  }

  function drawChat(room, selected) {
    let last = room.chat.slice(-lines);
    const picked = selected && room.chat.find((m) => m.id === selected);
    if (picked) { // keep what is selected in sight, with what is around it
      const end = Math.min(room.chat.length, room.chat.indexOf(picked) + 3);
      last = room.chat.slice(Math.max(0, end - lines), end);
    }
    const have = new Map([...part.chat.children].map((x) => [x.dataset.key, x]));
    let before = null;
    for (const m of last) {
      const li = have.get(m.id) ?? line(m);
      have.delete(m.id);
      const place = before ? before.nextElementSibling : part.chat.firstElementChild;
      if (place !== li) before ? before.after(li) : part.chat.prepend(li);
      if ((m.id === selected) !== li.hasAttribute("aria-current")) li.toggleAttribute("aria-current");
      if (m.id === selected) li.setAttribute("aria-current", "true");
      before = li;
    }
    for (const x of have.values()) x.remove();
    if (!last.length) part.chat.append(h("li", { class: "soft", "data-key": "none" }, words.no_chat));
  }

  function drawAlerts(list, quiet) {
    const print = list.map((a) => a.id + a.text).join("|");
    if (part.alerts.dataset.print === print) return; // read out once, not every beat
    part.alerts.dataset.print = print;
    const held = part.alerts.contains(document.activeElement);
    part.alerts.replaceChildren(...list.map((a) => h("li", { class: a.bad ? "bad" : "" },
      h("span", {}, h("strong", {}, a.text), a.do && h("span", { class: "do" }, " ", a.do)),
      quiet && h("span", { class: "alert-acts" },
        h("button", { type: "button", class: "link-button", "aria-label": `${words.seen}: ${a.text}`, onclick: () => acts.quiet(a, "seen") }, words.seen),
        h("button", { type: "button", class: "link-button", "aria-label": `${words.later}: ${a.text}`, onclick: () => acts.quiet(a, "later") }, words.later)))));
    if (held) el.focus(); // what had the focus is gone
  }

  el.addEventListener("pointerdown", (e) => { if (!e.target.closest("a, button")) acts.choose(first.id, { focus: false }); });
  el.addEventListener("focusin", () => acts.choose(first.id, { focus: false }));

  return {
    el, screen, video,
    update({ room, pulse, alerts, chosen, selected, heard, calling, quiet }) {
      el.classList.toggle("chosen", chosen);
      if (chosen) el.setAttribute("aria-current", "true"); else el.removeAttribute("aria-current");
      el.classList.toggle("calling", calling);
      el.classList.toggle("tall", room.orientation === "portrait");
      badge(part.state, words["show_" + room.state], tones[room.state]);
      badge(part.stream, words["stream_" + room.stream], { live: "ok", away: "bad" }[room.stream]);
      part.stream.hidden = room.state !== "live" && room.stream !== "live";
      text(part.online, count.format(room.counts.online));
      if (pulse?.figures) {
        text(part.orders, count.format(pulse.figures.orders));
        text(part.paid, yuan(pulse.figures.gmv_fen));
      }
      drawPicture(room, heard);
      drawNow(room);
      drawChat(room, selected);
      drawAlerts(alerts, quiet);
    },
  };
}
