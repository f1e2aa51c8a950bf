// What every page does: messages, countdowns, copy buttons, confirmations,
// forms that are sent once. Other modules import the helpers.
import { ago, clockText, daysApart, fill } from "./format.js";
import { keeper } from "./keys.js";

export { ago, clockText, fill, short, yuan } from "./format.js";

export const lang = document.documentElement.lang || "zh-CN";
const toastBox = document.getElementById("toast");
// Words of the page for scripts, rendered by the layout.
export const words = toastBox?.dataset ?? {};

// Storage that two tabs share: both then send the same key for the same wish.
function storage() { try { return globalThis.localStorage; } catch { return null; } }
export const keys = keeper(storage());

// island reads a JSON island of the page.
export function island(id) {
  const el = document.getElementById(id);
  return el ? JSON.parse(el.textContent) : null;
}

// h builds an element; strings become text, never markup.
export function h(tag, attrs = {}, ...children) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(attrs)) {
    if (v === null || v === undefined || v === false) continue;
    if (k.startsWith("on")) el.addEventListener(k.slice(2), v);
    else if (k === "class") el.className = v;
    else el.setAttribute(k, v === true ? "" : v);
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

const sprite = new URL("../img/icons.svg", import.meta.url).pathname;

// icon draws a sign of the sprite.
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", sprite + "#" + name);
  svg.append(use);
  return svg;
}

// toast shows a short message; tone is "ok" or "bad".
let toastTimer = 0;
export function toast(text, tone = "ok") {
  if (!toastBox) return;
  // An open dialog lies above everything: the message goes where it is seen.
  const top = [...document.querySelectorAll("dialog[open]")].pop();
  (top ?? document.body).append(toastBox);
  toastBox.textContent = text;
  toastBox.classList.toggle("bad", tone === "bad");
  toastBox.classList.add("show");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => toastBox.classList.remove("show"), tone === "bad" ? 6000 : 3500);
}

// Problem is a refusal by the server in words for the person.
export class Problem extends Error {
  constructor(p) {
    super(p.title);
    Object.assign(this, { status: p.status, code: p.code, fields: p.fields ?? {}, retryAfter: p.retry_after ?? 0, signIn: p.sign_in ?? "" });
  }
}

// fetchJSON asks one of our addresses and gives its JSON, or throws a Problem.
// body: FormData and URLSearchParams are sent as a form, anything else as JSON.
export async function fetchJSON(url, { method = "GET", body, signal, headers = {}, timeout = 20_000, ...more } = {}) {
  const h = { Accept: "application/json", ...headers };
  if (body instanceof FormData) body = new URLSearchParams([...body].filter(([, v]) => typeof v === "string"));
  else if (body !== undefined && !(body instanceof URLSearchParams)) {
    h["Content-Type"] = "application/json";
    body = JSON.stringify(body);
  }
  const stop = AbortSignal.any?.([...(signal ? [signal] : []), AbortSignal.timeout(timeout)]) ?? signal;
  let res, text;
  try {
    res = await fetch(url, { method, body, headers: h, signal: stop, credentials: "same-origin", ...more });
    text = await res.text();
  } catch (err) {
    if (signal?.aborted) throw err;
    throw new Problem({ status: 0, title: words.offline, code: "offline" });
  }
  let data = null;
  try { data = text ? JSON.parse(text) : null; } catch { /* a proxy's page: told below */ }
  if (!res.ok) throw new Problem(data?.title ? data : { status: res.status, title: words.broken, code: "http" });
  return data;
}

// tell shows a failure: a Problem's own words, anything else as broken.
export function tell(err) {
  toast(err instanceof Problem ? err.message : words.broken, "bad");
  if (!(err instanceof Problem)) console.error(err);
}

// showErrors puts a Problem's texts beside their fields and the focus on the
// first wrong one; what belongs to no field goes to [data-form-error].
export function showErrors(form, problem) {
  clearErrors(form);
  let first = null;
  for (const [name, text] of Object.entries(problem.fields)) {
    const input = form.elements[name] instanceof RadioNodeList ? form.elements[name][0] : form.elements[name];
    if (!input || input.type === "hidden") continue;
    const id = `err-${form.id || "f"}-${name}`;
    const note = h("p", { class: "error", id, "data-error": true }, text);
    (input.closest(".field, fieldset, .tick") ?? input).append(note);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", id);
    first ??= input;
  }
  const box = form.querySelector("[data-form-error]");
  if (box && (!first || Object.keys(problem.fields).length === 0)) {
    box.textContent = problem.message;
    box.hidden = false;
    if (!first) box.scrollIntoView({ block: "nearest" });
  } else if (!first) toast(problem.message, "bad");
  first?.focus({ preventScroll: true });
  first?.scrollIntoView({ block: "center" }); // a bar at the bottom of a sheet must not hide it
}

export function clearErrors(form) {
  for (const n of form.querySelectorAll("[data-error]")) n.remove();
  for (const n of form.querySelectorAll("[aria-invalid]")) { n.removeAttribute("aria-invalid"); n.removeAttribute("aria-describedby"); }
  const box = form.querySelector("[data-form-error]");
  if (box) { box.textContent = ""; box.hidden = true; }
}

// ask puts a question before something that can't be undone.
export function ask(text, action) {
  const d = document.getElementById("confirm");
  if (!d) return Promise.resolve(window.confirm(text));
  d.querySelector("[data-text]").textContent = text;
  const yes = d.querySelector("[value=yes]");
  yes.textContent = action || yes.dataset.default || (yes.dataset.default = yes.textContent);
  d.returnValue = "";
  d.showModal();
  return new Promise((done) => d.addEventListener("close", () => done(d.returnValue === "yes"), { once: true }));
}

// serverSkew corrects a phone whose clock is wrong, from any server time seen.
let skew = 0;
export function serverTime(iso) {
  const off = Date.parse(iso) - Date.now();
  if (Number.isFinite(off)) skew = Math.abs(off) < 1500 ? 0 : off;
}
export const now = () => Date.now() + skew;

// tick writes countdowns and relative times: <time data-countdown datetime=…>
// ends with its data-done text and a "countdown:done" event.
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
export function tick(root = document) {
  for (const el of root.querySelectorAll("time[data-countdown]")) {
    const left = Date.parse(el.dateTime) - now();
    const { days, rest } = daysApart(left);
    const text = days && el.dataset.days ? fill(el.dataset.days, { n: days, time: clockText(rest) }) : clockText(left);
    el.classList.toggle("soon", left < 60_000);
    if (left <= 0) {
      if (el.dataset.countdown !== "done") {
        el.dataset.countdown = "done";
        el.textContent = el.dataset.done ?? text;
        el.dispatchEvent(new CustomEvent("countdown:done", { bubbles: true }));
      }
    } else {
      if (el.dataset.countdown === "done") el.dataset.countdown = "";
      if (el.textContent !== text) el.textContent = text;
    }
  }
  for (const el of root.querySelectorAll("time[data-ago]")) {
    el.textContent = relative.format(...ago(Date.parse(el.dateTime) - now()));
  }
}

async function copy(button) {
  const text = button.dataset.copy || document.getElementById(button.dataset.copyFrom)?.textContent.trim() || location.href;
  try {
    await navigator.clipboard.writeText(text);
  } catch { // no https, or not allowed: the old way
    const area = h("textarea", { class: "sr", readonly: true }, text);
    (button.closest("dialog") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(button.dataset.copied || words.copied);
}

document.addEventListener("click", async (e) => {
  const el = e.target.closest?.("[data-copy], [data-copy-from], [data-open], [data-close], [data-print], a[data-confirm], button[data-confirm]");
  if (!el) return;
  if (el.matches("[data-copy], [data-copy-from]")) return copy(el);
  if (el.dataset.open) return document.getElementById(el.dataset.open)?.showModal();
  if ("close" in el.dataset) return el.closest("dialog")?.close();
  if ("print" in el.dataset) return print();
  if (el.dataset.confirmed) return;
  e.preventDefault();
  e.stopPropagation();
  if (await ask(el.dataset.confirm, el.dataset.confirmAction)) {
    el.dataset.confirmed = "1";
    el.click();
    delete el.dataset.confirmed;
  }
}, true);

// A tap beside a dialog closes it, unless it says it must be answered.
document.addEventListener("pointerdown", (e) => {
  if (e.target.tagName !== "DIALOG" || "strict" in e.target.dataset) return;
  const r = e.target.getBoundingClientRect();
  if (e.clientX < r.left || e.clientX > r.right || e.clientY < r.top || e.clientY > r.bottom) e.target.close();
});

// A form is sent once; coming back by the back button makes it usable again.
const sent = new Set();
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (form.dataset.confirm && !form.dataset.confirmed) {
    e.preventDefault();
    const by = e.submitter;
    if (await ask(form.dataset.confirm, form.dataset.confirmAction)) {
      form.dataset.confirmed = "1";
      form.requestSubmit(by ?? undefined);
      delete form.dataset.confirmed;
    }
    return;
  }
  if (e.defaultPrevented || form.method !== "post" || form.target === "_blank") return;
  if (sent.has(form)) return e.preventDefault();
  sent.add(form);
  form.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const f of sent) f.removeAttribute("aria-busy");
  sent.clear();
});
document.addEventListener("htmx:after:request", (e) => {
  const form = e.target.closest?.("form");
  if (form) { sent.delete(form); form.removeAttribute("aria-busy"); }
});

// A wrong field reported by the server gets the focus; a select that submits
// its form by itself says so with data-auto.
document.addEventListener("change", (e) => { if (e.target.matches?.("[data-auto]")) e.target.form?.requestSubmit(); });
document.querySelector("main [aria-invalid=true]")?.focus();

// htmx is 13 KB that the live room does not need: only pages that use it load it.
export const htmx = document.querySelector("[hx-get],[hx-post],[hx-put],[hx-delete],[hx-trigger]") ? import("../vendor/htmx.js") : null;

tick();
setInterval(tick, 1000);
