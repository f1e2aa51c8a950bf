// Pays: watches the payment on the page, and in WeChat's own browser hands it
// over to WeChat.
import { fetchJSON, serverTime } from "../js/base.js";

const waiting = document.querySelector("[data-wait-payment]");

// next is how long to wait before asking again: a second and a half at first,
// ten at most.
const next = (asked) => Math.min(10_000, 1500 + asked * 200);

async function look() {
  const s = await fetchJSON(`/pay/state/${waiting.dataset.waitPayment}`);
  serverTime(s.now);
  if (s.state !== "open") location.reload();
}

async function watch() {
  for (let asked = 0; ; asked++) {
    await new Promise((done) => setTimeout(done, next(asked)));
    if (document.hidden) continue;
    try { await look(); } catch { /* offline: the next try */ }
  }
}

if (waiting) {
  watch();
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look().catch(() => {}); });
  document.addEventListener("countdown:done", () => location.reload(), { once: true });
}

// ready waits for WeChat to put its bridge into the page; three seconds, then
// this is no WeChat.
const ready = () => new Promise((ok, no) => {
  if (window.WeixinJSBridge) return ok();
  document.addEventListener("WeixinJSBridgeReady", () => ok(), { once: true });
  setTimeout(() => no(new Error("no bridge")), 3000);
});

const box = document.querySelector("[data-bridge]");

function says(text) {
  const p = box.querySelector("[data-bridge-says]");
  p.textContent = text;
  p.hidden = !text;
}

async function hand() {
  says("");
  try { await ready(); } catch { return says(box.dataset.none); }
  window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(box.dataset.bridge), (res) => {
    // What WeChat's page says is not trusted: the next page asks the records.
    if (res.err_msg === "get_brand_wcpay_request:ok") return location.assign(box.dataset.back);
    says(res.err_msg === "get_brand_wcpay_request:cancel" ? box.dataset.cancelled : box.dataset.failed);
  });
}

if (box) {
  box.querySelector("[data-bridge-pay]").addEventListener("click", hand);
  hand();
}
