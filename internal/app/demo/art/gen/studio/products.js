// Ten product pictures, 1200 x 1200, one table, one light from the upper left.
import { C, Art, n, path, line, oval, disc, rect, group, at, curve, leaf, bowl, stage, steam } from './lib.js';
import * as g from './goods.js';

const scene = (seed, look) => stage(new Art(1200, 1200, seed), look);
const oak = { top: ['#e3b780', '#b9834a'], edge: '#8a5a2c' };
const walnut = { top: ['#a9754a', '#6f4526'], edge: '#4a2c16' };
const birch = { top: ['#f5e6cb', '#dcc096'], edge: '#b08f5e' };

function blueberry() {
  const a = scene(11, { wall: ['#fdf3e2', '#f2d3a8'], disc: ['#ffd9a0', '#f9a75f'], ...oak });
  const ids = g.berries(a);
  const b = { x: 600, y: 610, rx: 350, ry: 104, depth: 300, base: 165 };
  a.add(a.shade(650, 925, 380, 50, 0.5), a.shade(610, 915, 230, 26, 0.5));
  a.add(at(g.sprig(a, 330, 6, '#86b457', '#2f6a35', 3), 880, 500, 1, -38), at(g.sprig(a, 280, 5, '#9cc063', '#3d7a3a', 8), 330, 520, 1, -140));
  const fill = g.heap(a, ids, { ...b, dome: 285, size: 50, rx: 335, ry: 96 });
  a.add(bowl(a, { ...b, inside: '#4a2c18', light: '#e9bd84', mid: '#bd8146', dark: '#7a4a22', rim: '#edc690', band: g.woodBand('#6b3d18', 9, 28), fill: fill.join('') }));
  a.add(a.use(leaf(a, '#a5c96a', '#3d7a3a'), 560, 360, 1.5, -28), a.use(leaf(a, '#86b457', '#2f6a35'), 545, 368, 1.2, 205));
  for (const [x, y, s, t] of [[215, 930, 1.12, 10], [310, 985, 1.25, -40], [175, 1030, 1.05, 80], [905, 985, 1.2, 30], [1010, 940, 1, -70], [800, 1055, 1.3, 120], [440, 1070, 1.1, 200]]) {
    a.add(a.shade(x + 16, y + 46 * s, 54 * s, 15, 0.45, '#2a1708', 8), a.use(a.r.pick(ids), x, y, s, t / 20));
  }
  a.add(a.shade(640, 1062, 90, 12, 0.3, '#2a1708', 8), a.use(leaf(a, '#a5c96a', '#3d7a3a'), 560, 1040, 1.5, 8));
  return a.paper();
}


function driedBlueberry() {
  const a = scene(12, { wall: ['#f3f1fb', '#c9c8ea'], disc: ['#e5dcff', '#a9a4e0'], ...birch });
  const ids = g.driedBerries(a);
  // A kraft pouch with a window stands behind; berries run out of a wooden scoop before it.
  const pouch = 'M300 210C420 192 780 192 900 210L928 300C952 470 962 700 944 872C930 912 270 912 256 872C238 700 248 470 272 300Z';
  a.add(a.shade(640, 900, 400, 40, 0.5), path(pouch, a.lin([['#e3bd86', 0], ['#d0a269', 0.4], ['#a2733f', 1]], [0, 0, 1, 0.25])));
  a.add(group([
    path('M300 210C420 192 780 192 900 210L928 300C760 322 440 322 272 300Z', '#b98850'), line('M276 300Q600 326 924 300M276 312Q600 338 924 312', '#8a5f2f', 4, { opacity: 0.6 }), line('M300 254Q600 270 900 254', '#8a5f2f', 3, { 'stroke-dasharray': '12 10', opacity: 0.7 }),
    path('M262 860C300 640 300 480 280 330L250 330V880Z', '#7d5529', { opacity: 0.28, filter: a.blur(10) }), path('M330 330C360 520 330 700 346 890L410 890C380 690 396 500 372 330Z', '#fff', { opacity: 0.22, filter: a.blur(12) }), path('M880 330C840 520 880 740 860 900L960 900V330Z', '#4f3010', { opacity: 0.32, filter: a.blur(18) }),
  ], { 'clip-path': a.clip(pouch) }));
  const window = 'M600 420C720 420 782 500 782 596C782 700 712 780 600 780S418 700 418 596C418 500 480 420 600 420Z';
  a.add(path(window, '#241f52'), group(g.heap(a, ids, { x: 600, y: 700, rx: 210, ry: 130, dome: 250, size: 38, unit: 50, turn: 180, spread: 1.25 }), { 'clip-path': a.clip(window) }), path(window, a.lin([['#fff', 0, 0.35], ['#fff', 0.4, 0], ['#000', 1, 0.2]], [0, 0, 1, 1])), line(window, '#f6e0b8', 12), line(window, '#8a5f2f', 3, { opacity: 0.7 }));
  a.add(a.use(leaf(a, '#94bd5c', '#33703a'), 606, 398, 1.3, -150), a.use(leaf(a, '#a5c96a', '#3d7a3a'), 600, 398, 1.3, -32), a.use(g.berries(a)[0], 603, 392, 0.66));
  a.add(a.shade(450, 1060, 330, 36, 0.45), line('M150 1010Q300 1014 420 1010', '#7a4c22', 64), line('M150 1004Q300 1008 420 1004', '#d7a768', 50), line('M150 992Q280 996 400 990', '#f5dab0', 8, { opacity: 0.8 }));
  const scoop = 'M390 940C480 900 640 900 752 930C772 1000 740 1080 640 1092C520 1100 410 1080 390 940Z';
  a.add(path('M390 940C480 890 660 892 752 930C690 980 480 990 390 940Z', '#5d3a1a'), g.heap(a, ids, { x: 585, y: 950, rx: 190, ry: 40, dome: 84, size: 36, turn: 180 }), path(scoop.replace('C480 900 640 900 752 930', 'C480 985 680 985 752 930'), a.lin([['#e8bf86', 0], ['#b57d43', 0.6], ['#7a4c22', 1]])), line('M390 940C480 985 680 985 752 930', '#f3d4a2', 9));
  for (const [x, y, s] of [[800, 1010, 0.84], [862, 1040, 0.9], [836, 970, 0.72], [930, 1000, 0.84], [780, 1078, 0.94], [990, 1062, 0.9], [900, 1106, 0.94], [1060, 1010, 0.8], [160, 1110, 0.9], [300, 1140, 0.86]]) a.add(a.shade(x + 8, y + 34 * s, 44 * s, 11, 0.45, '#2a1708', 6), a.use(a.r.pick(ids), x, y, s, a.r.in(0, 360)));
  return a.paper();
}

/** log is a lying oak log with moss, its cut end on the right. */
function log(a, x, y, length, R) {
  const body = `M${x} ${y - R}H${x + length}A${n(R * 0.42)} ${R} 0 0 1 ${x + length} ${y + R}H${x}C${x - 40} ${y + R * 0.6} ${x - 30} ${y - R * 0.5} ${x} ${y - R}Z`;
  const marks = Array.from({ length: 46 }, () => { const u = a.r.in(x, x + length), v = y + a.r.in(-R * 0.9, R * 0.9); return line(`M${n(u)} ${n(v)}q${n(a.r.in(20, 40))} ${n(a.r.in(-6, 6))} ${n(a.r.in(50, 120))} ${n(a.r.in(-5, 5))}`, a.r() < 0.5 ? '#2b180c' : '#a77a50', a.r.in(2, 6), { opacity: 0.5 }); });
  return [path(body, a.lin([['#9a7048', 0], ['#6f4a2c', 0.4], ['#3a2413', 1]])), group(marks, { 'clip-path': a.clip(body) }),
    oval(x + length, y, R * 0.42, R, a.rad([['#f2d3a0', 0], ['#dcae72', 0.7], ['#a97842', 1]])), ...[0.8, 0.62, 0.44, 0.27, 0.12].map((s) => oval(x + length, y, R * 0.42 * s, R * s, 'none', { stroke: '#9a6a36', 'stroke-width': 3, opacity: 0.6 })),
    path(`M${x + 30} ${y - R + 2}C${x + 80} ${y - R - 26} ${x + 180} ${y - R - 20} ${x + 240} ${y - R - 4}C${x + 300} ${y - R - 22} ${x + 380} ${y - R - 18} ${x + 430} ${y - R + 4}C${x + 380} ${y - R + 34} ${x + 320} ${y - R + 14} ${x + 280} ${y - R + 40}C${x + 210} ${y - R + 20} ${x + 130} ${y - R + 60} ${x + 30} ${y - R + 2}Z`, a.lin(['#a4bf55', '#57772c'])),
    ...Array.from({ length: 50 }, () => disc(x + a.r.in(50, 420), y - R + a.r.in(-14, 14), a.r.in(3, 7), a.r.pick(['#b7d062', '#86a53f', '#c9dc7d']), { opacity: 0.8 }))];
}

function woodEar() {
  const a = scene(13, { wall: ['#eef3e6', '#b9cba4'], disc: ['#f7f4dd', '#cfdcae'], ...walnut, tableY: 800 });
  const ears = [0, 1, 2, 3].map((k) => g.woodEar(a, k));
  a.add(a.shade(620, 960, 520, 40, 0.55), log(a, 150, 800, 860, 158));
  // The clusters grow in three groups along the log, the big ones in front.
  const clump = (x, y, s) => [[-70, -60, 0.8, -20], [60, -74, 0.86, 14], [-5, -110, 0.7, 4], [-104, -6, 0.86, -30], [96, -12, 0.9, 24], [-2, -40, 1, 0], [-56, 34, 1.02, -8], [52, 36, 1.08, 10]].map(([dx, dy, k, q]) => [a.shade(x + dx * s + 8, y + dy * s + 44 * k * s, 74 * k * s, 20, 0.35, '#140903', 9), a.use(a.r.pick(ears), x + dx * s, y + dy * s, k * s * a.r.in(1.15, 1.3), q + a.r.in(-8, 8))]);
  a.add(clump(330, 680, 1.02), clump(820, 690, 0.98), clump(585, 610, 1.35));
  const fern = leaf(a, '#9fc25f', '#3f7536');
  a.add([0, 1, 2, 3, 4, 5, 6].map((k) => [a.use(fern, 1016 + k * 20, 900 - k * 52, 1.1 - k * 0.11, -120 + k * 2), a.use(fern, 1016 + k * 20, 900 - k * 52, 1.1 - k * 0.11, 0 + k * 2)]), line('M1000 950Q1060 740 1146 560', '#557a38', 7));
  for (const [x, y, s, q] of [[210, 1060, 1.15, -10], [360, 1100, 0.95, 20], [930, 1080, 1.2, 8], [790, 1120, 0.9, -20]]) a.add(a.shade(x + 12, y + 52 * s, 84 * s, 17, 0.5, '#140903', 9), a.use(a.r.pick(ears), x, y, s, q));
  return a.paper();
}

function pineNuts() {
  const a = scene(14, { wall: ['#fdf1df', '#e9bf8c'], disc: ['#ffe3b4', '#f4a860'], ...walnut });
  const nuts = [g.pineNut(a), g.pineNut(a), g.pineNut(a, true)];
  const cone = g.pineCone(a);
  a.add(a.shade(420, 850, 210, 40, 0.5), at(twigs(a, 0, 0, 0), 300, 300, 1.25, -46), at(twigs(a, 0, 0, 0), 560, 260, 1.05, 34), a.use(cone, 400, 575, 1.66, -9));
  const b = { x: 740, y: 720, rx: 300, ry: 88, depth: 220, base: 150 };
  a.add(a.shade(790, 950, 310, 42, 0.5));
  a.add(bowl(a, { ...b, inside: '#dfe6dc', light: '#f7faf3', mid: '#d3dfd2', dark: '#8ea694', rim: '#fbfdf8', band: g.glazeBand('#2f6a47', 38, 30), fill: g.heap(a, nuts, { ...b, rx: 288, ry: 80, dome: 150, size: 34, unit: 45, turn: 180, spread: 1.3 }).join('') }));
  for (const [x, y, s, q, k] of [[230, 1010, 1.25, 70, 0], [320, 1060, 1.3, -30, 2], [150, 1080, 1.2, 20, 0], [430, 1010, 1.2, 130, 0], [520, 1090, 1.35, 60, 2], [640, 1060, 1.25, -60, 0], [985, 1040, 1.3, 40, 0], [1070, 990, 1.15, -20, 2], [890, 1090, 1.3, 100, 0]]) a.add(a.shade(x + 10, y + 34 * s, 44 * s, 12, 0.5, '#1a0c04', 7), a.use(nuts[k], x, y, s, q));
  return a.paper();
}

/** twigs are two pine twigs with long needles in tufts of five. */
function twigs(a, x, y, turn) {
  const tuft = a.stamp('tuft', () => Array.from({ length: 26 }, (_, k) => { const q = -150 + k * 12; return line(`M0 0Q${n(Math.cos(q * 0.0175) * 70)} ${n(Math.sin(q * 0.0175) * 60 - 12)} ${n(Math.cos(q * 0.0175) * 150)} ${n(Math.sin(q * 0.0175) * 140)}`, ['#2f6b3c', '#4c8f4a', '#1f5330', '#79ae58'][k % 4], 5); }).join(''));
  return group([line('M-60 260Q20 120 70-40', '#6b4428', 16), a.use(tuft, -20, 140, 1.15, -50), a.use(tuft, 36, 40, 1.2, 30), a.use(tuft, 74, -50, 1.25, 10)], { transform: `translate(${x} ${y}) rotate(${turn})` });
}

function hazelnut() {
  const a = scene(15, { wall: ['#fbf0e0', '#e6c59b'], disc: ['#f9e0b5', '#dfa764'], ...oak });
  const ids = [g.hazelnut(a, 0), g.hazelnut(a, 1)];
  const big = leaf(a, '#a9c860', '#44782f', 'hazel');
  a.add([[330, 560, 2.6, -150], [300, 500, 2.2, -110], [860, 520, 2.5, -40], [900, 590, 2.2, 0]].map(([x, y, s, q]) => a.use(big, x, y, s, q)));
  const b = { x: 600, y: 640, rx: 350, ry: 100, depth: 270, base: 250 };
  a.add(a.shade(640, 925, 400, 46, 0.5));
  a.add(g.basket(a, { ...b, fill: g.heap(a, ids, { ...b, rx: 330, ry: 90, dome: 270, size: 47, unit: 50, turn: 70, spread: 1.34 }).join('') }));
  // A cluster still in its green husks lies in front.
  const husk = (x, y, q, s) => at(path('M-56-10C-90 40-70 96-40 120L-30 84L-8 130L6 86L30 126L36 82L66 112C86 70 84 30 56-10C30-34-30-34-56-10Z', a.lin(['#c9d97c', '#6e8f35'], [0.2, 0, 0.7, 1]), { stroke: '#55722a', 'stroke-width': 3 }) + [-36, -12, 12, 36].map((u) => line(`M${u * 0.6}-16Q${u} 30 ${u * 0.9} 82`, '#eef3b4', 2.5, { opacity: 0.6 })).join(''), x, y, s, q);
  a.add(a.shade(300, 1090, 190, 26, 0.5), a.use(big, 300, 1010, 1.7, 170), husk(220, 1010, 70, 0.95), a.use(ids[0], 176, 1030, 1.12, 60), husk(330, 990, -20, 1), a.use(ids[1], 338, 1020, 1.2, 160));
  for (const [x, y, s, q] of [[520, 1050, 1.15, 100], [640, 1100, 1.25, -40], [840, 1050, 1.2, 60], [950, 1000, 1.05, -110], [1010, 1080, 1.25, 10]]) a.add(a.shade(x + 12, y + 46 * s, 52 * s, 14, 0.5, '#1a0c04', 8), a.use(a.r.pick(ids), x, y, s, q));
  return a.paper();
}

function honey() {
  const a = scene(16, { wall: ['#fff6dc', '#fbd990'], disc: ['#fff1c2', '#fdc65a'], ...oak });
  const linden = g.lindenSprig(a), fly = g.bee(a);
  a.add(a.use(linden, 860, 300, 1.25, 24), a.use(linden, 250, 330, 1.05, -30));
  a.add(a.shade(560, 940, 320, 46, 0.55), oval(640, 950, 300, 36, '#ffb52e', { opacity: 0.35, filter: a.blur(22) }), a.use(g.honeyJar(a), 500, 945, 1.42));
  const plate = { x: 868, y: 950, rx: 250, ry: 74 };
  a.add(a.shade(900, 1010, 270, 40, 0.5), oval(plate.x, plate.y + 16, plate.rx, plate.ry, '#b9c2b0'), oval(plate.x, plate.y, plate.rx, plate.ry, a.lin(['#fffdf6', '#e1e3d2'])), oval(plate.x, plate.y + 4, plate.rx * 0.78, plate.ry * 0.7, a.lin(['#e3e5d6', '#fbfaf0'])));
  const cells = [];
  for (let i = 0; i < 5; i++) for (let k = 0; k < 7 - (i % 2); k++) cells.push(at(path('M0-22L19-11V11L0 22L-19 11V-11Z', a.rad([['#ffe9a0', 0], ['#f5ad2c', 0.6], ['#c97608', 1]], [0.4, 0.35, 0.7]), { stroke: '#ffe2a0', 'stroke-width': 4 }), 750 + k * 40 + (i % 2) * 20, 850 + i * 34));
  const comb = 'M716 846C760 812 820 832 868 818C930 806 1000 820 1018 858C1030 900 1006 962 1000 986C940 1014 800 1016 738 988C718 950 706 890 716 846Z';
  a.add(path(comb, '#b96a08', { transform: 'translate(0 12)' }), path(comb, '#e8951a'), group(cells, { 'clip-path': a.clip(comb) }), path(comb, a.lin([['#fff', 0, 0.3], ['#fff', 0.5, 0], ['#7a3d02', 1, 0.35]], [0, 0, 1, 1])), at(g.dipper(a, 205), 868, 640, 0.98));
  a.add(path('M790 846C800 812 936 812 952 846C968 886 940 884 934 930C930 960 908 958 906 930C904 896 868 890 850 920C836 950 812 940 812 906C812 880 786 880 790 846Z', a.lin([['#ffd668', 0, 0.95], ['#f0950f', 1, 0.9]])), oval(836, 842, 30, 8, '#fff', { opacity: 0.6 }));
  a.add(a.use(fly, 250, 560, 1.1, 6), a.use(fly, 1010, 560, 0.8, -16), line('M296 580C380 640 300 700 250 690S220 620 290 640', '#a8752a', 4, { 'stroke-dasharray': '3 14', opacity: 0.6 }), a.use(linden, 260, 1080, 0.85, -8));
  return a.paper();
}

function rice() {
  const a = scene(17, { wall: ['#fef6e0', '#f0d79b'], disc: ['#fff3c9', '#f7c871'], ...walnut });
  const left = g.riceEar(a, -1), right = g.riceEar(a, 1);
  a.add([[300, 790, 1.25, -6], [240, 800, 1.02, 0], [370, 790, 1.42, -12]].map(([x, y, s, q]) => a.use(left, x, y, s, q)), [[900, 790, 1.25, 6], [960, 800, 1.02, 0], [830, 790, 1.42, 12]].map(([x, y, s, q]) => a.use(right, x, y, s, q)));
  const b = { x: 600, y: 640, rx: 330, ry: 92, depth: 300, base: 150 };
  a.add(a.shade(650, 950, 330, 46, 0.55));
  // Rice is a dome with a few hundred grains, lighter where the light falls.
  const dome = 'M288 650C286 470 420 372 600 368S914 470 912 650C900 720 300 720 288 650Z';
  const grain = (k) => a.stamp('grain' + k, () => path('M-22 0C-20-10-6-12 8-10C20-8 25 0 20 5C8 12-16 12-22 0Z', ['#fffefb', '#f6f1e4', '#e9dfca'][k], { stroke: '#d2c4a6', 'stroke-width': 1.5 }) + oval(-3, -4, 9, 2.6, '#fff', { opacity: 0.9 }));
  const kinds = [0, 1, 2].map(grain);
  const grains = [];
  for (let i = 0; i < 620; i++) { const q = a.r.in(0, Math.PI * 2), d = Math.sqrt(a.r()); grains.push([600 + Math.cos(q) * d * 312, 640 + Math.sin(q) * d * (Math.sin(q) < 0 ? 272 : 84)]); }
  grains.sort((p, q) => p[1] - q[1]);
  const fill = path(dome, a.rad([['#fffdf6', 0], ['#f3ead5', 0.6], ['#cdbd98', 1]], [0.38, 0.25, 0.85])) + grains.map(([x, y]) => a.use(kinds[Math.min(2, Math.max(0, Math.round(0.4 + (x - 600) / 330 + a.r.in(-0.6, 0.8))))], x, y, a.r.in(0.85, 1.1), a.r.in(-70, 70))).join('') + oval(760, 600, 150, 110, '#8a6a34', { opacity: 0.2, filter: a.blur(30) });
  a.add(bowl(a, { ...b, inside: '#c8d3e4', light: '#ffffff', mid: '#e9eef6', dark: '#9fb0c9', rim: '#ffffff', band: (lip) => g.glazeBand('#3b4fa3', 44, 34)(lip) + line(lip, '#3b4fa3', 6, { transform: 'translate(0 170)', opacity: 0.6, 'stroke-dasharray': '26 18' }), fill }));
  a.add(steam(a, 600, 400, 330, 0.6));
  a.add(a.shade(560, 1070, 420, 14, 0.45, '#1a0c04', 8), ...[0, 30].map((d) => line(`M150 ${1040 + d}L1010 ${1060 + d * 0.5}`, '#4a2413', 19) + line(`M150 ${1036 + d}L1010 ${1057 + d * 0.5}`, '#b5502e', 9) + line(`M150 ${1037 + d}L330 ${1041 + d * 0.9}`, '#f2c14e', 11)), a.use(right, 150, 1150, 0.8, 58));
  for (let i = 0; i < 34; i++) { const x = a.r.in(640, 1090), y = a.r.in(1100, 1165); a.add(a.use(kinds[i % 2], x, y, 0.95, a.r.in(0, 180))); }
  return a.paper();
}

function monkeyHead() {
  const a = scene(18, { wall: ['#f1f5ea', '#c3d3b4'], disc: ['#f9f3dc', '#d9dcae'], ...oak });
  const balls = [0, 1, 2].map((k) => g.monkeyHead(a, k));
  const fern = leaf(a, '#8fb85c', '#2f6a35');
  a.add([-1, 1].map((d) => Array.from({ length: 7 }, (_, k) => [a.use(fern, 600 + d * (250 + k * 32), 660 - k * 58, 1.15 - k * 0.09, d > 0 ? -88 : -92), a.use(fern, 600 + d * (250 + k * 32), 660 - k * 58, 1.15 - k * 0.09, d > 0 ? 22 : 158)]).concat([line(`M${600 + d * 220} 760Q${600 + d * 380} 520 ${600 + d * 500} 240`, '#4c7a36', 9)])));
  const b = { x: 600, y: 850, rx: 440, ry: 100, depth: 96, base: 240 };
  a.add(a.shade(640, 965, 440, 44, 0.5));
  const fill = [a.shade(600, 880, 330, 40, 0.4, '#3a2413', 14), a.use(balls[1], 400, 715, 1.14, -6), a.use(balls[2], 806, 722, 1.1, 6), a.use(balls[0], 604, 640, 1.5, 0)].join('');
  a.add(bowl(a, { ...b, inside: '#b9855a', light: '#d9a878', mid: '#b07a4c', dark: '#6f4526', rim: '#e7bd8f', band: g.woodBand('#5d3418', 4, 24) }), fill);
  a.add(a.shade(268, 1118, 150, 20, 0.45, '#1a0c04', 10), a.use(balls[2], 250, 1030, 0.66, -12), a.use(fern, 820, 1080, 1.7, 8), a.use(fern, 800, 1086, 1.4, -26));
  return a.paper();
}

function honeyMushroom() {
  const a = scene(19, { wall: ['#fbeede', '#e0b98c'], disc: ['#fbdcae', '#e9a765'], ...walnut });
  const caps = [0, 1, 2, 3].map((k) => g.honeyCap(a, k));
  const leafy = leaf(a, '#e9a24a', '#b3541e', 'autumn'), rust = leaf(a, '#d9793a', '#8c3518', 'autumn');
  a.add(a.use(rust, 300, 600, 2.4, -130), a.use(leafy, 330, 560, 2.2, -95), a.use(rust, 890, 560, 2.3, -70), a.use(leafy, 900, 600, 2.5, -30));
  const b = { x: 600, y: 700, rx: 370, ry: 104, depth: 240, base: 270 };
  const places = [];
  for (const [row, m, y0, s] of [[0, 5, 700, 1.3], [1, 6, 745, 1.4], [2, 7, 800, 1.42], [3, 6, 850, 1.5], [4, 5, 905, 1.5]]) for (let k = 0; k < m; k++) { const u = (k + 0.5) / m * 2 - 1; places.push([600 + u * (300 - row * 26), y0 - (1 - u * u) * (150 - row * 40), s * a.r.in(0.92, 1.1), u * 26 + a.r.in(-8, 8)]); }
  a.add(a.shade(640, 950, 410, 46, 0.55));
  a.add(g.basket(a, { ...b, fill: oval(600, 640, 250, 150, '#6b431f') + places.map(([x, y, s, q]) => a.use(a.r.pick(caps), x, y, s, q)).join('') }));
  a.add(a.shade(270, 1118, 150, 20, 0.5, '#1a0c04', 9), a.use(caps[0], 230, 1110, 1.15, -18), a.use(caps[2], 320, 1116, 1.3, 14), a.use(caps[1], 272, 1126, 1, 0), a.shade(960, 1126, 140, 18, 0.5, '#1a0c04', 9), a.use(caps[3], 930, 1120, 1.2, -62), a.use(leafy, 1000, 1080, 1.4, 20), a.use(rust, 560, 1100, 1.5, 14));
  return a.paper();
}

function mountainVegetables() {
  const a = scene(20, { wall: ['#f4f7e4', '#cbdb9c'], disc: ['#fbf7cf', '#d5e08a'], ...birch });
  const shoots = [0, 1, 2, 3].map((k) => g.fiddlehead(a, k));
  a.add(a.shade(600, 930, 360, 40, 0.45));
  const stand = (list) => list.map(([x, y, s, q, m]) => a.use(shoots[Math.abs(Math.round(x)) % 4], x, y, [m ? -s : s, s], q));
  a.add(stand([[470, 780, 1.5, -24, 1], [730, 790, 1.5, 24, 0], [540, 780, 1.62, -12, 1], [664, 780, 1.66, 12, 0], [602, 780, 1.72, 0, 1], [500, 800, 1.3, -16, 0], [700, 800, 1.34, 18, 1], [566, 800, 1.34, -5, 1], [640, 800, 1.36, 7, 0]]));
  // Straw ties the bundle; the cut ends stand below it.
  a.add([-92, -62, -32, -2, 28, 58, 88].map((d, i) => line(`M${600 + d * 0.95} 740L${600 + d * 1.35} ${906 + (i % 2) * 16}`, '#36581a', 38) + line(`M${598 + d * 0.95} 740L${598 + d * 1.35} ${904 + (i % 2) * 16}`, i % 2 ? '#86ad45' : '#739a38', 29) + oval(600 + d * 1.35, 918 + (i % 2) * 16, 16, 9, '#dcebad')));
  a.add(path('M476 726C540 756 660 756 724 726L730 792C660 826 540 826 470 792Z', a.lin(['#f2d894', '#c2953f'])), [0, 1, 2, 3, 4].map((i) => line(`M474 ${738 + i * 13}Q600 ${772 + i * 13} 727 ${738 + i * 13}`, '#a87a2c', 3, { opacity: 0.7 })), path('M640 770C700 700 770 720 742 770C720 800 670 790 640 776C690 830 740 850 760 900C690 880 650 830 632 786Z', '#e2bd66', { stroke: '#a87a2c', 'stroke-width': 4 }));
  const bud = (x, y, s, q) => at(path('M0 60C-40 30-44-20-22-62C-14-84 14-84 22-62C44-20 40 30 0 60Z', a.lin(['#d8e690', '#7da63e'])) + path('M0 60C-10 10-16-40 0-80C16-40 10 10 0 60Z', '#eef5c2', { opacity: 0.7 }) + path('M0 62C-54 52-70 10-62-30C-34-16-12 20 0 62ZM0 62C54 52 70 10 62-30C34-16 12 20 0 62Z', a.lin(['#a8c658', '#5d8a2c'])) + oval(0, 62, 18, 9, '#8a5a3a'), x, y, s, q);
  a.add(a.shade(270, 1080, 190, 22, 0.4), bud(180, 1020, 1.1, -58), bud(300, 1040, 1.2, -80), bud(250, 960, 0.95, -40), a.shade(930, 1080, 190, 22, 0.4), bud(900, 1030, 1.15, 62), bud(1010, 1040, 1.1, 78), bud(960, 960, 0.95, 40));
  a.add(a.shade(600, 1130, 160, 16, 0.35), a.use(shoots[3], 470, 1110, 0.86, 82));
  return a.paper();
}

/** giftBox is the county's box: a bit of everything. */
function giftBox() {
  const a = scene(21, { wall: ['#fdf3e2', '#eec79a'], disc: ['#ffdcae', '#f58f47'], ...oak, tableY: 780 });
  const wall = a.lin([['#2c7a4c', 0], ['#14532d', 1]], [0, 0, 1, 1]);
  a.add(a.shade(640, 1010, 500, 50, 0.55), path('M170 560L1030 560L1080 640L120 640Z', '#0b3a1f'));
  const b = g.berries(a), h = [g.hazelnut(a, 0), g.hazelnut(a, 1)], caps = [0, 1, 2, 3].map((k) => g.honeyCap(a, k)), nuts = [g.pineNut(a), g.pineNut(a, true)];
  a.add(twigs(a, 940, 420, 34), a.use(g.riceEar(a, -1), 250, 700, 1, -12), a.use(g.riceEar(a, 1), 320, 700, 0.94, 6), a.use(g.honeyJar(a), 600, 700, 1), a.use(g.pineCone(a), 890, 520, 1.1, 10));
  a.add([[190, 0], [250, -30], [320, -10], [382, 6]].map(([x, d], i) => a.use(caps[i], x, 670 + d, 1.4, (x - 290) / 8)));
  a.add(g.heap(a, b, { x: 300, y: 670, rx: 150, ry: 40, dome: 100, size: 36 }), g.heap(a, h, { x: 620, y: 680, rx: 170, ry: 36, dome: 70, size: 38, turn: 70 }), g.heap(a, nuts, { x: 920, y: 664, rx: 140, ry: 40, dome: 80, size: 28, unit: 45, turn: 180 }));
  const box = 'M120 640L1080 640L1044 1000Q1042 1016 1026 1016L174 1016Q158 1016 156 1000Z';
  a.add(path(box, wall), group([path('M120 640H1080V676H120Z', '#000', { opacity: 0.2 }), ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((k) => a.use(leaf(a, '#4b9a68', '#2c7a4c', 'print'), 170 + k * 110, 940, 0.8, k % 2 ? -60 : -120)), path('M120 640L420 640L240 1016L120 1016Z', '#fff', { opacity: 0.08 }), rect(520, 640, 160, 390, a.lin([['#fb9a4b', 0], ['#f97316', 0.5], ['#c2500a', 1]], [0, 0, 1, 0])), rect(534, 640, 6, 390, '#fff', { opacity: 0.5 }), rect(660, 640, 6, 390, '#fff', { opacity: 0.35 })], { 'clip-path': a.clip(box) }), line('M122 642H1078', '#4b9a68', 9));
  // The county's mark on the ribbon: an arch, the sun, two firs.
  a.add(at(path('M-100 20A100 100 0 0 1 100 20V96A26 26 0 0 1 74 122H-74A26 26 0 0 1-100 96Z', '#fbf7ef') + disc(0, 46, 36, C.sun) + line('M-42-4A60 60 0 0 1 42-4', C.amber, 12) + path('M-100 92Q0 66 100 92V96A26 26 0 0 1 74 122H-74A26 26 0 0 1-100 96Z', '#14532d') + [-56, 56].map((x) => path(`M${x}-18L${x + 30} 34H${x + 16}L${x + 40} 88H${x - 40}L${x - 16} 34H${x - 30}Z`, '#1f6b3f')).join(''), 600, 800, 1.02));
  for (const [x, y, s] of [[180, 1090, 1], [270, 1110, 1.1], [980, 1100, 1.1]]) a.add(a.shade(x + 10, y + 46 * s, 52 * s, 13, 0.45, '#2a1708', 7), a.use(a.r.pick(b), x, y, s));
  for (const [x, y, s, q] of [[880, 1110, 1, 60], [1070, 1080, 0.95, -30]]) a.add(a.shade(x + 10, y + 46 * s, 50 * s, 13, 0.45, '#2a1708', 7), a.use(h[0], x, y, s, q));
  return a.paper();
}

export const products = {
  'pictures/blueberry': blueberry, 'pictures/dried-blueberry': driedBlueberry, 'pictures/wood-ear': woodEar,
  'pictures/pine-nut': pineNuts, 'pictures/hazelnut': hazelnut, 'pictures/honey': honey, 'pictures/rice': rice,
  'pictures/monkey-head': monkeyHead, 'pictures/honey-mushroom': honeyMushroom,
  'pictures/mountain-vegetable': mountainVegetables, 'pictures/gift-box': giftBox,
};
