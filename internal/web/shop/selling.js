// Coupons in the room, and the line for what is sold out.
import { clearErrors, fetchJSON, fill, h, icon, island, showErrors, tell, toast, yuan } from "../js/base.js";

const signedIn = async (ask) => (await import("./signin.js")).signedIn(ask);

const $ = (id) => document.getElementById(id);
const words = island("selling-words") ?? {};
const whole = (fen) => yuan(fen).replace(/\.00$/, "");
const shown = 3; // coupons on the picture at once

// couponText is what a coupon does.
export const couponText = (c) => fill(c.over_fen ? words.over : words.off, { off: whole(c.off_fen), over: whole(c.over_fen ?? 0) });

// selling makes the tools work. items() gives the room's items, buy(it) opens
// the sheet, changed() draws the room anew, who() is called after a sign-in.
export function selling({ base, items, buy, changed, who }) {
  let state = island("room-selling") ?? { coupons: [], mine: [], waits: [] };
  let reading = 0;

  const mine = (c) => state.mine.find((m) => m.coupon === c.id);
  const waitOf = (it) => state.waits.find((w) => w.item === it.id && w.state !== "left");

  // ---- coupons ----
  function draw() {
    const list = state.coupons.filter((c) => c.state !== "ended" && !mine(c)?.used && (c.state !== "gone" || mine(c))).slice(0, shown);
    const print = JSON.stringify([list, state.mine]);
    if ($("coupons").dataset.print === print) return;
    $("coupons").dataset.print = print;
    $("coupons").hidden = !list.length;
    $("coupons").replaceChildren(...list.map((c) => {
      const have = mine(c);
      return h("div", { class: "coupon" + (have ? " have" : "") },
        h("p", { class: "coupon-off" }, couponText(c)),
        h("p", { class: "tiny" }, c.hours ? fill(words.hours, { n: c.hours }) : words.show_long, c.products?.length ? " · " + fill(words.some, { n: c.products.length }) : "", have ? "" : " · " + fill(words.left, { n: c.left })),
        have ? h("span", { class: "badge ok" }, icon("check"), words.taken)
          : h("button", { class: "button buy small", type: "button", "aria-label": `${words.take} ${couponText(c)}`, onclick: (e) => take(c, e.currentTarget) }, words.take));
    }));
  }

  async function take(c, button) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const m = await signed(() => fetchJSON(`${base}/coupons/${c.id}`, { method: "POST" }));
      if (!m) return;
      state.mine = [...state.mine.filter((x) => x.id !== m.id), m];
      toast(words.got);
      draw();
    } catch (err) {
      tell(err);
      if (["coupon.gone", "coupon.ended"].includes(err.code)) read();
    } finally { button.removeAttribute("aria-busy"); }
  }

  // signed asks as somebody: whoever was nobody signs in over the room.
  async function signed(act) {
    let first = true;
    const answer = await signedIn(async () => {
      try { return await act(); } catch (err) { if (err.status === 401) first = false; throw err; }
    });
    if (answer && !first) { who(); read(); }
    return answer;
  }

  // ---- the line ----
  const form = $("wait-form");
  let wanted = null;
  function openWait(it) {
    wanted = it;
    const w = waitOf(it);
    form.reset();
    clearErrors(form);
    form.elements.units.value = w?.units ?? 1;
    $("wait-what").textContent = `${it.no} ${it.name}`;
    $("wait-leave").hidden = !w;
    $("wait").showModal();
  }
  async function send(fields) {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    try {
      const w = await signed(() => fetchJSON(`${base}/items/${wanted.id}/wait`, { method: "POST", body: new URLSearchParams(fields) }));
      if (!w) return;
      state.waits = [...state.waits.filter((x) => x.item !== w.item), w];
      $("wait").close();
      toast(w.state === "left" ? words.left_line : words.joined);
      changed();
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  }
  form?.addEventListener("submit", (e) => { e.preventDefault(); send({ ...Object.fromEntries(new FormData(form)), on: "1" }); });
  form?.addEventListener("click", (e) => {
    const by = e.target.closest("[data-wait-step]");
    if (!by) return;
    const n = form.elements.units;
    n.value = Math.min(Number(n.max), Math.max(1, (Number(n.value) || 1) + Number(by.dataset.waitStep)));
  });
  $("wait-leave")?.addEventListener("click", () => send({}));

  // told says that it is one's turn: in words that stay until they are tapped away.
  function told(item) {
    const it = items().find((x) => x.id === item);
    if (!it || $("told-" + item)) return;
    const box = h("div", { class: "room-told", id: "told-" + item, role: "alert" }, icon("bell"), h("span", { class: "grow" }, fill(words.more, { no: it.no, name: it.name })),
      h("button", { class: "button buy small", type: "button", onclick: () => { box.remove(); buy(items().find((x) => x.id === item) ?? it); } }, words.buy),
      h("button", { class: "icon-button", type: "button", "aria-label": document.querySelector("#wait [data-close]")?.getAttribute("aria-label") ?? "×", onclick: () => box.remove() }, icon("x")));
    $("coupons").before(box);
  }

  // read asks for it anew; many at once when the server was away, so they
  // spread.
  async function read(wait = 0) {
    clearTimeout(reading);
    reading = setTimeout(async () => {
      try {
        state = await fetchJSON(`${base}/mine`);
        for (const w of state.waits) if (w.state === "told" && items().some((it) => it.id === w.item && it.state === "on_sale")) told(w.item);
        draw();
        changed();
      } catch { /* the next event or the next page brings it */ }
    }, wait);
  }

  draw();
  for (const w of state.waits) if (w.state === "told" && items().some((it) => it.id === w.item && it.state === "on_sale")) told(w.item);

  return {
    read: () => read(Math.random() * 3000),
    hear(events) {
      for (const { k, d } of events) {
        if (k === "coupon") {
          const rest = state.coupons.filter((c) => c.id !== d.id);
          state.coupons = d.state === "ended" || d.state === "planned" ? rest : [d, ...rest].sort((a, b) => (a.at < b.at ? 1 : -1));
          draw();
        } else if (k === "more") {
          const w = state.waits.find((x) => d.entries.includes(x.id));
          if (w) { w.state = "told"; told(d.item); changed(); }
        } else if (k === "lost") read(Math.random() * 3000);
      }
    },
    // mark adds to items what one waits for, so that they are drawn anew.
    mark: (list) => list.map((it) => ({ ...it, waits: it.state === "sold_out" ? (waitOf(it)?.state === "waiting" ? 2 : 1) : 0 })),
    // button stands where "buy" would, on what is sold out.
    button: (it, cls) => h("button", { class: `button quiet ${cls} wait-button`, type: "button", "data-do": "buy", "aria-label": `${it.waits === 2 ? words.waiting : words.tell} ${it.name}`, onclick: () => openWait(it) },
      icon(it.waits === 2 ? "check" : "bell"), h("span", {}, it.waits === 2 ? words.waiting : words.tell)),
  };
}
