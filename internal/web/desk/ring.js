// The ring of a call for help. A browser makes no sound before somebody has
// touched the page: allow() is called with the first touch.

const louder = 60; // seconds after which it rings louder and without a pause

// urgency is 0 for silence, 1 for a ring every third second, 2 for one every
// second and louder; seconds is how long the oldest waits. Calls that somebody
// has answered don't ring.
export function urgency(calls, nowMs) {
  const open = calls.filter((c) => !c.by).map((c) => Math.max(0, Math.floor((nowMs - Date.parse(c.since)) / 1000)));
  if (!open.length) return { level: 0, seconds: 0 };
  const seconds = Math.max(...open);
  return { level: seconds >= louder ? 2 : 1, seconds };
}

// due tells whether to ring in this second.
export const due = (level, second) => level === 2 || level === 1 && second % 3 === 0;

export function bell(Context = globalThis.AudioContext) {
  let ctx = null;
  return {
    get ready() { return ctx?.state === "running"; },
    // allow must be called by a touch or a key.
    async allow() {
      if (!Context) return false;
      ctx ??= new Context();
      try { await ctx.resume(); } catch { return false; }
      return ctx.state === "running";
    },
    // ring plays two notes, as a telephone does.
    ring(level) {
      globalThis.navigator?.vibrate?.(level === 2 ? [300, 100, 300] : 200);
      if (ctx?.state !== "running") return;
      for (const [i, hz] of [880, 1174].entries()) {
        const at = ctx.currentTime + i * 0.22, tone = ctx.createOscillator(), loud = ctx.createGain();
        tone.type = level === 2 ? "square" : "sine";
        tone.frequency.value = hz;
        loud.gain.setValueAtTime(0.0001, at);
        loud.gain.exponentialRampToValueAtTime(level === 2 ? 0.5 : 0.22, at + 0.02);
        loud.gain.exponentialRampToValueAtTime(0.0001, at + 0.2);
        tone.connect(loud).connect(ctx.destination);
        tone.start(at);
        tone.stop(at + 0.21);
      }
    },
  };
}
