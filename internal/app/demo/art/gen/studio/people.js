// The people of the demo world: friendly busts, built from a face, hair, a hat and clothes.
// All coordinates are around the middle of the face; the shoulders end at about y = 360.
import { C, n, path, line, oval, disc, rect, group, at, leaf } from './lib.js';

const face = 'M-86-34C-90-118 90-118 86-34C86 6 82 34 66 62C50 90 26 108 0 108S-50 90-66 62C-82 34-86 6-86-34Z';
const skins = {
  fair: ['#fbd9bd', '#efb892', '#d98f68'], warm: ['#f3c49c', '#e0a274', '#bf7a4e'], tan: ['#e2aa7c', '#c98a58', '#a3653a'],
};

/** eyes: open, smiling or closed; the clip draws them frame by frame. */
export function eyes(kind = 'open', wide = 35) {
  return [-wide, wide].map((x) => {
    if (kind === 'smile') return line(`M${x - 15} 2Q${x}-16 ${x + 15} 2`, '#2b1a12', 6.5);
    if (kind === 'closed') return line(`M${x - 14}-3Q${x} 8 ${x + 14}-3`, '#2b1a12', 6);
    return oval(x, -4, 9.5, 12.5, '#2b1a12') + disc(x - 3, -9, 3.6, '#fff') + disc(x + 3.5, 2, 1.8, '#fff', { opacity: 0.7 }) + line(`M${x - 15}-12Q${x}-24 ${x + 15}-12`, '#2b1a12', 4.5);
  }).join('');
}

/** mouth: open is 0 (a smile) to 1 (speaking wide). */
export function mouth(open = 0.6, lips = '#b8433a') {
  if (open < 0.08) return line('M-25 56Q0 76 25 56', lips, 5.5);
  const h = 16 + open * 26;
  return path(`M-28 53Q0 ${n(60 - open * 5)} 28 53Q24 ${n(53 + h)} 0 ${n(54 + h)}Q-24 ${n(53 + h)}-28 53Z`, '#8c2f2c', { stroke: lips, 'stroke-width': 4, 'stroke-linejoin': 'round' }) +
    path(`M-22 56Q0 ${n(62 - open * 5)} 22 56L19 64Q0 ${n(70 - open * 3)}-19 64Z`, '#fff') + (open > 0.35 ? oval(0, 50 + h, 11, 5 * open, '#e0736a') : '');
}

function features(a, o, s) {
  const brow = o.brow || '#3b2417';
  const heavy = o.man ? 8 : 5.5;
  let out = group([oval(-54, 34, 24, 16, '#f2816b', { opacity: o.man ? 0.3 : 0.42, filter: a.blur(6) }), oval(54, 34, 24, 16, '#f2816b', { opacity: o.man ? 0.3 : 0.42, filter: a.blur(6) })]);
  out += [-1, 1].map((d) => line(`M${d * 54}-32Q${d * 38}-46 ${d * 20}-36`, brow, heavy, { opacity: 0.9 })).join('');
  out += line('M2 4Q14 26 8 32Q0 37-7 32', s[2], 4.5, { opacity: 0.85 }) + oval(-2, 16, 5, 12, '#fff', { opacity: 0.2 });
  if (o.old) out += [-1, 1].map((d) => line(`M${d * 60}-2q${d * 9}-5 ${d * 14}-10M${d * 60} 4q${d * 10} 0 ${d * 16}-2M${d * 36} 42q${d * 12} 8 ${d * 10} 24`, s[2], 3, { opacity: 0.6 })).join('') + line('M-26-62Q0-68 26-62M-20-74Q0-79 20-74', s[2], 3, { opacity: 0.45 });
  if (o.beard) out += path('M-76 20C-78 78-44 122 0 124S78 78 76 20C70 48 56 44 40 42C20 32-20 32-40 42C-56 44-70 48-76 20Z', a.lin([[o.beard, 0], [o.beard, 1]]), { opacity: 0.94 }) + [-50, -30, -10, 10, 30, 50].map((x) => line(`M${x} ${100 - Math.abs(x) * 0.5}q2 8 0 14`, '#fff', 2.5, { opacity: 0.25 })).join('');
  if (o.stubble) out += path('M-68 50C-50 100-26 112 0 112S50 100 68 50C50 70 20 44 0 46S-50 70-68 50Z', o.stubble, { opacity: 0.22, filter: a.blur(3) });
  if (!o.bare) out += mouth(o.mouth ?? 0.55, o.lips || (o.man ? '#a8503c' : '#c23f44')) + eyes(o.eyes);
  if (o.moustache) out += path('M0 42C-14 34-34 38-44 52C-28 54-10 54 0 48C10 54 28 54 44 52C34 38 14 34 0 42Z', o.moustache);
  if (o.glasses) out += [-1, 1].map((d) => `<rect x="${d * 36 - 27}" y="-24" width="54" height="42" rx="18" fill="#fff" fill-opacity=".16" stroke="${o.glasses}" stroke-width="5.5"/>` + line(`M${d * 63}-8L${d * 86}-14`, o.glasses, 5)).join('') + line('M-9-6Q0-12 9-6', o.glasses, 5);
  return out;
}

const hairs = {
  crop: (a, c) => [path('M-92-20C-104-92-70-142 0-142S104-92 92-20C88-44 84-56 74-66C50-62 20-72-14-84C-36-72-60-64-76-60C-84-50-88-40-92-20Z', a.lin(c)), ''],
  part: (a, c) => [path('M-92-14C-108-96-68-146 6-144C78-142 104-90 92-14C90-44 80-66 66-76C30-72-8-84-34-98C-50-80-68-66-80-60C-88-46-90-34-92-14Z', a.lin(c)) + line('M-34-100Q-6-128 40-130', '#fff', 5, { opacity: 0.2 }), ''],
  tousled: (a, c) => [path('M-94-12C-112-74-92-118-70-128C-66-146-36-152-22-142C-8-160 30-156 36-142C62-150 84-126 82-112C104-94 104-50 92-12C90-36 86-50 76-62C66-54 58-60 52-72C40-58 22-62 14-76C-2-60-22-62-30-74C-42-58-56-58-64-68C-80-56-88-40-94-12Z', a.lin(c)), ''],
  bob: (a, c) => [path('M-88 8C-98-40-92-62-70-78C-30-74 26-84 44-106C54-84 70-72 80-64C92-48 94-30 88 10C108-4 112-60 102-96C84-146 40-156 0-156S-84-146-102-96C-112-60-108-4-88 8Z', a.lin(c)) + line('M-70-112Q-40-138 6-140', '#fff', 7, { opacity: 0.22 }), path('M-104-90C-124 0-122 80-96 122C-60 140-40 60 0 60S60 140 96 122C122 80 124 0 104-90C90-150-90-150-104-90Z', a.lin([c[1], c[1]]))],
  tail: (a, c) => [path('M-90 2C-96-40-84-62-62-70C-20-76 20-86 40-104C48-82 66-70 78-58C88-44 92-26 90 2C106-20 108-80 92-110C70-150 40-156 0-156S-72-150-92-110C-108-80-106-20-90 2Z', a.lin(c)) + line('M-66-118Q-36-142 10-142', '#fff', 7, { opacity: 0.22 }), path('M70-110C130-130 166-70 156 0C150 60 170 90 150 130C112 120 96 70 104 10C108-40 90-70 60-84Z', a.lin(c)) + oval(84, -98, 17, 21, C.sun, { transform: 'rotate(-34 84 -98)' })],
  curls: (a, c) => [[[-88, -30, 27], [-92, -66, 29], [-72, -104, 32], [-36, -128, 34], [6, -136, 34], [46, -124, 34], [78, -98, 31], [94, -60, 29], [90, -26, 26], [-52, -84, 25], [-16, -98, 27], [24, -98, 27], [58, -80, 24]].map(([x, y, r]) => disc(x, y, r, a.rad(c, [0.38, 0.3, 0.75]))).join(''), [[-98, 10, 27], [98, 10, 27], [-90, 40, 22], [90, 40, 22]].map(([x, y, r]) => disc(x, y, r, c[1])).join('')],
  bun: (a, c) => [path('M-90-8C-102-84-64-140 0-140S102-84 90-8C86-46 60-86 0-98C-60-86-86-46-90-8Z', a.lin(c)) + line('M0-138V-100M-30-132Q-44-106-60-86M30-132Q44-106 60-86', '#fff', 2.5, { opacity: 0.3 }), disc(0, -150, 40, a.rad(c, [0.38, 0.3, 0.75]))],
};

const hats = {
  straw: (a) => [`<g transform="translate(0 -14)">` + oval(0, -78, 168, 44, a.lin(['#f6dc9c', '#c9953f'])) + [0.86, 0.7, 0.54].map((s) => oval(0, -78, 168 * s, 44 * s, 'none', { stroke: '#a8752a', 'stroke-width': 2.5, opacity: 0.5 })).join('') + path('M-88-84C-86-168-48-186 0-186S86-168 88-84C50-62-50-62-88-84Z', a.lin(['#fbe7b4', '#d3a04a'], [0.1, 0, 0.9, 1])) + path('M-90-92C-50-70 50-70 90-92L88-70C50-48-50-48-88-70Z', '#b8433a') + line('M-70-130Q0-110 70-130M-56-156Q0-142 56-156', '#a8752a', 2.5, { opacity: 0.5 }) + '</g>', ''],
  fur: (a) => { const puff = (x, y, r) => disc(x, y, r, a.rad(['#b98a5c', '#6b4428'], [0.38, 0.3, 0.75])); return [path('M-92-70C-98-160-50-186 0-186S98-160 92-70Z', a.lin(['#3f6b4c', '#1d3f2a'])) + [-84, -56, -28, 0, 28, 56, 84].map((x) => puff(x, -78 - (1 - Math.abs(x) / 84) * 14, 27)).join('') + disc(0, -136, 12, '#d24a3c') + [-1, 1].map((d) => [-60, -32, -4, 24, 48].map((y) => puff(d * (98 - Math.max(0, y) * 0.14), y, 25)).join('')).join(''), '']; },
  scarf: (a) => [path('M-96 22C-116-80-80-166 0-168S116-80 96 22C92-30 78-78 0-92C-78-78-92-30-96 22Z', a.lin(['#d9483f', '#a52a2f'], [0.1, 0, 0.9, 1])) + [[-62, -92], [-20, -130], [34, -128], [70, -84], [-88, -30], [90, -28], [8, -102]].map(([x, y], i) => flower(x, y, 0.34 + (i % 2) * 0.08, i)).join('') + line('M-96 22C-92-30-78-78 0-92S92-30 96 22', '#7c1d24', 4, { opacity: 0.5 }), path('M-98 0C-100 70-70 120-30 126L40 126C80 110 100 60 98 0Z', '#8f252b')],
  cap: (a) => [path('M-94-62C-98-150-50-176 0-176S98-150 94-62C50-80-50-80-94-62Z', a.lin(['#2f7a4d', '#14532d'], [0.1, 0, 0.9, 1])) + path('M-84-66C-40-92 70-92 112-58C124-46 118-38 104-42C50-58-30-56-78-44C-92-42-94-58-84-66Z', '#0f4023') + at(leaf(a, '#d9e6a8', '#9fc05c', 'cap') ? a.use(leaf(a, '#d9e6a8', '#9fc05c', 'cap'), 0, 0, 0.42, -40) : '', -14, -104), ''],
  bee: (a) => [oval(0, -86, 176, 42, a.lin(['#fbeec9', '#d6b26a'])) + path('M-84-90C-82-168-46-184 0-184S82-168 84-90C46-68-46-68-84-90Z', a.lin(['#fffaf0', '#e3c68e'], [0.1, 0, 0.9, 1])) + path('M-86-98C-46-76 46-76 86-98L84-78C46-56-46-56-84-78Z', '#3b2417'), path('M-168-80C-150 40-140 110-120 150C-50 178 50 178 120 150C140 110 150 40 168-80Z', '#3b3b2f', { opacity: 0.22 })],
};

/** flower is one peony of the north-eastern cotton print. */
export function flower(x, y, s = 1, kind = 0) {
  const petal = ['#f7b8c4', '#fde3ea', '#f6d36b'][kind % 3];
  return at([0, 60, 120, 180, 240, 300].map((q) => at(oval(0, -26, 21, 25, petal, { stroke: '#d65a72', 'stroke-width': 2.5 }), 0, 0, 1, q)).join('') + [30, 102, 174, 246, 318].map((q) => at(oval(0, -13, 12, 15, '#ee7f93'), 0, 0, 1, q)).join('') + disc(0, 0, 10, '#f6c945') + [20, 200].map((q) => at(path('M40 0C56-22 88-18 96 4C78 18 52 16 40 0Z', '#3f8f6b') + line('M42 0Q66-4 92 4', '#bfe3c8', 2), 0, 0, 1, q)).join(''), x, y, s);
}

const shoulders = 'M-238 470V372C-240 268-196 214-120 196C-84 186-58 178-44 158H44C58 178 84 186 120 196C196 214 240 268 238 372V470Z';
const clothes = {
  suit: (a, s) => path(shoulders, a.lin(['#33507f', '#1c2f54'], [0.1, 0, 0.9, 1])) + path('M-52 150H52L62 180L12 470H-12L-62 180Z', '#fff') + path('M-8 240H8L14 262L8 470H-8L-14 262Z', C.pine) + path('M-52 164L-104 200L-66 240L-84 256L-12 470H-60L-130 240ZM52 164L104 200L66 240L84 256L12 470H60L130 240Z', '#2a4270') + '' + disc(-112, 262, 11, '#f6c945') + disc(-112, 262, 7, '#2f7a4d'),
  print: (a, s) => { const vest = 'M-150 206C-110 190-80 184-58 172C-40 240 40 240 58 172C80 184 110 190 150 206C160 260 166 320 168 470H-168C-166 320-160 260-150 206Z'; return path(shoulders, a.lin(['#fdf3df', '#e2cda6'], [0.1, 0, 0.9, 1])) + path('M-56 152C-60 190 60 190 56 152C40 160-40 160-56 152Z', '#f7e8c9', { stroke: '#d6bd8f', 'stroke-width': 3 }) + path(vest, a.lin(['#d8393f', '#a81f2c'], [0.1, 0, 0.9, 1])) + group([[-120, 250, 0.62], [-60, 318, 0.72], [112, 262, 0.62], [52, 330, 0.7], [-136, 352, 0.6], [140, 360, 0.62], [-10, 376, 0.6], [-86, 214, 0.36], [90, 212, 0.36], [10, 268, 0.42]].map(([x, y, k], i) => flower(x, y, k, i)).join(''), { 'clip-path': a.clip(vest) }) + line('M-58 172C-40 240 40 240 58 172', '#f6d36b', 8) + line('M0 226V470', '#f6d36b', 5) + [262, 306, 350].map((y) => line(`M-16 ${y}H16`, '#f6d36b', 7)).join(''); },
  hoodie: (a, s) => path(shoulders, a.lin(['#7b9b4a', '#4b6b2b'], [0.1, 0, 0.9, 1])) + path('M-70 150C-110 190-70 244 0 250S110 190 70 150C60 196-60 196-70 150Z', '#58792f') + line('M-30 238V300M30 236V306', '#f3e9d8', 7) + path('M-90 330H90L110 470H-110Z', '#4b6b2b', { opacity: 0.6 }) + at(path('M-22 14L0-30L22 14ZM-16-6L0-44L16-6Z', '#e9f0cf'), 96, 282, 0.8),
  cardigan: (a, s) => path(shoulders, a.lin(['#f0904a', '#c7621f'], [0.1, 0, 0.9, 1])) + path('M-48 156L0 300L48 156L30 170Q0 190-30 170Z', '#fff7ea') + line('M-50 160L-4 300V470M50 160L4 300V470', '#a84d12', 9) + [320, 356].map((y) => disc(0, y, 8, '#fbe4c4')).join('') + Array.from({ length: 9 }, (_, i) => line(`M${-190 + i * 14 - (i > 4 ? -160 : 0)} ${250}V470`, '#a84d12', 2.5, { opacity: 0.3 })).join(''),
  work: (a, s) => path(shoulders, a.lin(['#5c7fa6', '#35557c'], [0.1, 0, 0.9, 1])) + path('M-48 156L0 236L48 156L34 168Q0 188-34 168Z', '#f4efe4') + path('M-52 158L-92 196L-40 250L0 234ZM52 158L92 196L40 250L0 234Z', '#46688f') + line('M0 236V470', '#274363', 4) + [272, 322, 368].map((y) => disc(10, y, 6, '#d7e0ea')).join('') + path('M-150 300H-70V470H-150ZM70 300H150V470H70Z', '#46688f', { stroke: '#274363', 'stroke-width': 3 }),
  bee: (a, s) => path(shoulders, a.lin(['#fffdf4', '#dccfae'], [0.1, 0, 0.9, 1])) + line('M0 180V470', '#b9a778', 7) + path('M-60 150C-64 200 64 200 60 150L76 178C40 230-40 230-76 178Z', '#efe4c6', { stroke: '#c8b88c', 'stroke-width': 3 }) + path('M70 280H150V350H70Z', '#efe4c6', { stroke: '#c8b88c', 'stroke-width': 3 }),
  padded: (a, s) => path(shoulders, a.lin(['#6a4a9a', '#43306f'], [0.1, 0, 0.9, 1])) + group([236, 290, 344, 398].map((y) => line(`M-250 ${y + 20}Q-110 ${y - 14} 0 ${y}T250 ${y + 20}`, '#2d1f52', 4, { opacity: 0.5 })).join(''), { 'clip-path': a.clip(shoulders) }) + path('M-62 148C-72 196-40 214 0 216S72 196 62 148C40 166-40 166-62 148Z', '#5a3f89') + line('M0 216V470', '#e9d9b0', 5) + [250, 300, 350].map((y) => line(`M-14 ${y}H14`, '#f6d36b', 7)).join(''),
  plaid: (a, s) => { const vest = shoulders; return path(vest, a.lin(['#c9523f', '#93301f'], [0.1, 0, 0.9, 1])) + group([-200, -140, -80, -20, 40, 100, 160, 220].map((x) => rect(x, 140, 18, 260, '#3b1a14', { opacity: 0.35 })).join('') + [206, 262, 318, 374].map((y) => rect(-240, y, 480, 17, '#3b1a14', { opacity: 0.35 }) + rect(-240, y + 24, 480, 4, '#f6d9a8', { opacity: 0.5 })).join(''), { 'clip-path': a.clip(vest) }) + path('M-238 470V372C-240 268-196 214-128 198L-96 470ZM238 470V372C240 268 196 214 128 198L96 470Z', a.lin(['#5b7a45', '#36512a'])) + path('M-50 156L0 230L-36 246L-70 184ZM50 156L0 230L36 246L70 184Z', '#a83c2b') + line('M0 232V470', '#4d160d', 4); },
};

/** collars lie over the neck. */
const collars = {
  suit: () => path('M-54 152L0 236L-34 254L-70 182ZM54 152L0 236L34 254L70 182Z', '#f7f9fc', { stroke: '#d5dce8', 'stroke-width': 2 }),
  work: () => path('M-54 154L0 240L-38 256L-94 196ZM54 154L0 240L38 256L94 196Z', '#54759c', { stroke: '#35557c', 'stroke-width': 2 }),
  plaid: () => path('M-52 152L0 232L-36 250L-74 184ZM52 152L0 232L36 250L74 184Z', '#b8442f', { stroke: '#7d2618', 'stroke-width': 2 }),
  print: () => path('M-54 148C-30 182 30 182 54 148L60 176C40 212-40 212-60 176Z', '#f7e8c9', { stroke: '#d6bd8f', 'stroke-width': 3 }),
  padded: () => path('M-58 146C-30 184 30 184 58 146L64 176C40 216-40 216-64 176Z', '#5a3f89', { stroke: '#2d1f52', 'stroke-width': 3 }),
  bee: () => path('M-58 146C-30 184 30 184 58 146L70 178C40 218-40 218-70 178Z', '#f4ead0', { stroke: '#c8b88c', 'stroke-width': 3 }),
};

/** bust draws a person around 0,0; bare leaves out eyes and mouth; part 'torso' or 'head' draws only that. */
export function bust(a, o) {
  const s = skins[o.skin || 'fair'];
  const [front = '', back = ''] = o.hair ? hairs[o.hair](a, o.hairColor || ['#4a3024', '#24150f']) : [];
  const [hat = '', veil = ''] = o.hat ? hats[o.hat](a) : [];
  const head = [
    path('M-46 70V126C-44 166 44 166 46 126V70Z', a.lin([s[1], s[1]])), path('M-46 92C-20 132 30 132 46 96V124C24 150-24 150-46 124Z', s[2], { opacity: 0.5 }),
  ];
  const top = [
    [-1, 1].map((d) => oval(d * 88, 2, 17, 25, s[1]) + oval(d * 88, 3, 8, 14, s[2], { opacity: 0.4 })).join(''),
    path(face, a.lin([s[0], s[1]], [0.1, 0, 0.9, 1])),
    group([oval(70, 20, 46, 110, s[2], { opacity: 0.28, filter: a.blur(16) }), oval(0, -104, 96, 44, s[2], { opacity: 0.35, filter: a.blur(10) })], { 'clip-path': a.clip(face) }),
    features(a, o, s), front, hat,
  ];
  if (o.mic) top.push(line('M-92-10C-100 40-84 60-54 66', '#2a2a33', 6), oval(-48, 67, 13, 9, '#2a2a33'), line('M-94-20C-104-150 104-150 94-20', '#2a2a33', 9), oval(-95, 0, 17, 27, '#3a3a46'), oval(95, 0, 17, 27, '#3a3a46'));
  const skull = o.hair ? oval(0, -44, 93, 98, (o.hairColor || ['#4a3024', '#24150f'])[1]) : '';
  const collar = collars[o.cloth] ? at(collars[o.cloth](a), 0, -46) : '';
  const torso = [at(clothes[o.cloth](a, s), 0, -46), head.join(''), collar];
  if (o.part === 'torso') return group(torso);
  if (o.part === 'head') return group([veil, back, skull, ...top]);
  return group([veil, back, ...torso, skull, ...top]);
}

/** The cast, by file name. */
export const cast = {
  secretary: { man: true, skin: 'warm', hair: 'part', cloth: 'suit', mouth: 0.3, hairColor: ['#3d2c25', '#1d1310'] },
  hostess: { skin: 'fair', hair: 'tail', cloth: 'print', mic: true, mouth: 0.7, hairColor: ['#4f3226', '#24150f'] },
  returnee: { man: true, skin: 'fair', hair: 'tousled', cloth: 'hoodie', glasses: '#3b3b98', mouth: 0.45, hairColor: ['#47352c', '#221813'] },
  trainee: { skin: 'warm', hair: 'curls', cloth: 'cardigan', eyes: 'smile', mouth: 0.5, hairColor: ['#6b4634', '#38211a'] },
  grower: { man: true, skin: 'tan', hat: 'straw', cloth: 'work', old: true, stubble: '#6b6158', eyes: 'smile', mouth: 0.6, brow: '#7d756d', hair: 'crop', hairColor: ['#9a938b', '#6f6861'] },
  beekeeper: { man: true, skin: 'warm', hat: 'bee', cloth: 'bee', mouth: 0.5, moustache: '#3b2a20', hair: 'crop', hairColor: ['#3d2c25', '#1d1310'] },
  grandmother: { skin: 'warm', hat: 'scarf', cloth: 'padded', old: true, eyes: 'smile', mouth: 0.5, brow: '#8d857d', hair: 'crop', hairColor: ['#d5d0ca', '#a39c94'] },
  forester: { man: true, skin: 'tan', hat: 'fur', cloth: 'plaid', beard: '#4a3529', mouth: 0.4, brow: '#3b2a20' },
};

/** hand reaches along +x from the wrist; flip puts the thumb below. */
export const hand = (a, s = skins.fair, flip = false) => path('M-18-24C10-34 40-32 58-20C74-8 74 14 58 22C34 34 4 32-18 24Z', a.lin([s[0], s[1]], [0, 0, 0, 1])) + [-12, 0, 12].map((y) => line(`M36 ${y - 2}Q52 ${y - 4} 66 ${y}`, s[2], 3, { opacity: 0.5 })).join('') + line(`M6 ${flip ? 22 : -22}Q24 ${flip ? 40 : -42} 42 ${flip ? 34 : -36}`, s[0], 19);

/** arm is a sleeve from shoulder over elbow to wrist, with a hand at its end. */
export function arm(a, from, elbow, wrist, o = {}) {
  const s = skins[o.skin || 'fair'];
  const [light, dark] = o.sleeve || ['#fdf3df', '#e2cda6'];
  const width = o.width || 84;
  const d = `M${from.map(n).join(' ')}Q${elbow.map(n).join(' ')} ${wrist.map(n).join(' ')}`;
  const q = Math.atan2(wrist[1] - elbow[1], wrist[0] - elbow[0]) * 180 / Math.PI;
  const grip = at(hand(a, s, o.flip), wrist[0], wrist[1], o.hand || 1, q + (o.turn || 0));
  return [line(d, dark, width + 6), line(d, light, width - 6), line(d, '#fff', width * 0.2, { opacity: 0.3, transform: 'translate(-6 -10)' }), grip, at(rect(-24, -width * 0.44, 34, width * 0.88, dark, { rx: 14 }) + rect(-18, -width * 0.4, 22, width * 0.8, light, { rx: 10 }), wrist[0], wrist[1], 1, q)];
}
