// Time of a replay, pure, so that node --test can hold it: the picture counts
// seconds without the holes, chat and orders count the world's milliseconds.

// moment is the world's time of a position.
export function moment(spans, pos) {
  for (let i = spans.length - 1; i >= 0; i--) {
    const s = spans[i];
    if (pos >= s.pos) return s.at + Math.min(pos - s.pos, s.dur) * 1000;
  }
  return spans.length ? spans[0].at : 0;
}

// position is where a moment stands; one in a hole is where the picture came back.
export function position(spans, at) {
  for (const s of spans) {
    if (at < s.at) return s.pos;
    if (at < s.at + s.dur * 1000) return s.pos + (at - s.at) / 1000;
  }
  const last = spans[spans.length - 1];
  return last ? last.pos + last.dur : 0;
}

// chapterAt is the index of the chapter that a position is in, -1 before the first.
export function chapterAt(chapters, pos) {
  let i = -1;
  while (i + 1 < chapters.length && chapters[i + 1].pos <= pos + 0.05) i++;
  return i;
}

// clock is a length as a player shows it.
export function clock(seconds) {
  const s = Math.max(0, Math.floor(seconds)), two = (n) => String(n).padStart(2, "0");
  return s >= 3600 ? `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

// slice is which part of the chat a moment's lines are in, and where it begins.
export const sliceMs = 5 * 60 * 1000;
export function slice(at) {
  return Math.floor(at / sliceMs) * sliceMs;
}
