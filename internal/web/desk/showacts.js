// What the desk does to a show, as calls: the control room and the screen of
// many rooms send the same. Each gives the server's answer or throws a Problem.
import { fetchJSON } from "../js/base.js";

export function showActs(base) {
  const post = (path, fields = {}) => fetchJSON(base + path, { method: "POST", body: new URLSearchParams(fields) });
  return {
    post,
    state: () => fetchJSON(base + "/state"),
    pin: (it) => post("/pin", { item: it?.id ?? "" }),
    set: (it, fields) => post(`/items/${it.id}`, fields),
    release: (it, n, key) => post(`/items/${it.id}/release`, { n, key }),
    flash: (it, fields) => post(`/items/${it.id}/flash`, fields),
    unflash: (it) => post(`/items/${it.id}/flash/${it.flash.id}/cancel`),
    move: (to) => post("/move", { to }),
    say: (body, reply = "") => post("/say", { body, reply }),
    hide: (m) => post("/hide", { message: m.id }),
    unhide: (m) => post("/unhide", { message: m.id }),
    mute: (fields) => post("/mute", fields),
    comment: (m) => post("/comment", { message: m?.id ?? "" }),
    pulse: () => fetchJSON(base + "/pulse"),
    sign: (x, verdict) => fetchJSON(`/desk/prices/${x.id}`, { method: "POST", body: new URLSearchParams({ verdict }) }),
    talk: () => fetchJSON(base + "/talk"),
    held: (m, what) => post("/held", { message: m.id, do: what }),
    // lift ends what silences a person: a ban of every room, or a mute here.
    lift: (m) => (m.kind === "ban" || m.all ? fetchJSON(`/desk/bans/${m.id}/lift`, { method: "POST" }) : post("/mute", { user: m.user, for: "lift" })),
    correct: (fields) => post("/correct", fields),
    help: (what) => post("/help", { do: what }),
    // rule sets one rule of the chat (slow or hold, in seconds) and leaves the
    // other as it is.
    async rule(which, seconds) {
      const { slow, hold } = await fetchJSON(base + "/talk");
      return post("/chat", { slow, hold, [which]: seconds });
    },
  };
}
