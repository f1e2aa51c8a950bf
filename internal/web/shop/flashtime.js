// The times of a flash sale, pure, so that node --test can hold them.

// clock is the server's clock, learned from the times it sends. Each arrives
// late, never early, so the greatest difference is the truest; it runs on the
// page's monotonic clock, which nobody can set.
export function clock(mono = () => performance.now(), wall = () => Date.now()) {
  let off = -Infinity;
  return {
    seen(iso) {
      const d = Date.parse(iso) - mono();
      if (Number.isFinite(d)) off = Math.max(off, d);
    },
    now: () => (Number.isFinite(off) ? mono() + off : wall()),
  };
}

// phase of an item's flash sale at a time: "", planned, countdown, running, over.
export function phase(it, now) {
  const f = it.flash;
  if (!f) return "";
  if (f.left <= 0 || now >= Date.parse(f.ends)) return "over";
  if (now >= Date.parse(f.starts)) return "running";
  return now >= Date.parse(f.countdown) ? "countdown" : "planned";
}

// deal is an item as it is sold at a time: while its flash sale runs at that
// price, with the normal one crossed out. The server's room.Item.Deal is the same.
export function deal(it, now) {
  const p = phase(it, now);
  if (p !== "running") return p === "countdown" ? { ...it, phase: p } : it;
  const f = it.flash;
  return {
    ...it, phase: p, was_fen: it.price_fen, price_fen: f.price_fen, stock: Math.min(it.stock, f.left),
    per_500g_fen: it.net_g ? Math.floor((f.price_fen * 1000 + it.net_g) / (2 * it.net_g)) : it.per_500g_fen,
    per_person: f.per_person && (!it.per_person || f.per_person < it.per_person) ? f.per_person : it.per_person,
  };
}

// nextChange is how long until some item's flash sale turns, in milliseconds;
// Infinity when none will.
export function nextChange(items, now) {
  let next = Infinity;
  for (const it of items) {
    for (const t of it.flash && phase(it, now) !== "over" ? [it.flash.countdown, it.flash.starts, it.flash.ends] : []) {
      const left = Date.parse(t) - now;
      if (left > 0) next = Math.min(next, left);
    }
  }
  return next;
}
