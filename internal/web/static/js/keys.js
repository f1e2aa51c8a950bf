// Idempotency keys. A page makes a key for one wish ("two of this, to that
// address") and keeps it in the browser until the server has answered. A double
// tap, a lost answer, a second tab with the same sheet open, or the back button
// then send the same key, and the server gives the first answer again. Another
// wish in the same place gets another key: the server refuses a key whose
// request has changed.

const prefix = "lindu-key:";
const maxAge = 30 * 60_000; // an answer lost longer ago is found under "orders"

// fresh begins with the time, as UUID version 7 does (RFC 9562, 5.7), so that a
// crowd's keys lie side by side in the database's index.
function fresh() {
  const b = new Uint8Array(10); // crypto.randomUUID needs https, this does not
  crypto.getRandomValues(b);
  return Date.now().toString(16).padStart(12, "0") + Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}

// hash is FNV-1a over UTF-16 units, twice with different seeds: 16 hex digits.
// It only has to tell two wishes of one sheet apart.
export function hash(text) {
  return [0x811c9dc5, 0x01234567].map((seed) => {
    let x = seed;
    for (let i = 0; i < text.length; i++) x = Math.imul(x ^ text.charCodeAt(i), 0x01000193);
    return (x >>> 0).toString(16).padStart(8, "0");
  }).join("");
}

// keeper works on a Storage; a browser that forbids storage gets memory.
export function keeper(storage, { make = fresh, now = Date.now } = {}) {
  const memory = new Map();
  const get = (k) => { try { return storage.getItem(prefix + k); } catch { return memory.get(k) ?? null; } };
  const set = (k, v) => { try { storage.setItem(prefix + k, v); } catch { memory.set(k, v); } };
  const del = (k) => { memory.delete(k); try { storage.removeItem(prefix + k); } catch { /* memory only */ } };
  return {
    // open gives the ticket of a place: the one that still waits for an answer,
    // else a new one. A sheet holds its ticket as long as it is open.
    open(place) {
      const [ticket, at] = (get(place) ?? "").split(" ");
      if (ticket && now() - Number(at) < maxAge) return ticket;
      const made = make();
      set(place, `${made} ${now()}`);
      return made;
    },
    // key is the idempotency key of a wish under a ticket.
    key: (ticket, wish) => `${ticket}-${hash(JSON.stringify(wish))}`,
    // settle forgets a ticket that was answered; a newer one stays.
    settle(place, ticket) { if ((get(place) ?? "").split(" ")[0] === ticket) del(place); },
  };
}
