// Mountains, forest, village and room: the places of the demo world.
import { C, rng, n, path, line, oval, disc, rect, group, at, fir, leaf } from './lib.js';
import { berries } from './goods.js';

/** ridge returns the height of a hill line at x, and its filled outline down to bottom. */
export function ridge(seed, y, rise, waves = 3) {
  const r = rng(seed);
  const parts = Array.from({ length: waves }, (_, i) => [r.in(0.6, 1.3) * (i + 1), r.in(0, 6.28), rise / (i + 1)]);
  return (u) => y - parts.reduce((sum, [f, p, h]) => sum + h * Math.sin(u * f * 6.28 + p), 0) / 1.6;
}

export function hill(a, at, fill, o = {}) {
  const { width: w, height: h } = a;
  let d = `M-10 ${h + 10}`;
  for (let i = 0; i <= 60; i++) d += `L${n(-10 + (w + 20) * i / 60)} ${n(at(i / 60))}`;
  return path(d + `L${w + 10} ${h + 10}Z`, fill, o);
}

/** forest plants firs along a hill line between from and to (parts of the width). */
export function forest(a, line0, count, size, colors, seed, from = 0, to = 1, sink = 6) {
  const r = rng(seed);
  const kinds = [0, 1, 2].map((k) => fir(a, colors[0], colors[1], seed + k));
  return Array.from({ length: count }, (_, i) => [from + (to - from) * (i + r.in(0.1, 0.9)) / count, r.in(0.72, 1.25)])
    .map(([u, s]) => ({ u, s, y: line0(u) + sink + r.in(-3, size * 0.06) })).sort((p, q) => p.y - q.y)
    .map(({ u, s, y }) => a.use(r.pick(kinds), u * a.width, y, size / 100 * s));
}

/** mist is a soft band of light. */
export const mist = (a, y, height, opacity = 0.5, color = '#fff4e0') => group([oval(a.width * 0.3, y, a.width * 0.5, height, color), oval(a.width * 0.8, y + height * 0.3, a.width * 0.45, height * 0.8, color)], { opacity, filter: a.blur(30) });

/** house of the village, about 150 wide, standing on 0,0. */
export function house(a, roof = ['#d9694a', '#9c3f2a'], wall = ['#fffaf0', '#ead9b8']) {
  return a.stamp('house' + roof[0], () => rect(-62, -66, 124, 66, a.lin(wall)) + rect(20, -66, 42, 66, '#8a6a3f', { opacity: 0.16 }) + rect(36, -128, 20, 46, '#8f5a44') + rect(33, -132, 26, 8, '#6f4232') +
    path('M-82-62L-52-112H52L82-62Z', a.lin(roof)) + [-46, -24, -2, 20, 42].map((x) => line(`M${x * 0.75}-110L${x * 1.25}-64`, '#5a1f14', 2.5, { opacity: 0.3 })).join('') + line('M-82-62H82', '#fff', 4, { opacity: 0.4 }) +
    [-46, 24].map((x) => rect(x, -50, 28, 28, '#ffd277') + line(`M${x + 14}-50V-22M${x}-36H${x + 28}`, '#8a5a2c', 3) + rect(x, -50, 28, 28, 'none', { stroke: '#8a5a2c', 'stroke-width': 4 })).join('') +
    rect(-12, -46, 26, 46, '#b0442f') + disc(8, -24, 2.5, '#f6d36b') + [-60, -54].map((x) => line(`M${x}-60V-26`, '#f0a92c', 6, { 'stroke-dasharray': '1 8' })).join(''));
}

export const smoke = (a, x, y, s = 1) => [[0, 0, 13], [10, -30, 18], [-2, -66, 24], [16, -108, 30], [0, -156, 36]].map(([dx, dy, r], i) => disc(x + dx * s, y + dy * s, r * s, '#fff', { opacity: 0.5 - i * 0.085, filter: a.blur(7) }));

/** birch trunk from 0,0 upward. */
export function birch(a, height, seed = 1) {
  return a.stamp('birch' + seed + height, () => {
    const r = rng(seed);
    const w = 30;
    const trunk = `M${-w} 0C${-w * 0.8} ${-height * 0.4} ${-w * 0.8} ${-height * 0.7} ${-w * 0.5} ${-height}H${w * 0.5}C${w * 0.7} ${-height * 0.7} ${w * 0.7} ${-height * 0.4} ${w} 0Z`;
    const marks = Array.from({ length: Math.round(height / 26) }, (_, i) => { const y = -i * 26 - r.in(0, 20), d = r() < 0.5 ? -1 : 1, len = r.in(10, 30); return path(`M${d * w} ${n(y)}C${n(d * (w - len * 0.5))} ${n(y - 7)} ${n(d * (w - len))} ${n(y - 3)} ${n(d * (w - len))} ${n(y)}C${n(d * (w - len))} ${n(y + 4)} ${n(d * (w - len * 0.5))} ${n(y + 6)} ${d * w} ${n(y + 4)}Z`, '#3b322b'); }).join('');
    return path(trunk, a.lin([['#fffdf7', 0], ['#efe6d8', 0.5], ['#b9a98f', 1]], [0, 0, 1, 0])) + group(marks, { 'clip-path': a.clip(trunk), opacity: 0.85 });
  });
}

/** boughs is a cloud of leaves around 0,0. */
export function boughs(a, count, rx, ry, light, dark, seed = 3, scale = 0.5) {
  const r = rng(seed);
  const ids = [leaf(a, light, dark, 'b'), leaf(a, dark, light, 'b')];
  return Array.from({ length: count }, () => { const q = r.in(0, 6.28), d = Math.sqrt(r()); return a.use(r.pick(ids), Math.cos(q) * d * rx, Math.sin(q) * d * ry, r.in(0.7, 1.2) * scale, r.in(0, 360)); });
}

/** bush is a blueberry bush around 0,0. */
export function bush(a, rx, ry, seed = 4, fruit = 16) {
  const r = rng(seed + 50);
  const ids = berries(a);
  return [oval(0, ry * 0.5, rx * 1.02, ry * 0.8, '#12361f', { opacity: 0.9 }), ...boughs(a, Math.round(rx * ry / 105), rx, ry, '#7fae4c', '#27693a', seed, 0.62), ...Array.from({ length: fruit }, () => { const q = r.in(0, 6.28), d = Math.sqrt(r()) * 0.86, x = Math.cos(q) * d * rx, y = Math.sin(q) * d * ry; return [[0, 0], [20, 9], [5, 22]].map(([dx, dy]) => a.use(r.pick(ids), x + dx, y + dy, r.in(0.26, 0.34))); }).flat()];
}

/** signal is the mark of a running show: arcs that leave the sun. */
export const signal = (x, y, r0, step, count, color, width) => Array.from({ length: count }, (_, i) => { const R = r0 + i * step, q = 0.92 - i * 0.04; return line(`M${n(x - Math.sin(q) * R)} ${n(y - Math.cos(q) * R)}A${n(R)} ${n(R)} 0 0 1 ${n(x + Math.sin(q) * R)} ${n(y - Math.cos(q) * R)}`, color, width, { opacity: Math.max(0.12, 0.85 - i * 0.24) }); });

/** lantern hangs from 0,0. */
export const lantern = (a) => a.stamp('lantern', () => line('M0-60V0', '#7a2a1c', 4) + rect(-24, -6, 48, 14, '#e8b23a', { rx: 4 }) + oval(0, 62, 66, 60, a.rad([['#ff9a6a', 0], ['#e5402f', 0.5], ['#a81f1f', 1]], [0.4, 0.4, 0.7])) + [-40, -16, 16, 40].map((x) => line(`M${x * 0.5} 6Q${x * 1.2} 62 ${x * 0.5} 118`, '#f6c945', 2.5, { opacity: 0.6 })).join('') + rect(-24, 114, 48, 12, '#e8b23a', { rx: 4 }) + [-12, 0, 12].map((x) => line(`M${x} 126V176`, '#e5402f', 5)).join(''));

/** corn is a string of drying corn cobs hanging from 0,0. */
export const corn = (a) => a.stamp('corn', () => line('M0-20V330', '#a8752a', 5) + [0, 1, 2, 3, 4, 5].map((i) => [-1, 1].map((d) => at(path('M0 0C-26 20-26 76 0 100C26 76 26 20 0 0Z', a.lin(['#ffd85e', '#e39a16'], [0, 0, 1, 0.4])) + [14, 30, 46, 62, 78].map((y) => line(`M-16 ${y}Q0 ${y + 8} 16 ${y}`, '#b8740c', 2.5, { opacity: 0.5 })).join('') + path('M0 6C-14-14-16-24-6-34C0-20 4-20 8-36C16-22 12-10 0 6Z', '#e9dca8'), d * 10, 20 + i * 50, 0.8, d * -28)).join('')).join(''));

/** chillies hang from 0,0. */
export const chillies = (a) => a.stamp('chilli', () => line('M0-20V260', '#a8752a', 5) + Array.from({ length: 16 }, (_, i) => at(path('M0 0C-14 14-14 50 6 78C14 50 14 14 0 0Z', a.lin(['#ee4b35', '#a3161c'], [0, 0, 1, 0.4])) + line('M0 0V-10', '#4b7a2a', 5), (i % 2 ? 1 : -1) * 8, 10 + i * 16, 0.8, (i % 2 ? -1 : 1) * (34 + (i % 3) * 10))).join(''));

/** demoLabel is the only lettering in any picture. */
export const demoLabel = (x, y, s = 1) => at(`<rect x="0" y="0" width="158" height="40" rx="20" fill="#0b3a1f" fill-opacity=".55"/><text x="79" y="27" text-anchor="middle" font-family="'Noto Sans CJK SC','Noto Sans SC',sans-serif" font-size="20" font-weight="600" fill="#fff" letter-spacing="1">DEMO \u793a\u4f8b</text>`, x, y, s);
