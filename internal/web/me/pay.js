// Waits for the provider's report: asks how the order stands, more slowly with
// time, and shows the page anew when the records have changed.
import { fetchJSON, serverTime } from "../js/base.js";

const box = document.querySelector("[data-wait-order]");

// next is how long to wait before asking again: a second at first, ten at most.
const next = (asked) => Math.min(10_000, 1000 + asked * 250);

async function watch() {
  for (let asked = 0; ; asked++) {
    await new Promise((done) => setTimeout(done, next(asked)));
    if (document.hidden) continue;
    try {
      const s = await fetchJSON(`/orders/${box.dataset.waitOrder}/state`);
      serverTime(s.now);
      if (s.state !== box.dataset.state) return location.reload();
    } catch { /* offline: the next try */ }
  }
}

if (box) watch();
