// The selling tools of the control room: coupons, prices that wait for a second
// signer, what was changed of an item by whom.
import { ask, clearErrors, fetchJSON, fill, h, icon, island, keys, lang, showErrors, toast, yuan } from "../js/base.js";

const $ = (id) => document.getElementById(id);
const words = island("selling-words") ?? {};
const hour = (at) => new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
const whole = (fen) => yuan(fen).replace(/\.00$/, "");

// couponText is what a coupon does.
export const couponText = (c) => fill(c.over_fen ? words.over : words.off, { off: whole(c.off_fen), over: whole(c.over_fen ?? 0) });

// redraw changes a list only when what it shows has changed, so that nobody
// loses the button under the finger.
function redraw(list, things, make) {
  const print = JSON.stringify(things);
  if (list.dataset.print === print) return;
  list.dataset.print = print;
  list.replaceChildren(...things.map(make));
}

// couponForm makes the dialog of a new coupon work; made() is called when there
// is one. It gives back open(base, items) for a room and its goods.
export function couponForm(made) {
  const form = $("coupon-form");
  if (!form) return () => {};
  let room = "", place = "", ticket = "";
  const cost = () => {
    const off = Number(form.elements.off.value) || 0, n = Number(form.elements.total.value) || 0;
    $("coupon-cost").textContent = off * n > 0 ? fill(words.cost, { cost: whole(Math.round(off * 100) * n) }) : "";
  };
  form.addEventListener("input", cost);
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    const body = new URLSearchParams(new FormData(form));
    body.delete("key");
    body.set("key", keys.key(ticket, [...body]));
    try {
      await fetchJSON(`${room}/coupons`, { method: "POST", body });
      keys.settle(place, ticket);
      $("coupon").close();
      made();
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  });
  return (base, items) => {
    room = base;
    form.reset();
    clearErrors(form);
    place = "coupon:" + base;
    ticket = keys.open(place);
    const seen = new Set();
    $("coupon-goods").replaceChildren(...items.filter((it) => it.state !== "off" && !seen.has(it.product) && seen.add(it.product)).map((it) =>
      h("label", { class: "choice" }, h("input", { type: "checkbox", name: "products", value: it.product }), h("span", {}, `${it.no} ${it.name}`))));
    cost();
    $("coupon").showModal();
  };
}

// priceAsk makes the dialog work that asks a colleague to sign a price which the
// guard refused; asked() is called when one was asked. It gives back
// guarded(base, err, it, fields, done): false when it was refused for something
// else.
export function priceAsk(asked) {
  const form = $("ask-form");
  if (!form) return () => false;
  let wish = null;
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    const fields = { ...wish.fields, reason: form.elements.reason.value };
    try {
      await fetchJSON(`${wish.base}/items/${wish.it.id}/ask`, { method: "POST", body: new URLSearchParams({ ...fields, key: keys.key(wish.ticket, fields) }) });
      keys.settle(wish.place, wish.ticket);
      $("ask-price").close();
      wish.done?.();
      toast(words.asked);
      asked();
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  });
  return (base, err, it, fields, done) => {
    const why = err.code === "show.below_floor" || err.code === "show.above_ceiling" ? err.message : "";
    if (!why) return false;
    const place = "ask:" + it.id;
    wish = { base, it, fields, place, ticket: keys.open(place), done };
    form.reset();
    clearErrors(form);
    $("ask-what").textContent = `${it.no} ${it.name}: ${yuan(it.price_fen)} → ¥${fields.price}`;
    $("ask-why").textContent = Object.values(err.fields ?? {})[0] ?? why;
    $("ask-price").showModal();
    return true;
  };
}

// sellingTools makes the tools work; beat reads the pulse again, items() gives
// the room's items.
export function sellingTools({ base, run, beat, items, tell }) {
  if (!$("coupons")) return { draw() {}, guarded: () => false, log() {} };

  async function go(button, path, fields = {}) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      await fetchJSON(path, { method: "POST", body: new URLSearchParams(fields) });
      beat();
    } catch (err) { tell(err); beat(); } finally { button.removeAttribute("aria-busy"); }
  }

  // ---- coupons ----
  function coupon(c) {
    const button = (text, act, cls = "") => h("button", { class: `button small ${cls}`, type: "button", "aria-label": `${text}: ${couponText(c)}`, onclick: (e) => act(e.currentTarget) }, text);
    return h("li", { class: "coupon-row " + c.state },
      h("p", {}, h("strong", {}, couponText(c)), " ", h("span", { class: "badge " + ({ dropped: "ok", gone: "warn", planned: "info" }[c.state] ?? "") }, words["state_" + c.state])),
      h("p", { class: "small-text soft" }, fill(words.used, { taken: c.taken, total: c.total, used: c.used }), " · ",
        c.hours ? fill(words.hours, { n: c.hours }) : words.show_long, c.products?.length ? " · " + fill(words.some, { n: c.products.length }) : ""),
      run && h("p", { class: "row tight" },
        c.state === "planned" && button(words.drop, (b) => go(b, `${base}/coupons/${c.id}/drop`)),
        c.state !== "ended" && button(words.end, async (b) => { if (await ask(words.end_sure, words.end)) go(b, `${base}/coupons/${c.id}/end`); }, "quiet")));
  }

  const newCoupon = couponForm(beat);
  $("coupon-new")?.addEventListener("click", () => newCoupon(base, items()));

  // ---- prices ----
  function request(r) {
    const waiting = r.state === "waiting";
    const sign = (text, verdict, cls) => h("button", { class: `button small ${cls}`, type: "button", "aria-label": `${text}: ${r.no} ${r.name} ${yuan(r.new_fen)}`,
      onclick: (e) => go(e.currentTarget, `/desk/prices/${r.id}`, { verdict }) }, text);
    return h("li", { class: "request " + r.state },
      h("p", {}, h("span", { class: "badge " + ({ waiting: "warn", approved: "ok", refused: "bad" }[r.state] ?? "") }, words["state_" + r.state]), " ",
        h("strong", {}, `${r.no} ${r.name}`), " ", h("s", {}, yuan(r.old_fen)), " ", h("span", { class: "price" }, yuan(r.new_fen)), " ", r.kind === "flash" && h("span", { class: "badge live" }, icon("fire"), words.flash)),
      h("p", { class: "small-text soft" }, fill(words.by, { who: r.by }), ": ", r.reason, " · ",
        r.new_fen < r.floor_fen ? fill(words.floor, { price: yuan(r.floor_fen) }) : fill(words.ceiling, { price: yuan(r.ceiling_fen) }),
        waiting ? " · " + fill(words.until, { time: hour(r.expires) }) : r.signer ? ` · ${r.signer} ${r.note ?? ""}` : ""),
      waiting && (r.mine ? h("p", { class: "small-text" }, words.mine) : run && h("p", { class: "row tight" }, sign(words.sign, "yes", "buy"), sign(words.refuse, "no", "quiet"))));
  }

  const askColleague = priceAsk(beat);

  return {
    guarded: (err, it, fields, done) => askColleague(base, err, it, fields, done),
    // log shows who changed what of an item.
    async log(it) {
      $("changes-what").textContent = `${it.no} ${it.name}`;
      $("changes-list").replaceChildren();
      $("changes").showModal();
      try {
        const list = await fetchJSON(`${base}/items/${it.id}/changes`);
        $("changes-list").replaceChildren(...(list.length ? list.map((c) => h("li", {},
          h("time", { datetime: c.at, class: "soft num" }, new Date(c.at).toLocaleString(lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false, timeZone: "Asia/Shanghai" })),
          h("strong", {}, c.who), h("span", {}, c.what))) : [h("li", { class: "soft" }, words.log_none)]));
      } catch (err) { tell(err); }
    },
    draw(pulse) {
      const s = pulse.selling ?? {};
      redraw($("coupons"), s.coupons ?? [], coupon);
      if (!s.coupons?.length) $("coupons").replaceChildren(h("li", { class: "soft small-text" }, words.none));
      $("requests-box").hidden = !s.requests?.length;
      redraw($("requests"), s.requests ?? [], request);
    },
  };
}

// waitText is how many wait for an item; "" for nobody.
export const waitText = (d) => (d?.people ? fill(words.waits, { n: d.people, units: d.units }) : "");
export const logWords = () => words.log;
