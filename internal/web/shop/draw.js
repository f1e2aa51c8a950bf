// Draws the parts of the room that change. Every text from the server goes in
// as text, never as markup.
import { fill, h, icon, yuan } from "../js/base.js";
import { canBuy } from "./state.js";

// keyed keeps one element a thing: made when it comes, made anew when it has
// changed, removed when it has gone, in the order of the list. The focus stays
// where it was.
function keyed(list, things, keyOf, make) {
  const have = new Map([...list.children].map((el) => [el.dataset.key, el]));
  let last = null;
  for (const t of things) {
    const key = keyOf(t), print = JSON.stringify(t);
    let el = have.get(key);
    have.delete(key);
    if (!el || el.dataset.print !== print) {
      const fresh = make(t);
      fresh.dataset.key = key;
      fresh.dataset.print = print;
      const focus = el?.contains(document.activeElement) ? document.activeElement.dataset.do : null;
      el?.replaceWith(fresh);
      el = fresh;
      if (focus) el.querySelector(`[data-do="${focus}"]`)?.focus();
    }
    if (last ? last.nextElementSibling !== el : list.firstElementChild !== el) {
      if (last) last.after(el); else list.prepend(el);
    }
    last = el;
  }
  for (const el of have.values()) el.remove();
}

function prices(it, words) {
  return h("p", { class: "prices" },
    h("span", { class: "price" }, yuan(it.price_fen)),
    it.was_fen > it.price_fen && h("s", { class: "was" }, h("span", { class: "sr" }, words.was), yuan(it.was_fen)),
    it.per_500g_fen && h("span", { class: "per" }, fill(words.per_500g, { price: yuan(it.per_500g_fen) })));
}

function thumb(it) {
  return it.picture ? h("img", { class: "thumb", src: it.picture, alt: "", width: 64, height: 64, loading: "lazy" }) : h("span", { class: "thumb none" }, icon("leaf"));
}

// flashLine tells of a flash sale that is near or runs; room.js writes its clock.
function flashLine(it, words) {
  if (!it.phase) return null;
  const f = it.flash, running = it.phase === "running";
  return h("p", { class: "flash-line" },
    h("span", { class: "badge live" }, words.flash),
    running ? h("span", {}, fill(words.flash_left, { n: f.left })) : h("strong", {}, yuan(f.price_fen)),
    h("span", { class: "flash-clock" }, running ? words.flash_ends : words.flash_starts, " ", h("time", { role: "timer", "data-flash": "", datetime: running ? f.ends : f.starts })));
}

function stock(it, words) {
  if (it.state !== "on_sale") return h("span", { class: "badge " + ({ sold_out: "bad", coming: "info" }[it.state] ?? "") }, words[it.state]);
  return h("span", { class: it.stock <= 10 ? "stock few" : "stock" }, fill(words.left, { n: it.stock }), it.per_person ? " · " + fill(words.per_person, { n: it.per_person }) : "");
}

function buyButton(it, room, words, buy, cls) {
  // After the show the goods may still be sold outside it.
  if (room.state === "ended") return h("a", { class: "button quiet " + cls, href: "/goods/" + it.product, "data-do": "buy", "aria-label": `${words.see} ${it.name}` }, words.see);
  const can = canBuy(room, it);
  if (it.waits && room.wait && room.state === "live") return room.wait(it, cls);
  return h("button", { class: "button buy " + cls, type: "button", "data-do": "buy", disabled: !can, "aria-label": `${words.buy} ${fill(words.no, { n: it.no })} ${it.name}`, onclick: () => buy(it) }, can ? words.buy : words[it.state === "on_sale" ? "sold_out" : it.state]);
}

export function drawTray(list, room, words, buy) {
  if (!room.items.length) {
    list.replaceChildren(h("li", { class: "empty", "data-key": "empty" }, icon("bag"), h("strong", {}, words.empty_tray), h("p", {}, words.empty_tray_text)));
    return;
  }
  const rows = room.items.map((it) => ({ ...it, now: it.id === room.pinned, open: canBuy(room, it), over: room.state }));
  keyed(list, rows, (it) => it.id, (it) => h("li", { class: `item ${it.state}${it.now ? " now" : ""}` },
    h("span", { class: "no" }, h("span", { class: "sr" }, fill(words.no, { n: "" })), String(it.no)),
    thumb(it),
    h("div", { class: "grow" },
      h("p", { class: "item-name" }, it.name, it.now && h("span", { class: "badge live" }, words.now)),
      h("p", { class: "soft tiny" }, it.sell_unit, it.net_g ? ` · ${grams(it.net_g)}` : "", it.producers?.length ? ` · ${it.producers.join("、")}` : ""),
      prices(it, words),
      flashLine(it, words),
      h("p", { class: "small-text" }, stock(it, words))),
    (it.state !== "off" || room.state === "ended") && buyButton(it, room, words, buy, "small")));
}

function grams(g) {
  return g >= 1000 ? `${Number((g / 1000).toFixed(3))} kg` : `${g} g`;
}

export function drawCard(box, it, room, words, buy) {
  const print = it ? JSON.stringify([it, canBuy(room, it)]) : "";
  if (box.dataset.print === print) return;
  const focus = box.contains(document.activeElement);
  box.dataset.print = print;
  box.hidden = !it;
  if (!it) { box.replaceChildren(); return; }
  box.replaceChildren(
    h("p", { class: "card-mark" }, h("span", { class: "no" }, String(it.no)), words.explaining),
    thumb(it),
    h("div", { class: "grow" }, h("p", { class: "item-name" }, it.name), prices(it, words), flashLine(it, words), h("p", { class: "tiny" }, stock(it, words))),
    buyButton(it, room, words, buy, "small"));
  if (focus) box.querySelector("[data-do=buy]").focus();
}

// giftLine tells of a gift to charity; the giver's name only where they agreed.
function giftLine(g, words) {
  const name = document.documentElement.lang === "en" ? g.name_en : g.name_zh;
  return h("p", { class: "line gift" }, icon("heart"), " ", fill(g.giver ? words.gift_named : words.gift, { who: g.giver, name }));
}

export function drawChat(list, chat, me, words) {
  const low = list.scrollHeight - list.scrollTop - list.clientHeight < 60;
  keyed(list, chat, (m) => m.id + (m.waiting ? "-waits" : ""), (m) => m.gift ? giftLine(m.gift, words) : h("p", { class: `line ${m.badge ?? ""}${m.waiting ? " waits" : ""}` },
    m.badge && h("span", { class: "who-badge" }, words[m.badge]),
    h("span", { class: "who" }, m.user && m.user === me ? words.you : m.name), " ",
    m.reply?.body && h("span", { class: "answers" }, `@${m.reply.name} ${m.reply.body}`), h("span", { class: "said" }, m.body), m.waiting && h("span", { class: "waits-why" }, words.waiting)));
  if (low) list.scrollTop = list.scrollHeight;
}
