// The show clip: a host speaks at her table and lifts four goods in turn. Everything
// that moves is a function of t with a period of the whole loop, so the end meets the start.
// Coordinates are 1080 x 1920; frames are rendered at half that and posted as raw RGBA.
import { C, Art, n, path, line, oval, disc, rect, group, at, leaf, bowl } from './lib.js';
import * as g from './goods.js';
import * as p from './people.js';
import * as s from './scenery.js';
import { room } from './scenes.js';
import { post, raster } from './raster.js';

const W = 1080, H = 1920, FPS = 24, T = 20;
const table = 1190;
const host = p.cast.hostess;
const headAt = [540, 690], bodyScale = 1.62;

/** sprite rasterises a drawing around 0,0 that spans the box [left, top, right, bottom]. */
async function sprite(seed, box, draw, detail = 0.62) {
  const [l, t, r, b] = box;
  const a = new Art(Math.ceil((r - l) * detail), Math.ceil((b - t) * detail), seed);
  const inner = [draw(a)].flat(9).join('');
  a.add(group(inner, { transform: `scale(${detail}) translate(${-l} ${-t})` }));
  const image = await raster(a.svg(), a.width, a.height);
  return (c) => c.drawImage(image, l, t, r - l, b - t);
}

/** backdrop is the room with its window, without anything that moves. */
async function backdrop() {
  const a = new Art(W, H, 101);
  const { win } = room(a, { tableY: table, win: [120, 170, 840, 720], season: 'summer' });
  a.add(a.shade(540, table - 10, 420, 60, 0.4, '#2a1708', 26));
  const image = await raster(a.paper(0.5).svg(), W, H);
  return { win, draw: (c) => c.drawImage(image, 0, 0, W, H) };
}

/** front is the table with what lies on it all the time. */
async function front() {
  const a = new Art(W, H, 102);
  a.add(rect(0, table, W, H - table, a.lin([['#ecc48e', 0], ['#c08a52', 0.45], ['#7d5128', 1]])), rect(0, table, W, 10, '#fff', { opacity: 0.45 }));
  for (let i = 0; i < 12; i++) a.add(line(`M${n(a.r.in(-80, 700))} ${n(table + 40 + i * 58)}q140 ${n(a.r.in(-6, 6))} ${n(a.r.in(200, 480))} 0`, '#8a5a2c', 4, { opacity: 0.35 }));
  const cloth = `M330 ${table}H750L820 ${H}H260Z`;
  a.add(path(cloth, a.lin(['#f3e6cf', '#cdb48a']), { opacity: 0.9 }), group([300, 360, 720, 780].map((x) => line(`M${540 + (x - 540) * 0.86} ${table}L${540 + (x - 540) * 1.3} ${H}`, '#b5433a', 8, { opacity: 0.5 })).join(''), { 'clip-path': a.clip(cloth) }));
  const hz = [g.hazelnut(a, 0), g.hazelnut(a, 1)], caps = [0, 1, 2, 3].map((k) => g.honeyCap(a, k)), berry = g.berries(a);
  a.add(a.shade(190, 1640, 170, 34, 0.5), a.use(g.pineCone(a), 170, 1560, 0.82, -68), a.shade(870, 1652, 150, 26, 0.5), [[780, 1640, 1.05, -14], [862, 1656, 1.2, 4], [940, 1642, 1.02, 16]].map(([x, y, k, q], i) => a.use(caps[i], x, y, k, q)));
  for (const [x, y, k, q, id] of [[330, 1700, 1, 60, hz[0]], [410, 1740, 1.1, -40, hz[1]], [640, 1720, 0.95, 0, berry[0]], [700, 1760, 1.05, 0, berry[2]], [580, 1770, 1, 0, berry[4]], [470, 1660, 0.95, 100, hz[0]]]) a.add(a.shade(x + 8, y + 44 * k, 52 * k, 13, 0.45, '#2a1708', 7), a.use(id, x, y, k, q));
  a.add(a.use(leaf(a, '#a5c96a', '#3d7a3a'), 250, 1780, 1.6, -12), rect(0, 1560, W, 360, a.lin([['#2a1708', 0, 0], ['#2a1708', 1, 0.5]])));
  const image = await raster(a.paper(0.4).svg(), W, H);
  return (c) => { c.save(); c.beginPath(); c.rect(0, table, W, H - table); c.clip(); c.drawImage(image, 0, 0, W, H); c.restore(); };
}

const heapIn = (a, ids, b, o) => g.heap(a, ids, { ...b, rx: b.rx * 0.95, ry: b.ry * 0.92, ...o }).join('');
/** goods stand on 0,0: one for each chapter; half is half their width where the hands hold them. */
const goods = async () => [
  { x: 165, half: 150, hold: -92, draw: await sprite(1, [-190, -330, 190, 30], (a) => { const b = { x: 0, y: -140, rx: 160, ry: 44, depth: 130, base: 82 }; return bowl(a, { ...b, inside: '#4a2c18', light: '#f3d9ae', mid: '#d3a067', dark: '#8a5a2c', rim: '#f9e6c6', band: g.woodBand('#6b3d18', 5, 22), fill: heapIn(a, g.berries(a), b, { dome: 120, size: 27 }) }); }) },
  { x: 415, half: 124, hold: -130, draw: await sprite(2, [-160, -340, 160, 20], (a) => a.use(g.honeyJar(a), 0, 0, 0.68)) },
  { x: 668, half: 166, hold: -52, draw: await sprite(3, [-200, -260, 200, 30], (a) => { const ids = [0, 1, 2, 3].map((k) => g.woodEar(a, k)), b = { x: 0, y: -62, rx: 176, ry: 44, depth: 52, base: 90 }; return [bowl(a, { ...b, inside: '#dfe6dc', light: '#f7faf3', mid: '#d3dfd2', dark: '#8ea694', rim: '#fbfdf8', band: g.glazeBand('#2f6a47', 22, 12) }), [[-70, -120, 0.8, -20], [66, -124, 0.82, 14], [0, -168, 0.78, 4], [-96, -72, 0.74, -16], [98, -74, 0.76, 18], [-2, -92, 0.98, 0], [-48, -48, 0.74, -8], [50, -46, 0.78, 10]].map(([x, y, k, q], i) => a.use(ids[i % 4], x, y, k, q))]; }) },
  { x: 915, half: 142, hold: -84, steam: true, draw: await sprite(4, [-180, -310, 180, 30], (a) => {
    const b = { x: 0, y: -130, rx: 150, ry: 42, depth: 122, base: 72 };
    const kinds = [0, 1].map((k) => a.stamp('rice' + k, () => path('M-11 0C-10-5-3-6 4-5C10-4 12 0 10 3C4 6-8 6-11 0Z', ['#fffefb', '#f1e9d6'][k], { stroke: '#cfbf9c', 'stroke-width': 1 })));
    const grains = Array.from({ length: 330 }, () => { const q = a.r.in(0, 6.28), d = Math.sqrt(a.r()); return [Math.cos(q) * d * 138, -130 + Math.sin(q) * d * (Math.sin(q) < 0 ? 118 : 36)]; }).sort((u, v) => u[1] - v[1]);
    const fill = path('M-142-126C-142-210-80-252 0-254S142-210 142-126C138-90-138-90-142-126Z', a.rad([['#fffdf6', 0], ['#f3ead5', 0.6], ['#cdbd98', 1]], [0.38, 0.25, 0.85])) + grains.map(([x, y]) => a.use(kinds[x + a.r.in(-90, 90) > 30 ? 1 : 0], x, y, a.r.in(0.9, 1.2), a.r.in(-70, 70))).join('');
    return bowl(a, { ...b, inside: '#c8d3e4', light: '#ffffff', mid: '#e9eef6', dark: '#9fb0c9', rim: '#ffffff', band: g.glazeBand('#3b4fa3', 20, 15), fill });
  }) },
];

/** props loads every moving part. */
async function props() {
  const box = [-180, -200, 180, 150];
  const face = (extra) => sprite(9, box, () => extra);
  const [room0, front0, items] = [await backdrop(), await front(), await goods()];
  return {
    ...room0, table: front0, items,
    torso: await sprite(5, [-250, 60, 250, 440], (a) => p.bust(a, { ...host, part: 'torso' }), 0.9),
    head: await sprite(6, [-190, -230, 190, 180], (a) => p.bust(a, { ...host, part: 'head', bare: true }), 0.9),
    eyes: { open: await face(p.eyes('open')), closed: await face(p.eyes('closed')), smile: await face(p.eyes('smile')) },
    mouths: await Promise.all([0, 0.15, 0.3, 0.5, 0.7, 0.9].map((v) => face(p.mouth(v, '#c23f44')))),
    hands: [await sprite(7, [-40, -60, 90, 60], (a) => p.hand(a)), await sprite(8, [-40, -60, 90, 60], (a) => p.hand(a, undefined, true))],
    lantern: await sprite(10, [-80, -70, 80, 190], (a) => a.use(s.lantern(a), 0, 0)),
    corn: await sprite(11, [-70, -30, 70, 380], (a) => a.use(s.corn(a), 0, 0)),
    chillies: await sprite(12, [-90, -30, 90, 360], (a) => a.use(s.chillies(a), 0, 0)),
    bird: await sprite(13, [-30, -20, 30, 20], () => line('M-24 4Q-12-14 0 4Q12-14 24 4', '#2c5a46', 5)),
    petal: await sprite(14, [-10, -20, 110, 20], (a) => a.use(leaf(a, '#f2d16b', '#c99a2c', 'p'), 0, 0, [1, 0.4])),
    label: await sprite(15, [0, 0, 160, 42], () => s.demoLabel(0, 0), 0.9),
  };
}

const wave = (t, cycles, phase = 0) => Math.sin((t / T) * Math.PI * 2 * cycles + phase);
const mix = (a, b, k) => a + (b - a) * k;
const ease = (k) => { const u = Math.max(0, Math.min(1, k)); return u * u * u * (u * (u * 6 - 15) + 10); };
/** lift is how far the goods of a chapter are up: five seconds each, down at both ends. */
const lift = (t, chapter) => { const u = t - chapter * (T / 4); return ease((u - 0.5) / 0.9) * (1 - ease((u - 3.9) / 0.9)); };
const blinks = [1.1, 3.6, 6.4, 7.1, 9.9, 12.2, 14.8, 17.3, 19.2];
const inside = (c, x, y, angle, scale, draw) => { c.save(); c.translate(x, y); c.rotate(angle); c.scale(scale, Math.abs(scale)); draw(c); c.restore(); };

/** outside draws what passes behind the panes. */
function outside(c, o, t) {
  const [x, y, w, h] = o.win;
  c.save();
  c.beginPath(); c.rect(x + 8, y + 8, w - 16, h - 16); c.clip();
  c.fillStyle = 'rgba(255,255,255,.5)';
  for (const [u, v, k] of [[0, 0.1, 1], [0.45, 0.22, 0.7]]) {
    const cx = x - 160 + ((u + t / T) % 1) * (w + 320);
    for (const [dx, dy, rx, ry] of [[0, 0, 90, 18], [34, -14, 52, 20], [-34, -8, 44, 15]]) { c.beginPath(); c.ellipse(cx + dx * k, y + h * v + dy * k, rx * k, ry * k, 0, 0, 7); c.fill(); }
  }
  for (let i = 0; i < 3; i++) inside(c, x - 60 + ((i * 0.06 + t / T) % 1) * (w + 120), y + h * 0.3 + i * 26 + wave(t, 3, i) * 14, 0, 0.7 + 0.16 * wave(t, 26, i * 2), o.bird);
  for (let i = 0; i < 12; i++) {
    const u = (i * 0.37 + (t / T) * (1 + i % 2)) % 1;
    inside(c, x + w * ((i * 0.173 + 0.05) % 1) + wave(t, 2 + i % 3, i) * 40, y - 30 + u * (h + 60), wave(t, 3, i) + i, 0.24 + (i % 3) * 0.06, o.petal);
  }
  c.restore();
}

/** sleeve draws an upper and a lower arm between shoulder and wrist. */
function sleeve(c, from, to, side) {
  const elbow = [mix(from[0], to[0], 0.4) + side * 118, Math.max(from[1], to[1]) * 0.42 + Math.min(from[1], to[1]) * 0.58 + 104];
  for (const [width, color, dx, dy] of [[98, '#cdb387', 0, 0], [88, '#f6e8cc', 0, 0], [24, 'rgba(255,255,255,.5)', -10, -14]]) {
    c.beginPath(); c.moveTo(from[0] + dx, from[1] + dy); c.quadraticCurveTo(elbow[0] + dx, elbow[1] + dy, to[0] + dx, to[1] + dy);
    c.strokeStyle = color; c.lineWidth = width; c.lineCap = 'round'; c.stroke();
  }
  return Math.atan2(to[1] - elbow[1], to[0] - elbow[0]);
}

function hand(c, o, to, angle, side) {
  inside(c, to[0], to[1], angle, 1, (k) => {
    o.hands[side > 0 ? 1 : 0](k);
    k.fillStyle = '#d6bd8f'; k.beginPath(); k.roundRect(-26, -44, 34, 88, 14); k.fill();
    k.fillStyle = '#fdf3df'; k.beginPath(); k.roundRect(-21, -40, 22, 80, 10); k.fill();
  });
}

function face(c, o, t, up) {
  const speaking = Math.max(0, wave(t, 8, 0.6) + 0.75) / 1.75;
  const open = speaking * (0.5 + 0.5 * wave(t, 61)) * (0.65 + 0.35 * wave(t, 23, 1)) + 0.12 * up;
  const level = Math.min(5, Math.floor(Math.max(0, open) * 6.2));
  const blink = blinks.some((b) => t >= b && t < b + 0.17);
  const smile = up > 0.98 && Math.floor(t * 0.8) % 4 === 3;
  inside(c, headAt[0] + wave(t, 4) * 7, headAt[1] + wave(t, 10) * 4 + up * 5, wave(t, 5, 0.4) * 0.035 + wave(t, 13) * 0.012, bodyScale, (k) => {
    o.head(k); o.mouths[level](k); (blink ? o.eyes.closed : smile ? o.eyes.smile : o.eyes.open)(k);
  });
}

/** steam rises from the rice wherever the bowl is. */
function steam(c, x, y, t, scale) {
  for (let i = 0; i < 7; i++) {
    const u = (i / 7 + (t / T) * 6) % 1;
    const cx = x + (i % 3 - 1) * 52 * scale + wave(t, 9, i * 2) * 16 * (0.4 + u), cy = y - u * 190 * scale;
    const r = (16 + u * 34) * scale;
    const f = c.createRadialGradient(cx, cy, 0, cx, cy, r);
    f.addColorStop(0, `rgba(255,255,255,${0.4 * Math.sin(u * Math.PI)})`); f.addColorStop(1, 'rgba(255,255,255,0)');
    c.fillStyle = f; c.beginPath(); c.arc(cx, cy, r, 0, 7); c.fill();
  }
}

function sparkles(c, x, y, up, t) {
  if (up < 0.5) return;
  for (let i = 0; i < 7; i++) {
    const q = (i / 7) * 6.28 + 0.3, k = Math.max(0, wave(t, 14, i * 2.1)) * (up - 0.5) * 2;
    const px = x + Math.cos(q) * 235, py = y - 130 + Math.sin(q) * 165, r = 30 * k;
    c.fillStyle = 'rgba(255,244,200,.95)'; c.beginPath();
    for (let m = 0; m < 8; m++) { const R = m % 2 ? r * 0.24 : r, w = m * Math.PI / 4; c.lineTo(px + Math.cos(w) * R, py + Math.sin(w) * R); }
    c.fill();
  }
}

/** stand draws goods at rest, or where the lift carries them. */
function stand(c, item, up, t) {
  const x = mix(item.x, 540, up), y = mix(1400, 1236, up) - Math.sin(up * Math.PI) * 60, scale = mix(0.78, 1.3, up);
  if (up < 0.4) { c.fillStyle = `rgba(42,23,8,${0.3 * (1 - up * 2.5)})`; c.beginPath(); c.ellipse(item.x + 14, 1402, 120, 17, 0, 0, 7); c.fill(); }
  inside(c, x, y, wave(t, 12) * 0.03 * up, scale, item.draw);
  if (item.steam) steam(c, x, y - 250 * scale, t, scale * 0.9);
  return { x, y, scale };
}

function frame(c, o, t) {
  const ups = o.items.map((_, i) => lift(t, i));
  const up = Math.max(...ups), k = ups.indexOf(up);
  o.draw(c);
  outside(c, o, t);
  inside(c, 96, 120, wave(t, 4) * 0.05, 1.15, o.lantern);
  inside(c, 1006, 60, wave(t, 3, 1) * 0.03, 1.3, o.corn);
  inside(c, 72, 560, wave(t, 3, 2) * 0.035, 1.2, o.chillies);
  c.save(); c.translate(headAt[0] + wave(t, 4, -0.3) * 3, headAt[1]); c.scale(bodyScale, bodyScale * (1 + wave(t, 7) * 0.006)); o.torso(c); c.restore();
  face(c, o, t, up);
  o.table(c);
  // The hands rest on the table, tell something, and hold what is lifted.
  const held = o.items[k], hx = mix(held.x, 540, up), hy = mix(1400, 1236, up) - Math.sin(up * Math.PI) * 60, hs = mix(0.78, 1.3, up);
  const grip = ease(up * 2);
  const arms = [-1, 1].map((side) => {
    const gesture = side > 0 ? 1 : 0.4;
    const rest = [540 + side * (236 - 30 * wave(t, 8, side)), 1226 + gesture * (14 * wave(t, 12, side) - 34 * Math.max(0, wave(t, 8, 0.6)))];
    const hold = [Math.max(150, Math.min(930, hx + side * (held.half * hs + 22))), Math.min(1262, hy + held.hold * hs + 20)];
    const to = [mix(rest[0], hold[0], grip), mix(rest[1], hold[1], grip)];
    return { side, to, angle: sleeve(c, [540 + side * 296, 1050], to, side) };
  });
  const turn = (arm) => {
    // Turn the short way round, from along the arm towards the goods.
    const goal = arm.side < 0 ? 0.05 : Math.PI - 0.05;
    const d = Math.atan2(Math.sin(goal - arm.angle), Math.cos(goal - arm.angle));
    return arm.angle + d * grip * 0.7;
  };
  if (up < 0.25) arms.forEach((arm) => hand(c, o, arm.to, turn(arm), arm.side));
  o.items.forEach((item, i) => { if (i !== k) stand(c, item, 0, t); });
  const spot = stand(c, held, up, t);
  if (up >= 0.25) arms.forEach((arm) => hand(c, o, arm.to, turn(arm), arm.side));
  sparkles(c, spot.x, spot.y, up, t);
  for (let i = 0; i < 16; i++) {
    c.fillStyle = `rgba(255,246,214,${0.28 + 0.22 * wave(t, 4, i)})`;
    c.beginPath(); c.arc(W * ((i * 0.618) % 1) + wave(t, 2, i) * 50, 1900 - ((i * 0.29 + t / T) % 1) * 1800, 3 + i % 4, 0, 7); c.fill();
  }
  inside(c, 146, 420, 0, 1, o.label);
}

async function render() {
  const o = await props();
  const canvas = document.createElement('canvas');
  canvas.width = W / 2; canvas.height = H / 2;
  const c = canvas.getContext('2d', { willReadFrequently: true, alpha: false });
  c.imageSmoothingQuality = 'high';
  c.scale(0.5, 0.5);
  for (let i = 0; i < FPS * T; i++) {
    frame(c, o, i / FPS);
    await post('/frame', c.getImageData(0, 0, W / 2, H / 2).data);
    if (i % 120 === 0) await post('/log', `clip: frame ${i} of ${FPS * T}`);
  }
}

try {
  await render();
  await post('/done', '');
} catch (err) {
  await post('/done', String(err.stack || err));
}
