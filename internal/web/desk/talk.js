// The chat panel of a control room: lines with what a moderator does to them,
// the queue of what waits, who is silenced, and the chat's own rules. What
// everybody sees comes from the room's state; the rest from the pulse.
import { clearErrors, fetchJSON, fill, h, icon, lang, now, showErrors, tell, toast } from "../js/base.js";

const $ = (id) => document.getElementById(id);
// hour is a time of day as every other time on the site: the centre's.
const hour = (at) => new Date(at).toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });

// talkPanel wires the panel of the page. base is the show's address on the
// desk, may.talk whether its reader moderates, take(events) puts events into
// the room, beat() asks for a fresh pulse.
export function talkPanel({ base, may, words, take, beat }) {
  const w = (key) => words["talk_" + key];
  const post = (path, fields = {}) => fetchJSON(base + path, { method: "POST", body: new URLSearchParams(fields) });
  let room = null, state = null, open = "";

  const act = (label, fn, glyph) => h("button", { class: glyph ? "icon-button" : "link-button", type: "button", "aria-label": glyph ? label : null, title: glyph ? label : null,
    onclick: async (e) => {
      const b = e.currentTarget;
      b.disabled = true;
      try { await fn(); } catch (err) { tell(err); } finally { b.disabled = false; }
    } }, glyph ? icon(glyph) : label);

  // ---- lines ----
  function line(m) {
    return h("li", { class: "said " + (m.badge ?? ""), "data-key": m.id },
      h("p", {}, m.badge && h("span", { class: "badge info" }, words[m.badge]), h("strong", {}, m.name), h("time", { class: "tiny soft" }, hour(m.at)),
        m.reply?.body && h("span", { class: "quote tiny" }, `${m.reply.name}: ${m.reply.body}`), h("span", { class: "body" }, m.body)),
      may.talk && h("span", { class: "said-acts" },
        act(`${words.hide}: ${m.name} ${m.body}`, () => hide(m), "eye-off"),
        h("button", { class: "icon-button", type: "button", "aria-label": fill(w("more"), { name: m.name }), "aria-expanded": "false", onclick: (e) => toggle(m, e.currentTarget) }, icon("more"))));
  }

  // gave is a gift among the lines: what it was, by whom only where the giver
  // agreed, and no amount.
  function gave(m) {
    const name = lang.startsWith("zh") ? m.gift.name_zh : m.gift.name_en;
    return h("li", { class: "said gave soft", "data-key": m.id }, h("p", {}, icon("heart"), " ", fill(m.gift.giver ? words.gave_named : words.gave, { name, who: m.gift.giver })));
  }

  function fold() {
    open = "";
    $("chat").querySelectorAll(".said-more").forEach((el) => { el.parentElement.querySelector("[aria-expanded]")?.setAttribute("aria-expanded", "false"); el.remove(); });
  }

  function toggle(m, button) {
    const li = button.closest("li"), was = li.querySelector(".said-more");
    fold();
    if (was) return;
    open = m.id;
    button.setAttribute("aria-expanded", "true");
    const pinned = room.comment?.id === m.id;
    li.append(h("span", { class: "said-more" },
      act(w("reply"), () => { fold(); answer(m); }),
      act(pinned ? w("unpin") : w("pin"), async () => { await pin(pinned ? null : m); fold(); }),
      !m.badge && act(w("silence"), () => { fold(); openMute(m); })));
    li.querySelector(".said-more button").focus();
  }

  async function hide(m, reason = "") { take([{ k: "hide", d: await post("/hide", { message: m.id, reason }) }]); beat(); }
  async function pin(m) { take([{ k: "comment", d: await post("/comment", { message: m?.id ?? "" }) }]); toast(m ? w("pinned") : w("unpinned")); }

  function drawLines() {
    const list = $("chat");
    const low = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
    const have = new Map([...list.children].map((el) => [el.dataset.key, el]));
    let last = null;
    for (const m of room.chat) {
      const el = have.get(m.id) ?? (m.gift ? gave(m) : line(m));
      have.delete(m.id);
      if (last ? last.nextElementSibling !== el : list.firstElementChild !== el) last ? last.after(el) : list.prepend(el);
      el.classList.toggle("pinned", room.comment?.id === m.id);
      last = el;
    }
    for (const el of have.values()) el.remove();
    if (!last) list.append(h("li", { class: "none soft", "data-key": "none" }, words.no_chat));
    if (low && !open) list.scrollTop = list.scrollHeight;
  }

  function drawComment() {
    const m = room.comment, box = $("comment");
    box.hidden = !m;
    box.replaceChildren(...(m ? [h("p", {}, h("strong", {}, `${w("pinned_label")} ${m.name}: `), m.body), ...(may.talk ? [act(w("unpin"), () => pin(null), "x")] : [])] : []));
  }

  // ---- what waits ----
  const left = (due) => Math.max(0, Math.ceil((Date.parse(due) - now()) / 1000));
  function drawHeld() {
    const list = state?.held ?? [];
    $("held-part").hidden = list.length === 0;
    $("held-h").textContent = fill(w("held"), { n: list.length });
    const have = new Map([...$("held").children].map((el) => [el.dataset.key, el]));
    for (const m of list) {
      if (have.delete(m.id)) continue;
      $("held").append(h("li", { "data-key": m.id },
        h("p", {}, h("strong", {}, m.name), " ", m.body, " ", m.due && h("span", { class: "soft tiny", "data-due": m.due })),
        act(`${w("release")}: ${m.body}`, () => decide(m, "release"), "check"),
        act(`${w("refuse")}: ${m.body}`, () => decide(m, "refuse"), "x")));
    }
    for (const el of have.values()) el.remove();
    count();
  }
  function count() { for (const el of $("held").querySelectorAll("[data-due]")) el.textContent = fill(w("due"), { n: left(el.dataset.due) }); }
  setInterval(() => { if (!document.hidden) count(); }, 500);
  async function decide(m, what) {
    const d = await post("/held", { message: m.id, do: what });
    state.held = state.held.filter((x) => x.id !== m.id);
    if (what === "release") take([{ k: "chat", d }]);
    drawHeld();
  }

  // ---- who is silenced, what is hidden, the rules ----
  function drawMore() {
    const badges = [];
    if (state?.slow) badges.push(h("span", { class: "badge warn" }, fill(w("slow_on"), { n: state.slow })));
    if (state?.hold > 0) badges.push(h("span", { class: "badge warn" }, fill(w("hold_on"), { n: state.hold })));
    if (state?.hold < 0) badges.push(h("span", { class: "badge bad" }, w("hold_all")));
    if (state?.appeals) badges.push(h("a", { class: "badge info", href: "/desk/appeals", target: "_blank" }, fill(w("appeals"), { n: state.appeals })));
    $("talk-state").replaceChildren(...badges);
    if (!may.talk) return;
    const mutes = state?.silenced ?? [], gone = state?.hidden ?? [];
    $("talk-counts").textContent = mutes.length || gone.length ? fill(w("counts"), { mutes: mutes.length, hidden: gone.length }) : "";
    $("mutes").replaceChildren(...(mutes.length ? mutes.map((m) => h("li", {},
      h("span", {}, m.kind === "ban" || m.all ? fill(w("banned_until"), { name: m.name, time: new Date(m.until).toLocaleDateString(lang, { timeZone: "Asia/Shanghai" }) }) : fill(words.muted_until, { name: m.name, time: hour(m.until) })),
      act(words.unmute, async () => {
        const { text } = m.kind === "ban" || m.all ? await fetchJSON(`/desk/bans/${m.id}/lift`, { method: "POST" }) : await post("/mute", { user: m.user, for: "lift" });
        toast(text);
        beat();
      }))) : [h("li", { class: "soft" }, w("none"))]));
    $("hidden-lines").replaceChildren(...(gone.length ? gone.map((m) => h("li", {}, h("p", {}, h("strong", {}, m.name), " ", m.body), act(w("unhide"), async () => { await post("/unhide", { message: m.id }); beat(); }))) : [h("li", { class: "soft" }, w("none"))]));
    const form = $("talk-rules");
    if (state && !form.contains(document.activeElement)) { choose(form.elements.slow, state.slow); choose(form.elements.hold, state.hold); }
  }
  // choose shows a value that another page may have set to what is not listed.
  function choose(select, n) {
    if (![...select.options].some((o) => o.value === String(n))) select.append(h("option", { value: n }, String(n)));
    select.value = String(n);
  }
  $("talk-rules")?.addEventListener("submit", async (e) => {
    e.preventDefault();
    const form = e.target;
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    clearErrors(form);
    try {
      await post("/chat", Object.fromEntries(new FormData(form)));
      toast(w("rules_saved"));
      document.activeElement?.blur();
      beat();
    } catch (err) { showErrors(form, err); } finally { form.ariaBusy = "false"; }
  });

  // ---- silencing ----
  const muteForm = $("mute-form");
  function openMute(m) {
    clearErrors(muteForm);
    muteForm.reset();
    muteForm.elements.user.value = m.user;
    muteForm.elements.message.value = m.id;
    $("mute-who").textContent = m.name;
    $("mute-what").textContent = m.body;
    $("mute").showModal();
  }
  muteForm?.addEventListener("submit", async (e) => {
    e.preventDefault();
    if (muteForm.ariaBusy === "true") return;
    muteForm.ariaBusy = "true";
    clearErrors(muteForm);
    try {
      const { text } = await post("/mute", Object.fromEntries(new FormData(muteForm)));
      $("mute").close();
      toast(text);
      beat();
    } catch (err) { showErrors(muteForm, err); } finally { muteForm.ariaBusy = "false"; }
  });

  // ---- speaking for the centre ----
  const say = $("say");
  function answer(m) {
    $("say-to").value = m?.id ?? "";
    $("say-reply").hidden = !m;
    $("say-reply").replaceChildren(...(m ? [h("span", {}, fill(w("replying"), { name: m.name, body: m.body })), act(w("no_reply"), () => answer(null), "x")] : []));
    $("say-body").focus();
  }
  say?.addEventListener("submit", async (e) => {
    e.preventDefault();
    const input = $("say-body"), wrong = $("say-error");
    if (!input.value.trim() || say.ariaBusy === "true") return;
    say.ariaBusy = "true";
    wrong.hidden = true;
    try {
      take([{ k: "chat", d: await post("/say", { body: input.value, reply: $("say-to").value }) }]);
      input.value = "";
      answer(null);
      $("chat").scrollTop = $("chat").scrollHeight;
    } catch (err) {
      wrong.textContent = err.message; // what was typed stays
      wrong.hidden = false;
    } finally { say.ariaBusy = "false"; }
  });

  return {
    draw(next, pulse) {
      room = next;
      state = pulse.talk ?? null;
      drawLines();
      drawComment();
      drawHeld();
      drawMore();
    },
  };
}
