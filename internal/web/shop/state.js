// The room as data: what the server told (state) and how an event changes it.
// Pure, so that node --test can hold it; room.js draws it.

export const maxChat = 100;

// order of the tray: by number, always. Numbers are called aloud ("link 3").
function byNo(items) {
  return [...items].sort((a, b) => a.no - b.no);
}

// start makes the room of the server's State.
export function start(s) {
  // What I wrote and the moderators hold back I see at the end, as waiting.
  return { ...s, items: byNo(s.items ?? []), chat: dedupe([...(s.chat ?? []), ...(s.me?.waiting ?? [])]), notice: "", hearts: 0 };
}

function dedupe(chat) {
  const seen = new Set();
  return chat.filter((m) => !seen.has(m.id) && seen.add(m.id)).slice(-maxChat);
}

// place puts a line where it belongs: at the end, or, when it was let through
// late or is shown again, where it was first seen. One that waited is replaced.
function place(chat, d) {
  const have = chat.find((m) => m.id === d.id);
  if (have && (d.waiting || !have.waiting)) return chat;
  const rest = have ? chat.filter((m) => m !== have) : chat;
  const at = Date.parse(d.at);
  let i = rest.length;
  while (i > 0 && (rest[i - 1].waiting || Date.parse(rest[i - 1].at) > at)) i--;
  return [...rest.slice(0, i), d, ...rest.slice(i)];
}

// renew takes over the truth that was just read. It may be a second old, so
// what was said since it was read stays.
export function renew(room, fresh) {
  const read = Date.parse(fresh.at);
  const since = room.chat.filter((m) => Date.parse(m.at) > read);
  const next = start(fresh);
  return { ...next, chat: dedupe([...next.chat, ...since]), notice: room.notice };
}

// reduce gives the room after one event {k, d}; an unknown kind changes
// nothing, because an older page must survive a newer server.
export function reduce(room, { k, d }) {
  switch (k) {
    case "chat":
      return { ...room, chat: place(room.chat, d).slice(-maxChat) };
    case "hide":
      return { ...room, chat: room.chat.filter((m) => m.id !== d.id), comment: room.comment?.id === d.id ? null : room.comment };
    case "comment": // the message above the chat
      return { ...room, comment: d.message };
    case "rules":
      return { ...room, slow_mode: d.slow_mode };
    case "item": {
      const rest = room.items.filter((it) => it.id !== d.id);
      return { ...room, items: byNo([...rest, d]) };
    }
    case "pin":
      return { ...room, pinned: d.item };
    case "show":
      return { ...room, state: d.state, cut: d.cut ?? room.cut };
    case "ai": // parts that AI makes
      return { ...room, ai: d.ai ?? [] };
    case "correction":
      if (room.corrections?.some((c) => c.id === d.id)) return room;
      return { ...room, corrections: [...(room.corrections ?? []), d] };
    case "stream":
      return { ...room, stream: d.state };
    case "count":
      return { ...room, counts: d };
    case "like":
      // counts.likes is the records' figure and comes with "count"; this is
      // only how many hearts to fly.
      return { ...room, hearts: room.hearts + d.n };
    case "notice":
      return { ...room, notice: d.body };
    case "gift": // a line of the chat: what was given, never how much
      if (room.chat.some((m) => m.id === "gift-" + d.id)) return room;
      return { ...room, chat: [...room.chat, { id: "gift-" + d.id, gift: d }].slice(-maxChat) };
    default:
      return room;
  }
}

// reduceAll applies the events of a frame in their order.
export function reduceAll(room, events) {
  return events.reduce(reduce, room);
}

// pinnedItem is the item explained now; one that was taken off is not shown.
export function pinnedItem(room) {
  const it = room.items.find((x) => x.id === room.pinned);
  return it && it.state !== "off" ? it : null;
}

// canBuy tells whether an item can be ordered now.
export function canBuy(room, it) {
  return it.state === "on_sale" && it.stock > 0 && (room.state === "live" || room.state === "announced");
}

// most is the largest number of units a person may choose.
export function most(it) {
  return Math.max(1, Math.min(it.stock, it.per_person || it.stock, 99));
}

// scene says what the stage shows: video, soon (before the start, also while
// the host rehearses), away (the slate), wait (live, nothing published yet),
// ended, cancelled.
export function scene(room) {
  if (room.state === "ended" || room.state === "cancelled") return room.state;
  if (room.state !== "live") return "soon";
  return { live: "video", away: "away" }[room.stream] ?? "wait";
}

// purse gathers hearts until they are sent: one request for many taps.
export function purse(max = 50) {
  let n = 0, mine = 0;
  return {
    add() { if (n < max) n++; },
    // take empties it into a request.
    take() { const out = n; n = 0; mine += out; return out; },
    // others tells how many of the hearts in an event are not ours.
    others(total) { const own = Math.min(mine, total); mine -= own; return total - own; },
    get waiting() { return n; },
  };
}
