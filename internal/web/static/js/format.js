// Pure formatting, as the server does it; no document, for node --test.

// yuan writes fen: ¥39, ¥39.90, ¥117,000.
export function yuan(fen) {
  const sign = fen < 0 ? "-" : "";
  const abs = Math.abs(Math.trunc(fen));
  const rest = abs % 100;
  const whole = (abs - rest) / 100;
  return `${sign}¥${whole > 9999 ? whole.toLocaleString("en") : whole}` + (rest ? "." + String(rest).padStart(2, "0") : "");
}

// clockText is a remaining time in whole seconds: 9:05, 1:02:03. It rounds up,
// so that 0:00 is only shown when the time is over.
export function clockText(ms) {
  const all = Math.max(0, Math.ceil(ms / 1000));
  const h = Math.floor(all / 3600), m = Math.floor(all / 60) % 60, s = all % 60;
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// daysApart splits a long wait into whole days and the rest.
export function daysApart(ms) {
  const days = Math.floor(Math.max(0, ms) / 86_400_000);
  return { days, rest: Math.max(0, ms) - days * 86_400_000 };
}

// ago picks the unit in which people speak of a time: [-5, "minute"].
export function ago(ms) {
  const s = Math.round(ms / 1000);
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(s) >= size) return [Math.trunc(s / size), unit];
  }
  return [s, "second"];
}

// short writes a count on a small badge: 998, 1.2k or 1.2万 come from Intl.
export function short(n, lang) {
  return new Intl.NumberFormat(lang, { notation: "compact", maximumFractionDigits: 1 }).format(n);
}

// fill puts values into a text from the page: fill("{n} left", {n: 3}).
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? String(values[name]) : all));
}
