// The overlay in OBS: what is explained now, its price, what is left, the flash
// sale's clock. It follows the room by the socket and asks for the truth each
// half minute, so that an address that was revoked goes dark by itself.
import { fetchJSON, fill, h, island, now, serverTime, tick, yuan } from "../js/base.js";
import { link } from "./link.js";

const $ = (id) => document.getElementById(id);
const words = island("overlay-words");
const token = $("overlay").dataset.token;
let st = island("overlay-state");
serverTime(st.at);

// phase of an item's flash sale: "soon", "runs", or "" for none to show.
function phase(f) {
  if (!f || f.left <= 0) return "";
  const t = now();
  if (t >= Date.parse(f.starts) && t < Date.parse(f.ends)) return "runs";
  return t >= Date.parse(f.countdown) && t < Date.parse(f.starts) ? "soon" : "";
}

let print = "";
function draw() {
  const live = st.state === "live", it = live ? st.items.find((x) => x.id === st.pinned && x.state !== "off") : null;
  const f = it && phase(it.flash), runs = f === "runs";
  const price = runs ? it.flash.price_fen : it?.price_fen, was = runs ? it.price_fen : it?.was_fen, left = runs ? Math.min(it.stock, it.flash.left) : it?.stock;
  $("over").hidden = !["ended", "cancelled"].includes(st.state);
  $("qr").hidden = ["ended", "cancelled"].includes(st.state);
  const next = it ? [it.id, it.name, price, was, left, it.state, f, it.picture].join("|") : "";
  if (next === print) return tick(document);
  print = next;
  $("card").hidden = !it;
  $("flash").hidden = !f;
  if (f) {
    $("flash").querySelector("span").textContent = runs ? words.ends : words.soon;
    const clock = $("flash").querySelector("time");
    clock.dateTime = runs ? it.flash.ends : it.flash.starts;
    clock.dataset.countdown = "";
  }
  if (it) {
    $("card").replaceChildren(...[
      it.picture && h("img", { src: it.picture, alt: "" }),
      h("p", { class: "no" }, `${words.now} \u00b7 ${fill(words.number, { n: it.no })}`),
      h("p", { class: "name" }, it.name),
      h("p", { class: "prices" }, h("span", { class: "price" }, yuan(price)), was > price && h("del", {}, yuan(was)),
        it.state === "on_sale" && h("span", { class: left <= 10 ? "left few" : "left" }, fill(words.left, { n: left, unit: it.sell_unit })),
        it.state === "sold_out" && h("span", { class: "left few" }, words.out)),
    ].filter(Boolean));
  }
  tick(document);
}

function take(_, events) {
  for (const { k, d } of events) {
    if (k === "pin") st = { ...st, pinned: d.item };
    if (k === "show") st = { ...st, state: d.state };
    if (k === "ai") location.reload(); // the labels are the server's words
    if (k === "item") st = { ...st, items: [...st.items.filter((x) => x.id !== d.id), d] };
  }
  draw();
}

let reading = false;
async function truth() {
  if (reading) return;
  reading = true;
  try {
    st = await fetchJSON(`/overlay/${token}/state`, { timeout: 8000 });
    serverTime(st.at);
    draw();
  } catch (err) {
    if (err.status === 404) { $("overlay").replaceChildren(); clearInterval(beat); clearInterval(clock); } // revoked: nothing over the picture
  } finally { reading = false; }
}
const beat = setInterval(truth, "private" in $("overlay").dataset ? 3000 : 30_000);
const clock = setInterval(draw, 500);
draw();
link([st.show], { take, truth, lost() {} }).catch(console.error);
