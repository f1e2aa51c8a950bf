// Idempotency keys. The page makes a key for one wish ("this item, two of
// them, to this address") and keeps it in the tab until the server has
// answered; a double tap, a lost answer or the back button then sends the same
// key, and the server gives the first answer again. Another wish in the same
// place gets another key, because the server refuses a key with a new body.

const prefix = "lindu-key:";

function random() {
  if (globalThis.crypto?.randomUUID) return crypto.randomUUID().replaceAll("-", "");
  const b = new Uint8Array(16); // randomUUID needs https; getRandomValues does not
  crypto.getRandomValues(b);
  return Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
}

// keeper works on a Storage; a browser that forbids storage gets memory.
export function keeper(storage, make = random) {
  const memory = new Map();
  const get = (k) => { try { return storage.getItem(prefix + k); } catch { return memory.get(k) ?? null; } };
  const set = (k, v) => { try { storage.setItem(prefix + k, v); } catch { memory.set(k, v); } };
  const del = (k) => { try { storage.removeItem(prefix + k); } catch { /* memory below */ } memory.delete(k); };
  return {
    // keyFor gives the key of a wish at a place; the same wish, the same key.
    keyFor(place, wish) {
      const text = JSON.stringify(wish);
      const kept = get(place);
      if (kept) {
        const at = kept.indexOf(" ");
        if (kept.slice(at + 1) === text) return kept.slice(0, at);
      }
      const key = make();
      set(place, key + " " + text);
      return key;
    },
    // settle forgets the key: the server has answered for good.
    settle(place) { del(place); },
  };
}

// settled tells whether an answer ends a wish: a created order or a refusal
// that stands. Busy, broken and "sign in first" do not: the same key goes again.
export function settled(status) {
  return status >= 200 && status < 500 && ![401, 408, 425, 429].includes(status);
}
