// The half-sheet: choose, see the price, order, pay. The form comes from the
// server; this keeps its price true, its key safe and its choice through a
// sign-in.
import { clearErrors, fetchJSON, fill, h, island, keys, serverTime, showErrors, tell, tick, toast } from "../js/base.js";
import { learn, write } from "./flash.js";
import { signIn } from "./signin.js";

const maxTries = 3; // of an order that the desk was too busy for

// open loads the form of an address into root and makes it work.
// opts.close leaves the sheet, opts.watching says that a show runs behind it.
export async function open(root, url, opts = {}) {
  root.setAttribute("aria-busy", "true");
  try {
    const res = await fetch(url + (url.includes("?") ? "&" : "?") + "part=1", { headers: { Accept: "text/html", "HX-Request": "true" } });
    root.innerHTML = await res.text(); // our own server's page, escaped by its templates
    if (res.ok) mount(root, opts);
  } catch (err) {
    tell(err);
    opts.close?.();
  } finally {
    root.removeAttribute("aria-busy");
  }
}

export function mount(root, opts = {}) {
  const form = root.querySelector("#buy-form");
  if (!form) return;
  const sheet = { root, form, opts, ticket: keys.open(form.dataset.place), quoting: null, priced: false };
  form.addEventListener("submit", (e) => { e.preventDefault(); order(sheet); });
  form.addEventListener("click", (e) => step(sheet, e));
  form.addEventListener("input", (e) => { if (e.target.name === "units") quote(sheet); });
  form.addEventListener("change", (e) => { if (e.target.name === "coupon") sheet.chose = true; if (["units", "address", "coupon"].includes(e.target.name)) quote(sheet); });
  root.querySelector("#buy-signin")?.addEventListener("click", (e) => { e.preventDefault(); again(sheet); });
  root.querySelector("#address-form")?.addEventListener("submit", (e) => { e.preventDefault(); saveAddress(sheet, e.target); });
  flash(sheet);
  const paste = root.querySelector("#na-paste");
  paste?.addEventListener("input", debounce(() => parse(sheet, paste.value), 350));
}

// flash keeps the clock of a flash sale going; when it turns, the sheet shows the
// new price and says so.
function flash(sheet) {
  const box = sheet.form.querySelector("#buy-flash");
  if (!box) return;
  learn(box.dataset.now);
  const running = Boolean(box.querySelector("span:not(.badge):not(.flash-clock)"));
  box.addEventListener("flash:turn", () => {
    clearInterval(timer);
    const w = island("buy-words");
    if (!sheet.busy) setTimeout(() => refresh(sheet, { message: running ? w.flash_over : w.flash_on }), 50);
  });
  const timer = setInterval(() => { if (box.isConnected) write(sheet.form); else clearInterval(timer); }, 250);
  write(sheet.form);
}

function debounce(fn, ms) {
  let t = 0;
  return () => { clearTimeout(t); t = setTimeout(fn, ms); };
}

function step({ form }, e) {
  const by = e.target.closest("[data-step]");
  if (!by) return;
  const n = form.elements.units;
  n.value = Math.min(Number(n.max), Math.max(1, (Number(n.value) || 1) + Number(by.dataset.step)));
  n.dispatchEvent(new Event("input", { bubbles: true }));
}

// chosen is the wish: what the key stands for.
function chosen(form) {
  const f = new FormData(form);
  f.delete("key");
  return [...f].filter(([, v]) => typeof v === "string").sort();
}

function chosenAddress(form) {
  return form.querySelector("[name=address]:checked")?.value ?? "";
}

// quote asks for the price of the choice; only the last question counts.
const quote = (() => {
  let timer = 0;
  return (sheet) => {
    clearTimeout(timer);
    timer = setTimeout(() => priceOf(sheet), 150);
  };
})();

// coupon shows what the chosen coupon takes off, and what the order then names.
function coupon(form, q) {
  const row = form.querySelector("#sum-coupon");
  if (!row) return;
  row.hidden = !q.discount;
  row.querySelector("dd").textContent = q.discount ?? "";
  form.elements.discount_fen.value = q.discount_fen ?? 0;
  if (q.coupon) form.elements.coupon.value = q.coupon;
  const why = form.querySelector("#coupon-why");
  why.textContent = q.coupon_why ?? "";
  why.hidden = !q.coupon_why;
}

async function priceOf(sheet) {
  const { form } = sheet;
  if (!chosenAddress(form) || !form.elements.units?.checkValidity()) return;
  sheet.quoting?.abort();
  const mine = sheet.quoting = new AbortController();
  const sum = form.querySelector("#buy-sum");
  sum?.setAttribute("aria-busy", "true");
  const body = new URLSearchParams(new FormData(form));
  if (!sheet.chose && form.elements.coupon) body.set("coupon", "auto"); // the one that takes the most off
  try {
    const q = await fetchJSON(form.dataset.quote, { method: "POST", body, signal: mine.signal });
    clearErrors(form);
    for (const name of ["goods", "freight", "total"]) sum.querySelector(`[data-sum=${name}]`).textContent = q[name];
    coupon(form, q);
  } catch (err) {
    if (mine.signal.aborted) return;
    for (const el of sum?.querySelectorAll("[data-sum]") ?? []) el.textContent = "–";
    showErrors(form, err);
  } finally {
    if (sheet.quoting === mine) sum?.removeAttribute("aria-busy");
  }
}

// order places the order. A busy desk is asked again with the same key; an
// expired session is signed in again and the choice stays.
async function order(sheet, tries = 0) {
  const { form, ticket } = sheet;
  if (sheet.busy && !tries) return;
  sheet.busy = true;
  const go = form.querySelector("#buy-go");
  go?.setAttribute("aria-busy", "true");
  clearErrors(form);
  const wish = chosen(form);
  form.elements.key.value = keys.key(ticket, wish);
  try {
    const answer = await fetchJSON("/orders", { method: "POST", body: new FormData(form) });
    keys.settle(form.dataset.place, ticket);
    placed(sheet, answer);
  } catch (err) {
    if (err.status === 401) {
      if (await signIn()) await again(sheet);
    } else if ([429, 503].includes(err.status) && tries < maxTries) {
      const s = Math.min(Math.max(err.retryAfter, 1), 10);
      toast(fill(island("buy-words").busy, { n: s }));
      setTimeout(() => order(sheet, tries + 1), s * 1000);
      return;
    } else {
      if (err.status >= 400 && err.status < 500) { // decided: the next tap is another wish
        keys.settle(form.dataset.place, ticket);
        sheet.ticket = keys.open(form.dataset.place);
      }
      showErrors(form, err);
      if (["order.price_changed", "order.sold_out", "order.few_left", "coupon.changed", "coupon.used", "coupon.over_time", "coupon.none", "coupon.no_room", "coupon.too_little"].includes(err.code)) await refresh(sheet, err);
    }
  }
  sheet.busy = false;
  go?.removeAttribute("aria-busy");
}

// state of the choice, to put back after the form was loaded anew.
function keep(form, chose) {
  return { units: form.elements.units?.value, note: form.elements.note?.value, address: chosenAddress(form), tick: form.elements.no_return_ok?.checked, coupon: form.elements.coupon?.value, chose };
}

function restore(form, was) {
  if (!form) return;
  if (was.units && form.elements.units) form.elements.units.value = Math.min(Number(form.elements.units.max), Number(was.units) || 1);
  if (was.note && form.elements.note) form.elements.note.value = was.note;
  if (was.tick && form.elements.no_return_ok) form.elements.no_return_ok.checked = true;
  if (was.coupon && was.chose && form.elements.coupon && [...form.elements.coupon.options].some((o) => o.value === was.coupon)) form.elements.coupon.value = was.coupon;
  const a = [...form.querySelectorAll("[name=address]")].find((x) => x.value === was.address);
  if (a) a.checked = true;
}

// again signs in if nobody is, and loads the form with the choice kept.
async function again(sheet) {
  const was = keep(sheet.form, sheet.chose);
  if (sheet.form.dataset.signed !== "true" && !await signIn()) return;
  sheet.opts.signedIn?.();
  await open(sheet.root, sheet.form.dataset.self, sheet.opts);
  const form = sheet.root.querySelector("#buy-form");
  restore(form, was);
  if (form) priceOf({ form, chose: was.chose });
}

// refresh shows today's price and stock below the words of what changed.
async function refresh(sheet, err) {
  const was = keep(sheet.form, sheet.chose);
  await open(sheet.root, sheet.form.dataset.self, sheet.opts);
  const form = sheet.root.querySelector("#buy-form");
  if (!form) return;
  restore(form, was);
  await priceOf({ form, chose: was.chose });
  showErrors(form, { message: err.message, fields: {} });
}

async function parse({ root }, text) {
  if (text.trim().length < 6) return;
  try {
    const a = await fetchJSON("/me/addresses/parse", { method: "POST", body: new URLSearchParams({ paste: text }) });
    for (const name of ["name", "phone", "province", "city", "district", "detail"]) {
      if (a[name]) root.querySelector("#na-" + name).value = a[name];
    }
  } catch (err) {
    if (err.status !== 401) tell(err); // an expired session is told when saving
  }
}

async function saveAddress(sheet, addressForm) {
  const { form, root } = sheet;
  if (addressForm.getAttribute("aria-busy") === "true") return;
  addressForm.setAttribute("aria-busy", "true");
  clearErrors(addressForm);
  const box = root.querySelector("#na-error");
  box.hidden = true;
  try {
    const a = await fetchJSON("/me/addresses", { method: "POST", body: new FormData(addressForm) });
    for (const x of form.querySelectorAll("[name=address]")) x.checked = false;
    const choice = h("label", { class: "choice" },
      h("input", { type: "radio", name: "address", value: a.id }),
      h("span", {}, h("strong", {}, a.name), " ", h("span", { class: "num" }, masked(a.phone)), h("br"), h("span", { class: "small-text" }, a.province + a.city + a.district + a.detail)));
    root.querySelector("#new-address").before(choice);
    const input = choice.querySelector("input");
    input.checked = true;
    root.querySelector("#new-address").open = false;
    addressForm.reset();
    input.focus();
    clearErrors(form);
    quote(sheet);
  } catch (err) {
    if (err.status === 401) { if (await signIn()) { sheet.opts.signedIn?.(); addressForm.removeAttribute("aria-busy"); return saveAddress(sheet, addressForm); } }
    else if (Object.keys(err.fields ?? {}).length) showErrors(addressForm, err);
    else { box.textContent = err.message; box.hidden = false; }
  } finally {
    addressForm.removeAttribute("aria-busy");
  }
}

// masked is a phone as the server shows it in a list: read over a shoulder it
// tells nothing.
function masked(phone) {
  return phone.replace(/^(.{3}).+(.{4})$/, "$1****$2");
}

// placed replaces the form by what happened and how to go on.
function placed(sheet, o) {
  const { root, opts } = sheet;
  const w = island("buy-words");
  serverTime(o.now);
  if (opts.placed?.(o)) return;
  const head = h("h3", { tabindex: "-1" }, w.placed_title);
  const time = h("time", { class: "countdown big", "data-countdown": true, datetime: o.expires, "data-done": w.expired });
  const pay = h("div", { class: "stack tight" });
  for (const [i, p] of o.pay.entries()) {
    pay.append(h("button", { class: `button large block ${i ? "quiet" : "buy"}`, type: "button", onclick: (e) => payBy(e.currentTarget, o, p.gateway, w) }, p.label));
  }
  if (!o.pay.length) pay.append(h("p", { class: "soft" }, w.no_gateway));
  root.replaceChildren(
    h("div", { class: "placed stack" }, head,
      h("p", {}, h("span", { class: "soft" }, w.total + " "), h("strong", { class: "price large" }, o.total)),
      o.state === "unpaid" && h("p", {}, w.pay_within + " ", time),
      pay,
      h("div", { class: "row" },
        h("a", { class: "button quiet", href: o.href }, w.view_order),
        opts.watching && h("button", { class: "button quiet", type: "button", onclick: () => opts.close?.() }, w.watch_on)),
      h("p", { class: "soft tiny mono" }, w.order_no + " " + o.no)),
    root.querySelector("#buy-words"));
  time.addEventListener("countdown:done", () => { for (const b of pay.querySelectorAll("button")) b.disabled = true; });
  tick(root);
  head.focus();
}

// payBy opens the provider's page, only after the person chose it.
async function payBy(button, o, gateway, w) {
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  try {
    const p = await fetchJSON(`/orders/${o.id}/pay`, { method: "POST", body: new URLSearchParams({ gateway }) });
    toast(w.paying);
    location.assign(p.pay_url || p.href || o.href);
  } catch (err) {
    if (err.status === 401 && await signIn()) { button.removeAttribute("aria-busy"); return payBy(button, o, gateway, w); }
    tell(err);
    button.removeAttribute("aria-busy");
  }
}
