// Flash sales on the screen. A flash sale is a price with times: what it is now
// follows from the server's clock, so nothing has to be told at its start or
// end, and a phone whose clock is wrong sees the same as all others.
import { clockText } from "../js/base.js";
import { clock } from "./flashtime.js";

export { deal, nextChange, phase } from "./flashtime.js";

// time is the server's clock as this page knows it.
export const time = clock();

// learn takes the server's times that came with a room's items.
export function learn(iso, items = []) {
  if (iso) time.seen(iso);
  for (const it of items) if (it.flash?.at) time.seen(it.flash.at);
}

// write brings the clocks of flash sales within root up to date; what has come
// to zero tells so once.
export function write(root = document) {
  for (const el of root.querySelectorAll("time[data-flash]")) {
    const left = Date.parse(el.dateTime) - time.now();
    const text = clockText(left);
    if (el.textContent !== text) el.textContent = text;
    if (left <= 0 && el.dataset.flash !== "done") {
      el.dataset.flash = "done";
      el.dispatchEvent(new CustomEvent("flash:turn", { bubbles: true }));
    }
  }
}
