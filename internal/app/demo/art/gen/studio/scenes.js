// Portraits, show covers and the home picture.
import { C, Art, rng, n, path, line, oval, disc, rect, group, at, curve, leaf, fir, bowl, steam } from './lib.js';
import * as g from './goods.js';
import * as p from './people.js';
import * as s from './scenery.js';

const backdrops = {
  secretary: ['#e3efe2', '#9fc4a6', '#f5a55c'], hostess: ['#fdeed8', '#f7bd84', '#fff3d6'], returnee: ['#e8eafc', '#aab3ec', '#fbe3b4'], trainee: ['#fdf1d9', '#e6c88c', '#f9ddb4'],
  grower: ['#eaf3d6', '#b4cf84', '#fbe08a'], beekeeper: ['#fff4cf', '#f7cf6a', '#fff9e4'], grandmother: ['#fce6e2', '#efb4a6', '#fff0dc'], forester: ['#e2eef0', '#a3c4c4', '#fdf7ea'],
};

function portrait(name) {
  const a = new Art(600, 600, 40 + name.length);
  const [light, dark, halo] = backdrops[name];
  a.add(rect(0, 0, 600, 600, a.rad([[light, 0], [dark, 1]], [0.4, 0.3, 0.9])), disc(300, 276, 226, halo, { opacity: 0.75 }), disc(300, 276, 226, a.lin([['#fff', 0, 0.5], ['#fff', 1, 0]], [0, 0, 0.7, 1])));
  const back = s.ridge(name.length * 3, 430, 40);
  a.add(group([s.hill(a, back, a.lin(['#6fa07a', '#3f7550'])), s.forest(a, back, 16, 120, ['#4f8f5e', '#275c3a'], name.length)], { opacity: 0.55 }));
  if (name === 'beekeeper') a.add(a.use(g.bee(a), 110, 170, 0.62, 10), a.use(g.bee(a), 500, 120, 0.5, -14), a.use(g.bee(a), 520, 300, 0.4, 4));
  a.add(a.shade(310, 590, 220, 60, 0.35, '#0b2414', 20), at(p.bust(a, p.cast[name]), 300, 286, 1.12));
  return a.paper(0.8);
}

/** room is the show room of a cover: timber wall, window on the forest, a table; returns where things stand. */
export function room(a, o) {
  const { width: w, height: h } = a;
  const { tableY = h * 0.72, win = [w * 0.14, h * 0.08, w * 0.72, h * 0.48], season = 'summer' } = o;
  a.add(rect(0, 0, w, h, a.lin(['#d9a86c', '#a8713c'])));
  for (let y = 0, i = 0; y < tableY; y += h * 0.062, i++) a.add(rect(0, y, w, h * 0.062, a.lin([['#e2b47a', 0], ['#c98f54', 0.8], ['#9a6431', 1]]), { opacity: 0.9 }), line(`M${n(a.r.in(0, w * 0.6))} ${n(y + h * 0.03)}h${n(a.r.in(80, w * 0.4))}`, '#8a5a2c', 3, { opacity: 0.35 }));
  a.add(view(a, win, season));
  a.add(path(`M${n(win[0] + win[2] * 0.1)} ${n(win[1] + win[3])}L${n(win[0] + win[2] * 0.6)} ${n(win[1] + win[3])}L${n(w * 0.5)} ${n(tableY)}L${n(-w * 0.1)} ${n(tableY)}Z`, '#fff3d0', { opacity: 0.25, filter: a.blur(24) }));
  return { tableY, win };
}

/** view is the window and what stands outside it. */
function view(a, [x, y, w, h], season) {
  const sky = { summer: ['#8fd0e8', '#fdf3d8'], sunset: ['#f9a35f', '#fff0cc'], autumn: ['#f3c98a', '#fff6e0'] }[season];
  const wood = { summer: ['#5fa56b', '#1f6b3f'], sunset: ['#4b8560', '#1b4a34'], autumn: ['#d98f3c', '#8c4a1c'] }[season];
  const frame = `M${n(x)} ${n(y)}h${n(w)}v${n(h)}h${n(-w)}Z`;
  const inner = Object.assign(Object.create(a), { width: a.width, height: y + h });
  const far = s.ridge(5, y + h * 0.55, h * 0.1), mid = s.ridge(9, y + h * 0.7, h * 0.08), near = s.ridge(14, y + h * 0.88, h * 0.04);
  return [rect(x - 26, y - 26, w + 52, h + 52, a.lin(['#8a5a2c', '#5d3a1a']), { rx: 10 }), group([rect(x, y, w, h, a.lin(sky)), disc(x + w * 0.74, y + h * 0.3, h * 0.13, '#fff6d8', { opacity: 0.95 }), disc(x + w * 0.74, y + h * 0.3, h * 0.26, '#fff6d8', { opacity: 0.3, filter: a.blur(18) }), ...s.signal(x + w * 0.74, y + h * 0.3, h * 0.18, h * 0.06, 3, '#fff', 7),
    s.hill(inner, far, a.lin(['#9cc5b4', '#cfe3cf'])), s.hill(inner, mid, a.lin([wood[0], wood[1]]), { opacity: 0.75 }), s.forest(inner, mid, 26, h * 0.2, wood, 7), s.mist(inner, y + h * 0.8, h * 0.06, 0.6), s.hill(inner, near, a.lin(['#8fae4b', '#4b7a34'])), a.use(s.house(a), x + w * 0.2, y + h * 0.93, h / 620), a.use(s.house(a, ['#5f87b8', '#34557f']), x + w * 0.37, y + h * 0.95, h / 720), s.smoke(a, x + w * 0.227, y + h * 0.72, 0.7), s.forest(inner, near, 9, h * 0.36, ['#3f8a55', '#14532d'], 21, (x + w * 0.52) / a.width, (x + w) / a.width, 26)], { 'clip-path': a.clip(frame) }),
  line(`M${n(x + w / 2)} ${n(y)}v${n(h)}M${n(x)} ${n(y + h * 0.42)}h${n(w)}`, '#7a4c24', 15), line(`M${n(x + w / 2 - 4)} ${n(y)}v${n(h)}M${n(x)} ${n(y + h * 0.42 - 4)}h${n(w)}`, '#c08a52', 4), path(frame, 'none', { stroke: '#c08a52', 'stroke-width': 7 }), rect(x - 50, y + h + 18, w + 100, 26, a.lin(['#b07a44', '#6f4526']), { rx: 6 }), path(`M${n(x)} ${n(y + h * 0.5)}L${n(x + w * 0.42)} ${n(y)}h${n(w * 0.14)}L${n(x)} ${n(y + h * 0.68)}Z`, '#fff', { opacity: 0.16 })];
}

function tableTop(a, y, colors = ['#e9be86', '#a8713c']) {
  const { width: w, height: h, r } = a;
  a.add(rect(0, y, w, h - y, a.lin(colors)), rect(0, y, w, 9, '#fff', { opacity: 0.4 }), Array.from({ length: 14 }, (_, i) => line(`M${n(r.in(-50, w * 0.7))} ${n(y + 20 + (h - y) * i / 14)}q120 ${n(r.in(-6, 6))} ${n(r.in(180, 460))} 0`, '#8a5a2c', 3, { opacity: 0.35 })));
}

/** cover composes a host behind a table full of goods. */
function cover(o) {
  const a = new Art(1080, 1440, o.seed);
  const { tableY } = room(a, { tableY: 1080, win: [130, 120, 820, 620], season: o.season });
  a.add(a.use(s.lantern(a), 84, 90, 1.05), a.use(s.corn(a), 1010, 40, 1.15), a.use(s.chillies(a), 70, 420, 1.15));
  a.add(a.shade(560, 1070, 330, 60, 0.4, '#2a1708', 26), at(p.bust(a, o.host), 540, 650, 1.62));
  tableTop(a, tableY);
  o.goods(a);
  a.add(rect(0, 0, 1080, 320, a.lin([['#0b2414', 0, 0.28], ['#0b2414', 1, 0]])), s.demoLabel(896, 1378, 1));
  return a.paper(0.9);
}

const blueberryNight = () => cover({
  seed: 71, season: 'sunset', host: p.cast.hostess,
  goods(a) {
    const ids = g.berries(a), b = { x: 540, y: 1100, rx: 320, ry: 88, depth: 240, base: 150 };
    a.add(a.shade(590, 1350, 340, 44, 0.5), a.use(leaf(a, '#86b457', '#2f6a35'), 300, 1080, 2.2, 215), a.use(leaf(a, '#a5c96a', '#3d7a3a'), 780, 1080, 2.2, -35), bowl(a, { ...b, inside: '#4a2c18', light: '#f3d9ae', mid: '#d3a067', dark: '#8a5a2c', rim: '#f9e6c6', band: g.woodBand('#6b3d18', 8, 26), fill: g.heap(a, ids, { ...b, rx: 306, ry: 82, dome: 190, size: 46 }).join('') }));
    a.add(p.arm(a, [250, 985], [80, 1140], [222, 1226], { sleeve: ['#fdf3df', '#d6bd8f'], width: 100, hand: 1.25, turn: -24 }), p.arm(a, [830, 985], [1000, 1140], [858, 1226], { sleeve: ['#fdf3df', '#d6bd8f'], width: 100, hand: 1.25, flip: true, turn: 24 }));
    for (const [x, y, k] of [[120, 1370, 1], [220, 1400, 1.1], [900, 1340, 1]]) a.add(a.shade(x + 8, y + 42 * k, 50 * k, 12, 0.45, '#2a1708', 7), a.use(a.r.pick(ids), x, y, k));
  },
});

const honeySeason = () => cover({
  seed: 72, season: 'summer', host: { ...p.cast.beekeeper, mouth: 0.8 },
  goods(a) {
    a.add(a.shade(300, 1330, 200, 34, 0.5), a.use(g.honeyJar(a), 270, 1340, 0.98), a.shade(830, 1330, 200, 34, 0.5), a.use(g.honeyJar(a), 820, 1340, 0.98), a.use(g.lindenSprig(a), 540, 1290, 1.05, -6), at(g.dipper(a, 150), 520, 1130, 0.9));
    const comb = 'M420 1250C470 1226 610 1226 660 1250C680 1300 670 1350 650 1380C580 1400 500 1400 430 1380C410 1350 402 1300 420 1250Z';
    const cells = []; for (let i = 0; i < 6; i++) for (let k = 0; k < 8; k++) cells.push(at(path('M0-22L19-11V11L0 22L-19 11V-11Z', a.rad([['#ffe9a0', 0], ['#f5ad2c', 0.6], ['#c97608', 1]], [0.4, 0.35, 0.7]), { stroke: '#ffe2a0', 'stroke-width': 4 }), 404 + k * 40 + (i % 2) * 20, 1240 + i * 34));
    a.add(a.shade(550, 1384, 150, 22, 0.5), path(comb, '#b96a08', { transform: 'translate(0 12)' }), path(comb, '#e8951a'), group(cells, { 'clip-path': a.clip(comb) }), path(comb, a.lin([['#fff', 0, 0.3], ['#fff', 0.5, 0], ['#7a3d02', 1, 0.35]], [0, 0, 1, 1])));
    a.add(a.use(g.bee(a), 250, 560, 1, 8), a.use(g.bee(a), 880, 640, 0.9, -12), a.use(g.bee(a), 800, 300, 0.7, 0));
  },
});

const autumnForest = () => cover({
  seed: 73, season: 'autumn', host: { ...p.cast.secretary, mouth: 0.75 },
  goods(a) {
    const nuts = [g.pineNut(a), g.pineNut(a), g.pineNut(a, true)], hz = [g.hazelnut(a, 0), g.hazelnut(a, 1)], caps = [0, 1, 2, 3].map((k) => g.honeyCap(a, k)), ears = [0, 1, 2, 3].map((k) => g.woodEar(a, k));
    const l = { x: 270, y: 1150, rx: 220, ry: 62, depth: 160, base: 110 }, r = { x: 810, y: 1150, rx: 220, ry: 62, depth: 160, base: 160 };
    a.add(a.shade(310, 1316, 230, 34, 0.5), a.shade(840, 1316, 240, 34, 0.5), a.use(g.pineCone(a), 540, 1080, 0.92, 6));
    a.add(bowl(a, { ...l, inside: '#dfe6dc', light: '#f7faf3', mid: '#d3dfd2', dark: '#8ea694', rim: '#fbfdf8', band: g.glazeBand('#2f6a47', 30, 24), fill: g.heap(a, nuts, { ...l, dome: 120, size: 30, unit: 45, turn: 180, spread: 1.3 }).join('') }));
    a.add(g.basket(a, { ...r, fill: g.heap(a, hz, { ...r, dome: 140, size: 38, turn: 70, spread: 1.34 }).join('') }));
    a.add(a.shade(540, 1390, 190, 26, 0.5), [[430, 1370, 1.25, -16], [530, 1384, 1.4, 4], [630, 1374, 1.25, 16]].map(([x, y, k, q], i) => a.use(caps[i], x, y, k, q)), a.use(ears[0], 150, 1390, 1.05, -8), a.use(ears[2], 290, 1400, 0.8, 10), a.use(ears[1], 800, 1386, 0.9, 6));
    a.add(a.use(leaf(a, '#e9a24a', '#b3541e', 'autumn'), 700, 1400, 1.2, -30));
  },
});

/** valley is the home picture; wide or upright, with quiet sky where the page's words stand. */
function valley(w, h, sunAt) {
  const a = new Art(w, h, 90), k = Math.min(w, h) / 800;
  const [sx, sy] = [w * sunAt[0], h * sunAt[1]];
  a.add(rect(0, 0, w, h, a.lin([['#9fd3dc', 0], ['#cfe6d8', 0.22], ['#fde9bf', 0.45], ['#fbc27a', 0.62], ['#f5a35c', 0.8]])));
  a.add(disc(sx, sy, 330 * k, '#fff3c4', { opacity: 0.55, filter: a.blur(60) }), ...s.signal(sx, sy, 150 * k, 54 * k, 4, '#fffdf6', 12 * k), disc(sx, sy, 92 * k, a.lin(['#fff0b0', '#fb923c'])));
  a.add([[0.12, 0.16, 1], [0.34, 0.1, 0.7], [0.88, 0.14, 0.9], [0.6, 0.07, 0.6]].map(([u, v, q]) => group([oval(w * u, h * v, 120 * q * k, 20 * q * k, '#fff'), oval(w * u + 60 * q * k, h * v - 18 * q * k, 70 * q * k, 24 * q * k, '#fff'), oval(w * u - 40 * q * k, h * v - 12 * q * k, 56 * q * k, 18 * q * k, '#fff')], { opacity: 0.6, filter: a.blur(6) })));
  a.add([[-20, 0], [14, -16], [44, 6]].map(([dx, dy]) => line(`M${n(w * 0.3 + dx * k * 3)} ${n(h * 0.24 + dy * k * 2)}q9-11 18 0q9-11 18 0`, '#2c5a46', 4 * k, { opacity: 0.6 })));
  const lines = [[h * 0.47, h * 0.1, ['#b9d0c4', '#dfe5cf']], [h * 0.55, h * 0.085, ['#8fb9a3', '#bcd3b4']], [h * 0.62, h * 0.07, ['#5f9a7c', '#8fb98f']], [h * 0.69, h * 0.05, ['#3f8059', '#6ba06a']]];
  lines.forEach(([y, rise, colors], i) => {
    const top = s.ridge(31 + i * 6, y, rise);
    a.add(s.hill(a, top, a.lin(colors)), i ? s.forest(a, top, Math.round(w / (23 - i * 2) / Math.max(k, 0.9)), (26 + i * 17) * k, [['#7fae96', '#5c907a'], ['#4f8f6d', '#2f6b4c'], ['#2f7a4d', '#14532d']][i - 1], 40 + i) : '', s.mist(a, y + h * 0.055, 26 * k, 0.55));
  });
  // The valley floor: a river from the hills to the front, fields on both sides, the village between.
  const floor = s.ridge(70, h * 0.77, h * 0.016);
  a.add(s.hill(a, floor, a.lin([['#b4c964', 0], ['#7fa64a', 0.4], ['#4f8438', 1]])));
  const rx = w * (sunAt[2] ?? 0.56);
  const river = curve([[rx + 60 * k, h * 0.765], [rx + 150 * k, h * 0.8], [rx + 10 * k, h * 0.84], [rx - 90 * k, h * 0.9], [rx - 40 * k, h * 1.03], [rx + 210 * k, h * 1.03], [rx + 70 * k, h * 0.9], [rx + 130 * k, h * 0.85], [rx + 215 * k, h * 0.8], [rx + 84 * k, h * 0.764]], true, 0.9);
  a.add(path(river, a.lin([['#fff0c8', 0], ['#bfe0dc', 0.35], ['#6fb2c0', 1]])), Array.from({ length: 16 }, () => { const t = a.r(); return line(`M${n(rx + a.r.in(-20, 90) * k)} ${n(h * (0.82 + t * 0.18))}h${n(a.r.in(20, 60) * k)}`, '#fff', 3 * k, { opacity: 0.5 }); }));
  for (let i = 0; i < 7; i++) { a.add(line(`M${n(-20)} ${n(h * (0.83 + i * 0.024))}Q${n(rx * 0.4)} ${n(h * (0.815 + i * 0.024))} ${n(rx - (100 + i * 8) * k)} ${n(h * (0.835 + i * 0.022))}`, i % 2 ? '#d8d66f' : '#5d8f3a', 8 * k, { opacity: 0.55 })); }
  const roofs = [['#d9694a', '#9c3f2a'], ['#5f87b8', '#34557f'], ['#c98a4a', '#8a5526']];
  const village = [[0.2, 0.785, 0.5], [0.27, 0.8, 0.62], [0.345, 0.79, 0.52], [0.42, 0.806, 0.66], [0.15, 0.81, 0.6], [0.74, 0.79, 0.56], [0.81, 0.802, 0.66], [0.885, 0.792, 0.54]];
  for (const [i, [u, v, q]] of village.entries()) a.add(a.shade(w * u + 8 * k, h * v, 60 * q * k, 8 * k, 0.35, '#12361f', 5), a.use(s.house(a, roofs[i % 3]), w * u, h * v, q * k), i % 3 === 1 || i === 4 ? s.smoke(a, w * u + 28 * q * k, h * v - 84 * k * q * 1.6, 0.5 * k) : '');
  const studio = village[6];
  a.add(line(`M${n(w * studio[0] - 20 * k)} ${n(h * studio[1] - 72 * k)}v${n(-46 * k)}`, '#4a3a2a', 4 * k), disc(w * studio[0] - 20 * k, h * studio[1] - 120 * k, 6 * k, C.sun), ...s.signal(w * studio[0] - 20 * k, h * studio[1] - 116 * k, 20 * k, 16 * k, 3, C.sun, 5 * k));
  a.add(s.forest(a, s.ridge(75, h * 0.84, h * 0.01), 7, 88 * k, ['#3f8a55', '#14532d'], 61, 0.9, 1.02, 0), s.forest(a, s.ridge(76, h * 0.85, h * 0.01), 5, 92 * k, ['#3f8a55', '#14532d'], 63, -0.02, 0.09, 0));
  // The foreground frames it: birches, blueberry bushes, grasses.
  const B = s.birch(a, 900, 2), B2 = s.birch(a, 900, 6);
  a.add(a.use(B2, w * 0.9, h * 1.02, [0.78 * k, h * 1.08 / 900], 2), a.use(B, w * 0.965, h * 1.02, [1.15 * k, h * 1.1 / 900], -3), at(s.boughs(a, 90, 190, 150, '#b7d062', '#4f8a3a', 12, 0.5), w * 0.97, h * 0.06, k), at(s.boughs(a, 46, 120, 80, '#cfe07a', '#6a9c3f', 14, 0.42), w * 0.88, h * 0.13, k), a.use(B2, w * 0.02, h * 1.02, [1.05 * k, h * 1.1 / 900], 3), at(s.boughs(a, 70, 150, 130, '#b7d062', '#4f8a3a', 16, 0.5), w * 0.0, h * 0.07, k));
  a.add(at(s.bush(a, 190, 110, 5, 16), w * 0.07, h * 0.985, k), at(s.bush(a, 150, 84, 6, 12), w * 0.2, h * 1.02, k), at(s.bush(a, 210, 120, 7, 18), w * 0.94, h * 0.985, k), at(s.bush(a, 150, 90, 9, 12), w * 0.8, h * 1.03, k));
  for (let i = 0; i < 40; i++) { const x = a.r.in(0, w); a.add(line(`M${n(x)} ${n(h + 4)}q${n(a.r.in(-12, 12) * k)} ${n(-26 * k)} ${n(a.r.in(-26, 26) * k)} ${n(a.r.in(-58, -30) * k)}`, a.r.pick(['#2f6a35', '#5d9140', '#86b457']), 4.5 * k)); }
  return a.paper(0.8);
}

export const portraits = Object.fromEntries(Object.keys(p.cast).map((name) => [`portraits/${name}`, () => portrait(name)]));
export const covers = { 'covers/blueberry-night': blueberryNight, 'covers/honey-season': honeySeason, 'covers/autumn-forest': autumnForest };
export const heroes = { 'hero/valley-wide': () => valley(1600, 800, [0.62, 0.42, 0.55]), 'hero/valley-phone': () => valley(900, 1100, [0.56, 0.4, 0.5]) };
