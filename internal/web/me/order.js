// An unpaid order that runs out is closed by the server within seconds: look
// again until the records say so.
import { fetchJSON } from "../js/base.js";

document.addEventListener("countdown:done", async () => {
  for (let tries = 0; tries < 20; tries++) {
    try {
      const s = await fetchJSON(`${location.pathname}/state`);
      if (s.state !== "unpaid") return location.reload();
    } catch { /* offline: the next try */ }
    await new Promise((done) => setTimeout(done, 1500));
  }
}, { once: true });
