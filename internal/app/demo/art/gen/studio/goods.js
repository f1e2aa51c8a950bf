// The goods of the forest county, each drawn as a single thing; pictures.js arranges them.
import { C, rng, n, path, line, oval, disc, rect, group, at, curve, leaf, bowl, mound } from './lib.js';

/** berries returns blueberry stamps of radius 50; the crown looks a different way on each, the light stays. */
export function berries(a) {
  const crowns = [[14, -14, 1], [-15, 6, 0.9], [8, 16, 0.75], null, [25, 4, 0.8], [-4, -2, 1.05], null, [-24, 18, 0.7], [18, 22, 0.8]];
  return crowns.map((crown, i) => a.stamp(`berry${i}`, () => {
    const skin = a.rad([[['#a3b3f5', '#98a5ee', '#aab4f2'][i % 3], 0], [['#6072d4', '#5a63c8', '#6a70d2'][i % 3], 0.28], [['#3a429f', '#383a94', '#41419c'][i % 3], 0.62], ['#232463', 0.88], ['#171747', 1]], [0.36, 0.3, 0.78]);
    let out = disc(0, 0, 53, '#14123c', { opacity: 0.5 }) + disc(0, 0, 50, skin);
    out += oval(-9, -16, 33, 25, a.rad([['#e6eaff', 0, 0.55], ['#e6eaff', 1, 0]]), { transform: 'rotate(-28)' });
    out += line('M44 8A45 45 0 0 1 12 43', '#9aa4f5', 5, { opacity: 0.35 });
    if (crown) {
      const [x, y, s] = crown;
      const teeth = Array.from({ length: 10 }, (_, k) => { const q = (k / 10) * Math.PI * 2 + 0.4; const R = k % 2 ? 9 : 19; return [Math.cos(q) * R, Math.sin(q) * R]; });
      out += at(path('M' + teeth.map((t) => t.map(n).join(' ')).join('L') + 'Z', '#1d1a52') + disc(0, 0, 11, '#2d2b78') + disc(0, 0, 6.5, '#131139') + line('M-13-9A16 16 0 0 1 10-13', '#aab4ff', 2.4, { opacity: 0.7 }), x, y, [s, s * 0.86], 0);
    }
    return out + oval(-21, -25, 10, 6, '#fff', { opacity: 0.85, transform: 'rotate(-38 -21 -25)' });
  }));
}

/** driedBerries are smaller, dark and wrinkled. */
export function driedBerries(a) {
  return [3, 8, 21].map((seed) => a.stamp(`dried${seed}`, () => {
    const r = rng(seed);
    const ring = Array.from({ length: 11 }, (_, k) => { const q = (k / 11) * Math.PI * 2; const R = r.in(41, 51); return [Math.cos(q) * R, Math.sin(q) * R * 0.86]; });
    let out = path(curve(ring), a.rad([['#7d76c4', 0], ['#46408f', 0.35], ['#28225e', 0.75], ['#171236', 1]], [0.36, 0.28, 0.8]), { stroke: '#120e2c', 'stroke-width': 4 });
    for (let i = 0; i < 6; i++) {
      const x = r.in(-26, 20), y = r.in(-24, 22), d = `M${n(x)} ${n(y)}q${n(r.in(6, 14))} ${n(r.in(-12, 12))} ${n(r.in(14, 24))} ${n(r.in(-4, 8))}`;
      out += line(d, '#120e2c', 4, { opacity: 0.6 }) + line(d, '#9d97e0', 2.2, { opacity: 0.45, transform: 'translate(1.5 3.5)' });
    }
    return out + oval(-17, -20, 9, 4.5, '#fff', { opacity: 0.5, transform: 'rotate(-30 -17 -20)' });
  }));
}

/** sprig is a twig with leaves, from 0,0 to the right. */
export function sprig(a, length, count, light, dark, seed = 5) {
  const r = rng(seed);
  const id = leaf(a, light, dark);
  const parts = [line(`M0 0Q${n(length * 0.5)} ${n(-length * 0.12)} ${n(length)} 0`, '#7a5a34', 8)];
  for (let i = 0; i < count; i++) {
    const t = (i + 0.7) / count;
    parts.push(a.use(id, length * t, -length * 0.24 * t * (1 - t), r.in(0.85, 1.15) * length / 340, (i % 2 ? 48 : -48) + r.in(-12, 12)));
  }
  parts.push(a.use(id, length, 0, length / 330, 4));
  return group(parts);
}

/** hazelnut of height about 100. */
export function hazelnut(a, kind = 0) {
  return a.stamp('hazel' + kind, () => {
    const body = 'M0-52C26-44 46-16 44 10C42 36 22 50 0 50S-42 36-44 10C-46-16-26-44 0-52Z';
    let out = path(body, '#3b1e0c', { opacity: 0.5, transform: 'scale(1.06)' }) + path(body, a.rad([['#f0b878', 0], ['#c97f3c', 0.35], ['#95521f', 0.75], ['#61310f', 1]], [0.36, 0.3, 0.8]));
    const stripes = [-30, -18, -6, 8, 20, 31].map((x) => line(`M${n(x * 0.25)}-46Q${n(x * 1.25)}-10 ${n(x)} 24`, '#6b3712', 2.4, { opacity: 0.35 })).join('');
    out += group(stripes, {}) + path('M-40 20C-24 34 24 34 40 20C36 42 20 50 0 50S-36 42-40 20Z', a.lin(['#ecd2a4', '#c59a62']));
    out += line('M-38 21C-22 33 22 33 38 21', '#7a4a20', 2.5, { opacity: 0.6 });
    return out + oval(-17, -18, 8, 17, '#fff', { opacity: 0.55, transform: 'rotate(16 -17 -18)' });
  });
}

/** pineNut is a brown teardrop of height about 90. */
export function pineNut(a, pale = false) {
  return a.stamp('pinenut' + pale, () => {
    const d = 'M0-46C20-30 33-4 31 14C29 36 14 44 0 44S-29 36-31 14C-33-4-20-30 0-46Z';
    const c = pale ? ['#fffaf0', '#f6e6c6', '#dcbf8e', '#b8935c'] : ['#e0a877', '#a9683a', '#77421e', '#4a260f'];
    return path(d, '#2d1608', { opacity: 0.45, transform: 'scale(1.08)' }) + path(d, a.rad([[c[0], 0], [c[1], 0.4], [c[2], 0.8], [c[3], 1]], [0.35, 0.3, 0.85])) +
      line('M14-20Q24 6 14 32', '#2d1608', 2, { opacity: 0.25 }) + oval(-11, -8, 5, 15, '#fff', { opacity: pale ? 0.8 : 0.5, transform: 'rotate(14 -11 -8)' });
  });
}

/** pineCone of the Korean pine, about 250 wide and 370 high around 0,0: rows of scales, the tip's first. */
export function pineCone(a) {
  return a.stamp('cone', () => {
    const r = rng(4);
    const scale = [0, 1, 2].map((k) => a.stamp('scale' + k, () => path('M0-40C26-36 43-8 38 16C32 38 15 50 0 50C-15 50-32 38-38 16C-43-8-26-36 0-40Z', a.lin([['#5d3a1e', 0], [['#b27c46', '#a97240', '#bd8850'][k], 0.55], ['#d9ab70', 0.85], ['#8f5c30', 1]]), { stroke: '#422613', 'stroke-width': 3 }) +
      line('M-27 24C-16 42 16 42 27 24', '#f6dcae', 5, { opacity: 0.75 }) + path('M0 50C-9 47-12 40-9 33C-3 28 3 28 9 33C12 40 9 47 0 50Z', '#7a4c26') + line('M0-24V10M-12-20L-15 6M12-20L15 6', '#5d3a1e', 2, { opacity: 0.4 })));
    let out = path('M0-176C70-170 118-90 116-10C114 80 66 168 0 172C-66 168-114 80-116-10C-118-90-70-170 0-176Z', '#3a200f');
    const rows = 12;
    for (let i = 0; i < rows; i++) {
      const t = i / (rows - 1);
      const y = -152 + t * 290;
      const half = 104 * Math.pow(Math.sin(Math.PI * (0.13 + t * 0.8)), 0.8);
      const m = Math.max(1, Math.round(half / 20));
      const places = Array.from({ length: m + 1 }, (_, k) => (k + (i % 2 ? 0.5 : 0)) / m * 2 - 1).filter((u) => u <= 1.02).sort((p, q) => Math.abs(q) - Math.abs(p));
      for (const u of places) out += a.use(r.pick(scale), u * half, y - Math.abs(u) * 10, (0.66 + 0.3 * Math.sin(Math.PI * (0.12 + t * 0.72))) * (1 - Math.abs(u) * 0.1), -u * (28 + t * 34));
    }
    return out + oval(64, 40, 58, 140, '#1d0e05', { opacity: 0.3, filter: a.blur(18) }) + oval(-50, -50, 34, 90, '#fff3d8', { opacity: 0.26, filter: a.blur(16) });
  });
}

/** woodEar is one ruffled ear of black fungus, about 170 wide; kind picks its folds. */
export function woodEar(a, kind = 0) {
  return a.stamp('ear' + kind, () => {
    const r = rng(30 + kind * 7);
    const waves = [[2, r.in(5, 9), r.in(0, 6)], [3, r.in(5, 8), r.in(0, 6)], [5, r.in(4, 6), r.in(0, 6)], [8, r.in(2, 3.5), r.in(0, 6)]];
    const edge = (k, dx, dy) => Array.from({ length: 32 }, (_, i) => {
      const q = (i / 32) * Math.PI * 2;
      const R = 72 + waves.reduce((sum, [m, h, w]) => sum + h * Math.sin(m * q + w), 0);
      return [Math.cos(q) * R * k + dx, Math.sin(q) * R * 0.72 * k + dy];
    });
    const outer = edge(1, 0, 0), lip = edge(0.88, 1, 3), cup = edge(0.7, 3, 8), deep = edge(0.4, 6, 15);
    let out = path(curve(outer), '#0d0604', { opacity: 0.5, transform: 'translate(3 9) scale(1.03)' });
    out += path(curve(outer), a.lin([['#c08d68', 0], ['#84543a', 0.35], ['#3b2013', 1]], [0.15, 0, 0.7, 1]));
    out += path(curve(lip), a.lin([['#4d2c1b', 0], ['#6f4329', 1]], [0.2, 0, 0.7, 1]));
    out += path(curve(cup), a.rad([['#130906', 0], ['#2a160d', 0.6], ['#462717', 1]], [0.58, 0.66, 0.7]));
    out += path(curve(deep), '#0b0503', { opacity: 0.7 });
    for (let i = 0; i < 32; i += 4) {
      const k = (i + 2 * (kind % 2)) % 32;
      const [x, y] = lip[k], [u, v] = deep[k];
      out += line(`M${n(x)} ${n(y)}Q${n((x + u) / 2 + r.in(-7, 7))} ${n((y + v) / 2 + r.in(-4, 4))} ${n(u)} ${n(v)}`, k % 8 ? '#0f0704' : '#a8744f', k % 8 ? 4.5 : 2.5, { opacity: k % 8 ? 0.5 : 0.4 });
    }
    out += line(curve(outer.slice(15, 28), false), '#f0c8a4', 4, { opacity: 0.65 });
    out += line(curve(edge(0.62, 3, 10).slice(2, 11), false), '#9c6a48', 5, { opacity: 0.55, filter: a.blur(1.5) });
    return out + oval(-34, -24, 16, 6, '#fff', { opacity: 0.6, transform: 'rotate(-28 -34 -24)', filter: a.blur(2) }) + oval(22, -35, 10, 3.5, '#fff', { opacity: 0.45, transform: 'rotate(14 22 -35)', filter: a.blur(1) });
  });
}

/** monkeyHead is the lion's-mane mushroom, a ball of about 260 with hanging spines. */
export function monkeyHead(a, kind = 0) {
  return a.stamp('hericium' + kind, () => {
    const r = rng(60 + kind);
    const R = 124;
    let out = path('M-40 40Q-30 150 0 158Q34 150 44 40Z', a.lin(['#e3c48f', '#b98d55']));
    out += disc(0, 0, R * 0.93, a.rad([['#fffdf4', 0], ['#fbeed0', 0.5], ['#e2c48f', 0.85], ['#b98d58', 1]], [0.38, 0.3, 0.8]));
    const spines = [];
    for (let i = 0; i < 640; i++) {
      const q = r.in(0, Math.PI * 2), d = Math.sqrt(r()) * R * 0.97;
      spines.push([Math.cos(q) * d, Math.sin(q) * d * 0.97]);
    }
    spines.sort((p, q) => p[1] - q[1]);
    for (const [x, y] of spines) {
      const t = Math.hypot(x, y) / R;
      const len = 20 + 22 * (0.45 + y / R * 0.55) + r.in(0, 8);
      const spread = x * 0.2;
      const lit = Math.max(0, Math.min(1, 0.55 - x / R * 0.35 - y / R * 0.42 + r.in(-0.18, 0.18)));
      const c = ['#b8925c', '#d6b67f', '#ecd6a8', '#f8ead0', '#fffaf0'][Math.round(lit * 4)];
      out += path(`M${n(x - 4.600)} ${n(y)}Q${n(x + spread * 0.5 - 3)} ${n(y + len * 0.6)} ${n(x + spread * (0.5 + t * 0.4))} ${n(y + len)}Q${n(x + spread * 0.5 + 4)} ${n(y + len * 0.5)} ${n(x + 4.600)} ${n(y)}Z`, c);
    }
    return out + oval(-38, -50, 44, 32, '#fff', { opacity: 0.5, filter: a.blur(14) });
  });
}

/** honeyCap is one honey mushroom standing on 0,0, about 150 high. */
export function honeyCap(a, kind = 0) {
  return a.stamp('cap' + kind, () => {
    const r = rng(80 + kind);
    const lean = [-10, 6, 14, -4][kind % 4];
    const flat = [1, 0.8, 1.15, 0.92][kind % 4];
    let out = path(`M-13 4C-10-40 ${n(lean - 14)}-70 ${n(lean - 12)}-100L${n(lean + 12)}-100C${n(lean + 14)}-70 12-40 14 4Q0 12-13 4Z`, a.lin([['#fdf2da', 0], ['#ecd3a2', 0.5], ['#b48a55', 1]], [0, 0, 1, 0.2]));
    out += line(`M-7-10Q-4-50 ${n(lean - 4)}-84M4-6Q6-40 ${n(lean + 5)}-80`, '#9c7443', 2, { opacity: 0.4 });
    out += path(`M${n(lean * 0.8 - 20)}-74Q${n(lean * 0.8)}-62 ${n(lean * 0.8 + 20)}-75Q${n(lean * 0.8)}-84 ${n(lean * 0.8 - 20)}-74Z`, '#fff4dc', { stroke: '#c9a26b', 'stroke-width': 1.5 });
    out += at(oval(0, 4, 56, 17, a.lin(['#e6c590', '#a6773f'])) + [-44, -30, -15, 0, 15, 30, 44].map((x) => line(`M${n(x * 0.25)} 2L${x} ${n(14 - Math.abs(x) * 0.1)}`, '#8a5d2c', 1.600, { opacity: 0.5 })).join('') +
      path('M-64 6C-62-34-30-58 0-58S62-34 64 6C50-8 24-12 0-12S-50-8-64 6Z', a.rad([['#f7c777', 0], ['#d9933f', 0.4], ['#a96322', 0.78], ['#7c4413', 1]], [0.38, 0.22, 0.85])) +
      Array.from({ length: 16 }, () => { const x = r.in(-40, 40), y = -20 - Math.sqrt(Math.max(0, 1 - (x / 58) ** 2)) * r.in(2, 30); return oval(x, y, 3.600, 2.200, '#6b3a10', { opacity: 0.6 }); }).join('') +
      oval(-22, -38, 17, 7, '#fff', { opacity: 0.55, transform: 'rotate(-22 -22 -38)', filter: a.blur(2) }), lean, -104, [1, flat], lean * 0.9);
    return out;
  });
}

/** fiddlehead is a bracken shoot standing on 0,0, about 420 high; its curl turns to the side of dir. */
export function fiddlehead(a, kind = 0) {
  return a.stamp('fern' + kind, () => {
    const h = [330, 380, 350, 300][kind % 4];
    const turns = [2.1, 1.9, 2.3, 2][kind % 4];
    const points = [[0, 0], [6, -h * 0.35], [2, -h * 0.7], [-4, -h * 0.88]];
    const cx = 34, cy = -h, R = 44;
    for (let i = 0; i <= 26; i++) {
      const t = i / 26;
      const q = Math.PI + 0.1 + t * Math.PI * 2 * turns * 0.8;
      const d = R * (1 - t * 0.86);
      points.push([cx + Math.cos(q) * d, cy + Math.sin(q) * d]);
    }
    const d = curve(points, false);
    let out = line(d, '#274d16', 27) + line(d, a.lin([['#a8c957', 0], ['#6d9a33', 0.5], ['#49731f', 1]]), 20) + line(d, '#dbeb9a', 4.5, { opacity: 0.7, transform: 'translate(-4 -3)' });
    for (let i = 0; i < 7; i++) {
      const q = Math.PI * (1.08 + i * 0.16);
      out += at(path('M0 2C4-12 18-16 30-6C22 6 10 10 0 2Z', a.lin(['#b5d264', '#5f8f2c']), { stroke: '#3c6419', 'stroke-width': 1.5 }), cx + Math.cos(q) * (R + 7), cy + Math.sin(q) * (R + 7), 1.05, q * 180 / Math.PI + 66);
    }
    for (const [t, side] of [[0.45, 1], [0.58, -1], [0.7, 1]]) out += at(path('M0 2C4-12 18-16 30-6C22 6 10 10 0 2Z', '#8fb646', { stroke: '#3c6419', 'stroke-width': 1.5 }), 4 + side * 9, -h * t, [side, 1], side * -30);
    return out;
  });
}

/** riceEar is a golden drooping ear on a long stalk, from 0,0 upward. */
export function riceEar(a, bend = 1) {
  return a.stamp('riceear' + bend, () => {
    const spine = (t) => [bend * (10 * t + 150 * t * t * t), -430 * t + 210 * t * t * t * t];
    let out = line(curve([0, 0.25, 0.5, 0.75, 1].map(spine), false), '#a9a24a', 7);
    out += path(`M0 0Q${bend * -70}-170 ${bend * -30}-330Q${bend * -22}-150 10 0Z`, a.lin(['#c9c866', '#7f9140']));
    for (let i = 0; i < 26; i++) {
      const t = 0.44 + 0.56 * i / 25;
      const [x, y] = spine(t), [x2, y2] = spine(t + 0.02);
      const q = Math.atan2(y2 - y, x2 - x) * 180 / Math.PI;
      const grain = path('M0 0C8-12 30-12 40 0C30 11 8 11 0 0Z', a.lin([['#ffe08a', 0], ['#e6ac38', 0.6], ['#b97c1c', 1]]), { stroke: '#9a6614', 'stroke-width': 1.5 }) + line('M38 0L58-4', '#d9a43a', 1.600);
      out += at(grain, x, y, 0.88, q + (i % 2 ? 34 : -30) * bend);
    }
    return out;
  });
}

/** lindenSprig: pale flowers, a wing leaf and heart-shaped leaves, about 300 wide. */
export function lindenSprig(a) {
  return a.stamp('linden', () => {
    const heart = (x, y, s, q) => at(path('M0 0C-40-18-64-70-30-98C-14-108-4-98 0-88C6-100 22-108 38-94C66-66 40-18 0 0Z', a.lin(['#a9c95c', '#4f7f2c'], [0.2, 0, 0.7, 1])) + line('M0 0Q2-50 0-86M0-26L-26-48M0-26L26-46M0-50L-22-72M0-50L24-70', '#e6f2b8', 2, { opacity: 0.6 }), x, y, s, q);
    const flower = (x, y, s) => at([0, 72, 144, 216, 288].map((q) => at(path('M0 0C-9-10-8-24 0-28C8-24 9-10 0 0Z', '#fff8d6', { stroke: '#e5c96d', 'stroke-width': 1.5 }), 0, 0, 1, q)).join('') + Array.from({ length: 12 }, (_, k) => line(`M0 0L${n(Math.cos(k * 0.524) * 17)} ${n(Math.sin(k * 0.524) * 17)}`, '#f2b632', 1.5) + disc(Math.cos(k * 0.524) * 17, Math.sin(k * 0.524) * 17, 2.400, '#e89a17')).join(''), x, y, s);
    return line('M-150 20Q-40-30 120 6', '#7a5a34', 8) + heart(-120, 8, 1.15, -28) + heart(-30, -12, 1.25, 8) + heart(70, -4, 1.05, 40) +
      line('M10-10Q30 40 40 66M40 66L6 92M40 66L44 104M40 66L80 92M24 30L-20 62', '#a3b352', 3.5) + path('M14 0C44-10 96 26 100 58C64 56 28 34 14 0Z', '#d6e29a', { opacity: 0.95 }) +
      flower(4, 96, 1) + flower(44, 110, 1.15) + flower(84, 94, 1) + flower(-24, 64, 0.9);
  });
}

/** bee is a small plump bee flying to the left, about 90 wide. */
export function bee(a) {
  return a.stamp('bee', () => oval(2, -26, 18, 30, '#fff', { opacity: 0.75, transform: 'rotate(-28 2 -26)', stroke: '#c8b28a', 'stroke-width': 2 }) + oval(26, -24, 15, 26, '#fff', { opacity: 0.6, transform: 'rotate(24 26 -24)', stroke: '#c8b28a', 'stroke-width': 2 }) +
    oval(8, 4, 38, 25, a.lin(['#ffd25e', '#e8960f'])) + group([rect(0, -30, 12, 70, '#3b2417'), rect(24, -30, 11, 70, '#3b2417')], { 'clip-path': a.clip('M-30 4A38 25 0 0 0 46 4A38 25 0 0 0-30 4Z') }) +
    disc(-28, 0, 19, '#3b2417') + disc(-34, -3, 4, '#fff') + oval(-24, 9, 5, 3, '#f08a6a') + line('M-34-17Q-40-32-50-34M-24-18Q-26-34-34-40', '#3b2417', 3));
}

/** honeyJar stands on 0,0, about 360 wide and 470 high: amber glass under a tied cloth cap. */
export function honeyJar(a) {
  return a.stamp('jar', () => {
    const glass = 'M-120-372C-178-350-186-320-186-280V-60C-186-14-164 0-120 0H120C164 0 186-14 186-60V-280C186-320 178-350 120-372Z';
    const cell = (x, y, s) => at(path('M0-20L17-10V10L0 20L-17 10V-10Z', a.lin(['#fde08c', '#f0a92c']), { stroke: '#fff3cc', 'stroke-width': 4 }), x, y, s);
    let out = path(glass, a.lin([['#c06a08', 0], ['#f6a821', 0.22], ['#ffcd57', 0.45], ['#f09a17', 0.72], ['#a85806', 1]], [0, 0, 1, 0.12]));
    out += group([oval(10, -150, 120, 190, '#fff0b8', { opacity: 0.5, filter: a.blur(34) }), rect(-200, -380, 400, 58, '#fff3cf', { opacity: 0.55 }), oval(0, -322, 186, 20, '#ffdb7a'), oval(0, -322, 186, 20, a.lin(['#e58e10', '#ffd770']), { opacity: 0.8 }),
      oval(0, 4, 190, 36, '#7a3d02', { opacity: 0.45, filter: a.blur(12) }), ...[[-92, -90, 7], [-70, -180, 5], [104, -230, 6], [88, -70, 8], [112, -130, 4], [-104, -250, 4]].map(([x, y, s]) => disc(x, y, s, '#fff6d4', { opacity: 0.5 }))], { 'clip-path': a.clip(glass) });
    out += path('M-96-262H96Q110-262 110-248V-84Q110-70 96-70H-96Q-110-70-110-84V-248Q-110-262-96-262Z', a.lin(['#fffaf0', '#f3e3c4'])) + path('M-98-250H98V-82H-98Z', 'none', { stroke: '#d99b2b', 'stroke-width': 3 });
    out += [[0, -166], [-35, -166], [35, -166], [-17.5, -196], [17.5, -196], [-17.5, -136], [17.5, -136]].map(([x, y]) => cell(x, y, 0.98)).join('') + a.use(bee(a), 52, -214, 0.62, 8) + line('M-74-104Q-50-92-30-104T14-104T58-104T80-104', '#c58a26', 3);
    out += path('M-152-316C-166-240-164-140-156-70', 'none', { stroke: '#fff', 'stroke-width': 17, 'stroke-linecap': 'round', opacity: 0.65 }) + line('M-150-40V-34', '#fff', 16, { opacity: 0.5 }) + line('M160-290Q168-180 158-80', '#fff', 7, { opacity: 0.4 });
    out += path(glass, 'none', { stroke: '#fff', 'stroke-width': 4, opacity: 0.35 });
    const cloth = 'M-138-388C-150-420-120-462-60-470C-20-476 40-476 70-468C124-458 148-420 138-388C172-362 182-336 190-318C168-330 150-316 136-322C120-338 96-326 80-330C60-340 40-328 14-332C-14-340-34-328-60-332C-84-338-104-326-132-324C-150-316-170-330-190-318C-182-340-170-366-138-388Z';
    out += path(cloth, a.lin(['#fdf6e8', '#e9d6b4'], [0, 0, 1, 0.6])) + group([-150, -100, -50, 0, 50, 100, 150].map((x) => line(`M${n(x * 0.5)}-480Q${n(x * 0.86)}-420 ${n(x * 1.1)}-300`, '#d2574d', 17, { opacity: 0.62 })).join('') + [-452, -418, -350].map((y) => line(`M-200 ${y + 24}Q0 ${y} 200 ${y + 24}`, '#d2574d', 15, { opacity: 0.5 })).join('') + oval(70, -380, 80, 90, '#5a2a12', { opacity: 0.22, filter: a.blur(16) }), { 'clip-path': a.clip(cloth) });
    out += line('M-138-386Q0-362 138-386', '#9a6a34', 15) + line('M-138-389Q0-365 138-389', '#dcb578', 5) + line('M20-372C-10-420 60-424 30-374C70-414 96-380 34-370L60-320M24-368L4-322', '#b88646', 8);
    return out;
  });
}

/** dipper is a wooden honey spoon, head at 0,0, handle toward the upper right, honey running off it. */
export function dipper(a, drop = 180) {
  const honey = a.lin([['#ffd466', 0], ['#f5a31a', 0.6], ['#d57f08', 1]], [0, 0, 1, 0.2]);
  const head = group([line('M46-62L250-330', '#8a5a2c', 30), line('M44-66L246-332', '#d6a468', 17), line('M40-72L236-330', '#f3d3a2', 5, { opacity: 0.7 }),
    ...[-3, -2, -1, 0, 1, 2, 3].map((k) => at(oval(0, 0, 66 - Math.abs(k) * 7, 16, a.lin(['#e8bd84', '#9a6430'], [0, 0, 1, 0.2])) + line(`M${-60 + Math.abs(k) * 7} 4Q0 20 ${60 - Math.abs(k) * 7} 4`, '#6b401a', 3, { opacity: 0.6 }), k * 13, -k * 17, 1, 37))]);
  const d = `M-66 6C-72 40-40 58-22 60C-12 80-12 ${n(drop * 0.6)}-10 ${n(drop)}H10C10 ${n(drop * 0.6)} 8 84 20 58C44 50 62 24 58-4C30-24-40-24-66 6Z`;
  return group([head, path(d, honey, { opacity: 0.94 }), oval(-34, 18, 8, 20, '#fff', { opacity: 0.75, transform: 'rotate(18 -34 18)' }), line(`M-3 76V${n(drop - 10)}`, '#fff3c4', 4, { opacity: 0.7 })]);
}

/** basket is a woven bowl. */
export function basket(a, o) {
  const { x, y, rx, ry, depth, base } = o;
  const weave = (lip) => {
    const rows = [];
    for (let i = 0; i < Math.ceil(depth / 26) + 3; i++) {
      const o = { transform: `translate(0 ${n(20 + i * 26)})`, 'stroke-dasharray': '30 44', 'stroke-dashoffset': i % 2 ? 37 : 0 };
      rows.push(line(lip, '#b98447', 17, { transform: o.transform, 'stroke-linecap': 'butt' }), line(lip, '#6b431f', 29, { ...o, opacity: 0.75 }), line(lip, '#d9ab6a', 25, o), line(lip, '#f6dcae', 7, { ...o, opacity: 0.6, transform: `translate(0 ${n(13 + i * 26)})` }));
    }
    return group(rows) + rect(x, y - 40, rx * 1.1, depth + 160, a.lin([['#3b1e0c', 0, 0], ['#3b1e0c', 1, 0.5]], [0, 0, 1, 0]));
  };
  const twist = Array.from({ length: 34 }, (_, i) => { const q = Math.PI * (1 - i / 33); return at(oval(0, 0, 21, 11, a.lin(['#f0cb92', '#a56f35']), { stroke: '#7a4c20', 'stroke-width': 2 }), x + Math.cos(q) * rx, y + Math.sin(q) * ry, 1, 28 - Math.cos(q) * 34); });
  return [...bowl(a, { inside: '#6b431f', light: '#9a6a36', mid: '#8a5a2c', dark: '#5d3a1a', rim: '#b07a40', ...o, base: base || rx * 0.7, band: weave }), ...twist];
}

/** woodBand draws rings of wood on a bowl. */
export const woodBand = (color, rows = 7, gap = 26) => (lip) => group(Array.from({ length: rows }, (_, i) => line(lip, color, i % 2 ? 2 : 3.5, { opacity: 0.35, transform: `translate(${i % 2 ? 3 : 0} ${24 + i * gap})` })));

/** glazeBand draws a band with a row of dots or fir marks on a glazed bowl. */
export const glazeBand = (color, drop = 34, width = 26) => (lip) => line(lip, color, width, { transform: `translate(0 ${drop})`, opacity: 0.9, 'stroke-linecap': 'butt' }) + line(lip, color, 5, { transform: `translate(0 ${drop + width})`, opacity: 0.7 }) + line(lip, '#fff', 7, { transform: `translate(0 ${drop})`, 'stroke-dasharray': '1 27', opacity: 0.9 });

/** heap draws stamps piled up. */
export function heap(a, ids, o) {
  const { x, y, rx, ry, dome, size, spread, unit = 50, turn = 8 } = o;
  return mound(a.r, x, y, rx, ry, dome, size, spread).map(([px, py]) => a.use(a.r.pick(ids), px, py, size / unit * a.r.in(0.9, 1.1), a.r.in(-turn, turn)));
}
