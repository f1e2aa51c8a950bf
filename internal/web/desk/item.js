// A product in the control room's list. It is made once and then brought up to
// date, so that an event never takes away what somebody is typing.
import { fill, h, icon, keys, yuan, words as common } from "../js/base.js";
import { flashBox } from "./flash.js";
import { logWords, waitText } from "./selling.js";

const inYuan = (fen) => (fen / 100).toFixed(2);

// itemRow makes a row; acts are pin(it), set(it, fields), release(it, n, key),
// flash(it), unflash(it), or false for somebody who only looks.
export function itemRow(first, words, acts, log) {
  let it = first, room = null;
  const el = h("li", { class: "desk-item", "data-item": it.id });
  const no = h("span", { class: "no" }, String(it.no));
  const thumb = h("span", { class: "thumb none" });
  const name = h("p", { class: "item-name" });
  const badge = h("span", { class: "badge" });
  const per = h("span", { class: "per" });
  const numbers = h("p", { class: "item-numbers small-text" });
  const wrong = h("p", { class: "error", role: "alert", hidden: true });
  const label = (what) => `${what}: ${it.no} ${it.name}`;

  async function go(button, act) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    wrong.hidden = true;
    try {
      await act();
      el.classList.remove("failed");
      return true;
    } catch (err) {
      if (acts.guarded?.(err, it, { price: price.value }, () => { price.value = inYuan(it.price_fen); save.hidden = true; })) return;
      wrong.textContent = err.status === undefined ? common.broken : err.message;
      wrong.hidden = false;
      el.classList.add("failed");
      el.scrollIntoView({ block: "nearest" });
    } finally { button.removeAttribute("aria-busy"); }
  }

  const pinButton = h("button", { class: "button small pin", type: "button", "aria-pressed": "false", onclick: () => pin() }, icon("pin"), h("span", {}));
  const pin = (on = room?.pinned !== it.id) => go(pinButton, () => acts.pin(on ? it : null));

  const price = h("input", { class: "input", inputmode: "decimal", autocomplete: "off", "aria-label": label(words.price) });
  const save = h("button", { class: "button small", "aria-label": label(words.save), hidden: true }, icon("check"));
  const priceForm = h("form", { class: "price-form", onsubmit: (e) => {
    e.preventDefault();
    go(save, async () => { await acts.set(it, { price: price.value }); save.hidden = true; price.blur(); });
  } }, h("span", { "aria-hidden": "true" }, "¥"), price, save);
  price.addEventListener("input", () => { save.hidden = price.value === inYuan(it.price_fen); });
  price.addEventListener("keydown", (e) => { if (e.key === "Escape") { price.value = inYuan(it.price_fen); save.hidden = true; } });

  const state = h("select", { class: "input", "aria-label": label(words.state), onchange: () =>
    go(state, () => acts.set(it, { state: state.value })).then((ok) => { if (!ok) state.value = saleState(it); }) },
    ...["coming", "on_sale", "off"].map((s) => h("option", { value: s }, words["item_" + s])));

  const more = h("input", { class: "input", inputmode: "numeric", autocomplete: "off", value: "10", "aria-label": label(words.more_n) });
  const moreButton = h("button", { class: "button quiet small", "aria-label": label(words.more) }, words.more);
  const moreForm = h("form", { class: "more-form", onsubmit: (e) => {
    e.preventDefault();
    // One wish, one key: sent twice, or again after a lost answer, it counts once.
    const place = "release:" + it.id, ticket = keys.open(place), n = more.value;
    go(moreButton, async () => { await acts.release(it, n, keys.key(ticket, n)); keys.settle(place, ticket); });
  } }, more, moreButton);
  const flashButton = h("button", { class: "button quiet small", type: "button", onclick: () => acts.flash(it) }, icon("fire"), h("span", {}, words.flash));
  const flash = h("div", { class: "item-flash" });

  el.append(no, thumb, h("div", { class: "item-head" }, name, h("p", { class: "item-tags" }, badge, per)), numbers);
  if (acts) el.append(h("div", { class: "item-acts", role: "group", "aria-label": label(words.actions) }, pinButton, priceForm, state, moreForm, flashButton));
  else el.append(h("p", { class: "price item-price" }));
  const waits = h("span", { class: "item-waits small-text", hidden: true });
  const logButton = log && h("button", { class: "link-button small-text item-log", type: "button", "aria-label": label(logWords()), onclick: () => log(it) }, logWords());
  name.parentElement.lastElementChild.append(waits, ...(logButton ? [logButton] : []));
  el.append(flash, wrong);

  return {
    el,
    pin: (on) => pin(on),
    update(next, desk, inRoom, demand) {
      it = next;
      room = inRoom;
      el.className = `desk-item ${it.state}${room.pinned === it.id ? " now" : ""}${wrong.hidden ? "" : " failed"}`;
      no.textContent = it.no;
      name.textContent = it.name;
      badge.textContent = words["item_" + it.state];
      badge.className = "badge " + ({ coming: "info", on_sale: "ok", sold_out: "bad" }[it.state] ?? "");
      per.textContent = it.per_500g_fen ? fill(words.per_500g, { price: yuan(it.per_500g_fen) }) : "";
      if (it.picture && thumb.dataset.src !== it.picture) {
        thumb.dataset.src = it.picture;
        thumb.className = "thumb";
        thumb.replaceChildren(h("img", { class: "thumb", src: it.picture, alt: "", width: 64, height: 64 }));
      }
      drawNumbers(numbers, it, desk, words);
      waits.textContent = waitText(demand);
      waits.hidden = !waits.textContent;
      const box = flashBox(it, words, acts && (() => go(flashButton, () => acts.unflash(it))));
      flash.replaceChildren(...(box ? [box] : []));
      if (acts) {
        flashButton.hidden = Boolean(box) || it.state === "off" || !["live", "announced"].includes(room.state);
        flashButton.setAttribute("aria-label", label(words.flash));
      }
      if (!acts) { el.querySelector(".item-price").textContent = yuan(it.price_fen); return; }
      const now = room.pinned === it.id;
      pinButton.setAttribute("aria-pressed", String(now));
      pinButton.classList.toggle("quiet", !now);
      pinButton.lastElementChild.textContent = now ? words.unpin : words.pin;
      pinButton.setAttribute("aria-label", label(now ? words.unpin : words.pin));
      pinButton.disabled = room.state !== "live" || it.state === "off";
      if (document.activeElement !== price && save.hidden) price.value = inYuan(it.price_fen);
      if (document.activeElement !== state) state.value = saleState(it);
      moreForm.hidden = !desk || desk.released < 0;
      for (const x of [price, save, state, more, moreButton]) x.disabled = room.state === "ended" || room.state === "cancelled";
    },
  };
}

const saleState = (it) => (it.state === "sold_out" ? "on_sale" : it.state);

function drawNumbers(box, it, desk, words) {
  const parts = [h("strong", { class: it.state === "on_sale" && it.stock <= 10 ? "few" : "" }, fill(words.left, { n: it.stock, unit: it.sell_unit }))];
  if (desk) {
    parts.push(fill(words.sold, { n: desk.sold }), fill(words.lots, { n: desk.lots }));
    if (desk.released < 0) parts.push(words.all);
    if (desk.below_floor > 0) parts.push(h("strong", { class: "few" }, fill(words.below_floor, { n: desk.below_floor })));
  }
  const print = parts.map((p) => p.textContent ?? p).join("|") + it.state;
  if (box.dataset.print === print) return;
  box.dataset.print = print;
  box.replaceChildren(...parts.map((p) => (typeof p === "string" ? h("span", {}, p) : p)));
}
