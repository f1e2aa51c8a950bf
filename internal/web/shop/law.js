// What the law asks of a room: the AI label, corrections, and the calm words of
// a show that was ended by force.
import { fill, h, island } from "../js/base.js";

const words = island("law-words");

// label names what AI made of the picture; "" for nothing.
export function label(parts = []) {
  return parts?.length ? fill(words.ai, { parts: parts.map((p) => words["ai_" + p]).join(words.ai_and) }) : "";
}

// slate are the title and text of a show that was ended by force, or null.
export function slate(room) {
  return room.cut ? { title: words.cut_title, text: fill(words.cut_text, { why: room.cut }) } : null;
}

let drawn = "";
export function drawLaw(room) {
  const ai = document.getElementById("ai-label"), text = label(room.ai);
  if (ai.textContent !== text) ai.textContent = text;
  ai.hidden = !text;
  const list = room.corrections ?? [], box = document.getElementById("corrections");
  const print = list.map((c) => c.id).join();
  if (print === drawn) return;
  drawn = print;
  box.hidden = !list.length;
  box.replaceChildren(...list.slice(-3).reverse().map((c, i) => h("p", { class: i ? "correction older" : "correction" },
    h("strong", {}, words.correction), " ", h("span", { class: "soft" }, words.wrong), " ", h("del", {}, c.wrong), " ", h("span", { class: "soft" }, words.right), " ", h("b", {}, c.right))));
}
