// Flash sales at the desk: the form that starts one, what runs, what came of it.
import { clearErrors, fill, h, icon, keys, showErrors, yuan } from "../js/base.js";
import { learn, phase, time, write } from "../shop/flash.js";

const $ = (id) => document.getElementById(id);
const clockOf = (at) => h("time", { role: "timer", "data-flash": "", datetime: at });
const hour = (at) => new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

// flashForm makes the dialog work; start(it, fields) sends it. It gives back
// open(it).
export function flashForm(start) {
  const form = $("flash-form");
  if (!form) return () => {};
  let it = null, place = "", ticket = "";
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    const wish = Object.fromEntries(new FormData(form));
    delete wish.key;
    try {
      await start(it, { ...wish, key: keys.key(ticket, wish) });
      keys.settle(place, ticket);
      $("flash").close();
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  });
  return (next) => {
    it = next;
    place = "flash:" + it.id;
    ticket = keys.open(place);
    clearErrors(form);
    form.reset();
    $("flash-what").textContent = `${it.no} ${it.name} ${yuan(it.price_fen)}`;
    $("flash").showModal();
  };
}

// flashBox is an item's flash sale in its row, with the button that ends it.
export function flashBox(it, words, cancel) {
  const p = phase(it, time.now()), f = it.flash;
  if (!p || p === "over") return null;
  const what = { planned: fill(words.flash_planned, { time: hour(f.starts) }), countdown: words.flash_countdown, running: words.flash_running }[p];
  return h("p", { class: "flash-line" }, h("span", { class: "badge live" }, icon("fire"), words.flash), h("strong", {}, yuan(f.price_fen)),
    h("span", {}, what, " ", p !== "planned" && clockOf(p === "running" ? f.ends : f.starts)),
    h("span", {}, fill(words.flash_sold, { n: f.total - f.left, total: f.total })),
    cancel && h("button", { class: "link-button", type: "button", onclick: cancel }, words.flash_cancel));
}

// drawFlashes lists what the show's flash sales came to.
export function drawFlashes(list, words) {
  const box = $("flash-box");
  if (!box) return;
  box.hidden = !list?.length;
  const print = JSON.stringify(list ?? []);
  if (box.dataset.print === print) return;
  box.dataset.print = print;
  $("flashes").replaceChildren(...(list ?? []).map((f) => h("li", {},
    h("span", { class: "no" }, String(f.no)), h("span", { class: "price" }, yuan(f.price_fen)),
    h("span", {}, fill(words.flash_sold, { n: f.sold, total: f.total })),
    h("span", { class: "soft tiny" }, hour(f.starts)),
    h("span", { class: "badge " + ({ running: "live", countdown: "warn", scheduled: "info" }[f.state] ?? "") }, words["flash_state_" + f.state]))));
}

// ticking keeps the clocks going and calls turned when a flash sale turns.
export function ticking(root, turned) {
  setInterval(() => { if (!document.hidden) write(root); }, 250);
  root.addEventListener("flash:turn", () => setTimeout(turned, 100));
}

export { learn };
