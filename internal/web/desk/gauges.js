// Figures, stream health and the order feed of the control room.
import { fill, h, yuan } from "../js/base.js";

function put(id, text) {
  const el = document.getElementById("fig-" + id);
  if (el && el.textContent !== text) el.textContent = text;
}

export function drawFigures(room, pulse, lang) {
  const n = (x) => new Intl.NumberFormat(lang).format(x);
  put("online", n(room.counts.online));
  put("entered", n(room.counts.entered));
  put("likes", n(room.counts.likes));
  const f = pulse.figures;
  if (!f) return;
  put("clicks", room.counts.entered ? new Intl.NumberFormat(lang, { style: "percent" }).format(Math.min(1, f.clickers / room.counts.entered)) : "–");
  put("orders", `${n(f.paid_orders)} / ${n(f.orders)}`);
  put("gmv", yuan(f.gmv_fen));
  put("buyers", n(f.buyers));
  put("gpm", room.counts.entered ? yuan(f.gpm_fen) : "–");
  put("farmers", n(f.farmers));
}

export function drawHealth(list, warnings, pulse, words) {
  const x = pulse.health;
  list.hidden = !x;
  const rows = x ? [
    [words.resolution, `${x.width}×${x.height}`],
    [words.fps, x.fps.toFixed(0)],
    [words.bitrate, x.kbit >= 1000 ? `${(x.kbit / 1000).toFixed(1)} Mbit/s` : `${x.kbit} kbit/s`],
    [words.key_every, x.key_s ? `${x.key_s.toFixed(1)} s` : "–"],
    [words.dropped, String(x.dropped)],
    [words.codec, codecs(x.codec)],
  ] : [];
  list.replaceChildren(...rows.map(([k, v]) => h("div", {}, h("dt", {}, k), h("dd", {}, v))));
  const texts = x?.warnings ?? [];
  const print = texts.join("|") + Boolean(x);
  if (warnings.dataset.print === print) return; // read out once, not every beat
  warnings.dataset.print = print;
  warnings.replaceChildren(...(x && !texts.length ? [h("li", { class: "good" }, words.healthy)] : texts.map((t) => h("li", {}, t))));
}

export function drawFeed(list, feed, words) {
  const print = JSON.stringify(feed);
  if (list.dataset.print === print) return;
  list.dataset.print = print;
  if (!feed.length) { list.replaceChildren(h("li", { class: "none soft" }, words.no_orders)); return; }
  list.replaceChildren(...feed.map((o) => h("li", { class: o.state },
    h("time", { class: "tiny soft", "data-ago": true, datetime: o.at }),
    h("span", { class: "grow" }, h("strong", {}, o.province), ` ${o.what} × ${o.units}`, o.more ? ` ${fill(words.more_lines, { n: o.more })}` : ""),
    h("span", { class: "price" }, yuan(o.total_fen)),
    h("span", { class: "badge " + ({ unpaid: "warn", closed: "" }[o.state] ?? "ok") }, words["order_" + o.state]))));
}

// codecs names what people know behind the names of RFC 6381.
function codecs(text) {
  const names = { avc1: "H.264", avc3: "H.264", hvc1: "H.265", hev1: "H.265", mp4a: "AAC" };
  return text.split(" ").map((c) => names[c.split(".")[0]] ?? c).join(" + ");
}
