// How the links of a show do, asked for while the page is seen.
import { fetchJSON } from "../js/base.js";

const list = document.getElementById("targets");
const every = 2000;

function draw(box, link) {
  const word = box.querySelector("[data-word]"), detail = box.querySelector("[data-detail]"), said = box.querySelector("[data-said-line]"), retry = box.querySelector("[data-retry]");
  if (word.textContent !== link.word) { word.textContent = link.word; word.className = "badge " + (link.tone ?? ""); }
  detail.textContent = link.detail;
  detail.hidden = !link.detail;
  said.querySelector("[data-said]").textContent = link.said ?? "";
  said.hidden = !link.said;
  if (retry) retry.hidden = !link.retry;
}

async function look() {
  if (!document.hidden) {
    try {
      const links = await fetchJSON(list.dataset.state);
      for (const box of list.querySelectorAll("[data-target]")) {
        const link = links[box.dataset.target];
        if (link) draw(box, link);
      }
    } catch { /* the next look may succeed; the page says what it knew */ }
  }
  setTimeout(look, every);
}

if (list?.children.length) setTimeout(look, every);
