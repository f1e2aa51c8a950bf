// Keys and entries of the screen of many rooms. Pure, so that node --test can
// hold them: a wrong room or a wrong price must not happen.

export const keymap = {
  n: "next", p: "prev", i: "pin", u: "unpin", e: "price", "+": "stock", "=": "stock", s: "sale",
  f: "flash", q: "coupon", r: "reply", h: "hide", c: "comment", b: "release", v: "refuse", x: "mute", l: "slow", d: "hold", t: "correct", w: "list", m: "sound", a: "help", y: "seen", o: "move", k: "kill", g: "open", z: "undo",
  ArrowUp: "up", ArrowDown: "down", "?": "keys",
};

const runs = ["next", "prev", "pin", "unpin", "price", "stock", "sale", "flash", "coupon", "move"];
const talks = ["reply", "hide", "comment", "release", "refuse", "mute", "slow", "hold", "correct", "list", "help", "seen", "undo", "kill"];

// command is what a key means: {do, no}, or null where it means nothing here.
// Keys don't count while somebody types, in a dialog, with Ctrl and the like,
// or when they are turned off.
export function command(e, { typing = false, dialog = false, on = true, may = {} } = {}) {
  if (!on || typing || dialog || e.ctrlKey || e.metaKey || e.altKey || e.isComposing || e.repeat && !/^Arrow/.test(e.key)) return null;
  if (/^[1-6]$/.test(e.key)) return { do: "choose", no: Number(e.key) };
  const what = keymap[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (!what || runs.includes(what) && !may.run || talks.includes(what) && !may.talk) return null;
  return { do: what };
}

// plain folds what Chinese keyboards write: full-width digits and stops, the
// signs for number and money, commas.
export const plain = (text) => text.normalize("NFKC").replace(/[\u3002\uff0e]/g, ".").replace(/[^\d.\s+-]/g, " ").trim();

const byNo = (room, n) => room.items.find((it) => it.no === n);
const explained = (room) => room.items.find((it) => it.id === room.pinned);

// entry reads what was typed: {item, value} or {error, n}. value is a price in
// yuan as text for "price", units for "stock", seconds for "slow" and "hold"
// (-1: until released); "flash" means what is explained when nothing is typed.
export function entry(kind, text, room) {
  const parts = plain(text).split(/\s+/).filter(Boolean);
  switch (kind) {
    case "flash": if (!parts.length) return explained(room) ? { item: explained(room) } : { error: "no_pin" };
    // falls through: a number, as for what is to be explained
    case "pin": {
      const n = Number(parts[0]);
      if (parts.length !== 1 || !Number.isInteger(n)) return { error: "no_number" };
      const item = byNo(room, n);
      return item && item.state !== "off" ? { item } : { error: "no_item", n };
    }
    case "price": return pair(room, parts, (v) => (/^\d{1,7}(\.\d{1,2})?$/.test(v) && Number(v) > 0 ? v : null), "no_price");
    case "stock": return pair(room, parts, (v) => (/^\+?\d{1,6}$/.test(v) && Number(v) > 0 ? Number(v) : null), "no_stock");
    case "slow": case "hold": {
      const n = Number(parts[0]), least = kind === "hold" ? -1 : 0;
      return parts.length === 1 && Number.isInteger(n) && n >= least ? { value: n } : { error: "no_" + kind };
    }
  }
  return { error: "no_number" };
}

// pair reads "number value", or a value alone for what is explained now.
function pair(room, parts, read, wrong) {
  if (parts.length === 0 || parts.length > 2) return { error: wrong };
  const value = read(parts[parts.length - 1]);
  if (value === null) return { error: wrong };
  if (parts.length === 1) {
    const item = explained(room);
    return item ? { item, value } : { error: "no_pin" };
  }
  const n = Number(parts[0]);
  const item = Number.isInteger(n) ? byNo(room, n) : null;
  return item ? { item, value } : { error: "no_item", n: parts[0] };
}

// neighbour is the product to explain next (step 1) or before (-1): only what
// can be bought, round and round; null when there is no other.
export function neighbour(room, step) {
  const list = room.items.filter((it) => it.state === "on_sale" || it.id === room.pinned && it.state !== "off");
  const at = list.findIndex((it) => it.id === room.pinned);
  if (at < 0) return list[step > 0 ? 0 : list.length - 1] ?? null;
  const next = list[(at + step + list.length) % list.length];
  return next.id === room.pinned ? null : next;
}

// bigStep tells whether a price changes so much that it may be a slip: "3"
// meant the number and not three yuan.
export const bigStep = (wasFen, toFen) => wasFen > 0 && (toFen < wasFen * 0.6 || toFen > wasFen * 1.6);

// comments of a room that can be selected, the oldest first.
export const comments = (room) => room.chat.filter((m) => !m.gift);

// step moves the selection up or down; from nothing it begins at the last.
export function step(room, selected, by) {
  const list = comments(room);
  const at = list.findIndex((m) => m.id === selected);
  if (!list.length) return "";
  if (at < 0) return list[list.length - 1].id;
  return list[Math.min(list.length - 1, Math.max(0, at + by))].id;
}

// target is the comment that an action means: the selected one, or the last
// that a viewer wrote.
export function target(room, selected) {
  const list = comments(room);
  return list.find((m) => m.id === selected) ?? list.filter((m) => !m.badge).pop() ?? null;
}

// pinning is what the key for the comment above the chat means: put the
// selected one there, take it off when it stands there already, and with
// nothing selected take off what stands there, else put the last one of a
// viewer. null: there is none; {m: null} takes off.
export function pinning(room, selected) {
  const picked = comments(room).find((m) => m.id === selected);
  if (room.comment && (!picked || picked.id === room.comment.id)) return { m: null };
  const m = picked ?? target(room, "");
  return m && { m };
}
