// The drawing kit: seeded chance, gradients, soft shadows, paper texture, and the
// few natural shapes (leaf, fir, bowl) that everything else is composed of.

/** The palette of the demo world. */
export const C = {
  pine: '#14532d', deep: '#0b3a1f', fir: '#1f6b3f', moss: '#6b8f3a', grass: '#8fae4b', sage: '#b9cf9a',
  berry: '#3b3b98', indigo: '#4c51bf', night: '#1f1d54', lilac: '#a5b0f0',
  cream: '#fbf7ef', birch: '#f3e9d8', sand: '#e8d5b5', oak: '#c08a52', bark: '#6b4428', umber: '#3b2417',
  sun: '#f97316', amber: '#f5a524', honey: '#fbbf4a', rose: '#e0635a',
};

/** rng returns a generator of numbers in [0,1) that always gives the same row for a seed (mulberry32). */
export function rng(seed) {
  let a = seed >>> 0;
  const f = () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  f.in = (lo, hi) => lo + (hi - lo) * f();
  f.pick = (list) => list[Math.floor(f() * list.length)];
  return f;
}

/** n rounds a coordinate: a tenth of a pixel is enough and keeps the files small. */
export const n = (v) => String(Math.round(v * 10) / 10);
const attrs = (o) => Object.entries(o || {}).map(([k, v]) => ` ${k}="${typeof v === 'number' ? Math.round(v * 1000) / 1000 : v}"`).join('');

export const path = (d, fill, o) => `<path d="${d}" fill="${fill || 'none'}"${attrs(o)}/>`;
export const line = (d, stroke, width, o) => `<path d="${d}" fill="none"${attrs({ stroke, 'stroke-width': width, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', ...o })}/>`;
export const oval = (x, y, rx, ry, fill, o) => `<ellipse cx="${n(x)}" cy="${n(y)}" rx="${n(rx)}" ry="${n(ry)}" fill="${fill}"${attrs(o)}/>`;
export const disc = (x, y, r, fill, o) => `<circle cx="${n(x)}" cy="${n(y)}" r="${n(r)}" fill="${fill}"${attrs(o)}/>`;
export const rect = (x, y, w, h, fill, o) => `<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${fill}"${attrs(o)}/>`;
export const group = (inner, o) => `<g${attrs(o)}>${Array.isArray(inner) ? inner.join('') : inner}</g>`;
export const at = (inner, x, y, scale = 1, turn = 0, o = {}) => group(inner, { transform: `translate(${n(x)} ${n(y)})${turn ? ` rotate(${n(turn)})` : ''}${scale === 1 ? '' : ` scale(${Array.isArray(scale) ? scale.map((s) => Math.round(s * 1000) / 1000).join(' ') : Math.round(scale * 1000) / 1000})`}`, ...o });

/** curve draws a smooth line through points (Catmull-Rom as Bézier); closed unless told otherwise. */
export function curve(points, closed = true, tension = 1) {
  const m = points.length;
  const p = (i) => (closed ? points[(i + m) % m] : points[Math.max(0, Math.min(m - 1, i))]);
  let d = `M${n(points[0][0])} ${n(points[0][1])}`;
  for (let i = 0; i < (closed ? m : m - 1); i++) {
    const [a, b, c, e] = [p(i - 1), p(i), p(i + 1), p(i + 2)];
    const k = tension / 6;
    d += `C${n(b[0] + (c[0] - a[0]) * k)} ${n(b[1] + (c[1] - a[1]) * k)} ${n(c[0] - (e[0] - b[0]) * k)} ${n(c[1] - (e[1] - b[1]) * k)} ${n(c[0])} ${n(c[1])}`;
  }
  return d + (closed ? 'Z' : '');
}

/** Art is one picture: definitions, layers, and the chance that belongs to it. */
export class Art {
  constructor(width, height, seed = 1) {
    Object.assign(this, { width, height, defs: [], body: [], names: new Map(), r: rng(seed) });
  }

  /** name defines something once and returns its id. */
  name(key, make) {
    if (!this.names.has(key)) {
      const id = 'd' + this.names.size.toString(36);
      this.names.set(key, id);
      this.defs.push(make(id));
    }
    return this.names.get(key);
  }

  stops(list) {
    return list.map((s, i) => {
      const [color, offset = i / (list.length - 1), opacity] = Array.isArray(s) ? s : [s];
      return `<stop offset="${Math.round(offset * 1000) / 1000}" stop-color="${color}"${opacity === undefined ? '' : ` stop-opacity="${opacity}"`}/>`;
    }).join('');
  }

  /** lin is a linear gradient; box gives x1 y1 x2 y2 as parts of the shape's box. */
  lin(list, box = [0, 0, 0, 1], user = false) {
    const id = this.name('l' + JSON.stringify([list, box, user]), (i) => `<linearGradient id="${i}" x1="${box[0]}" y1="${box[1]}" x2="${box[2]}" y2="${box[3]}"${user ? ' gradientUnits="userSpaceOnUse"' : ''}>${this.stops(list)}</linearGradient>`);
    return `url(#${id})`;
  }

  /** rad is a radial gradient; at gives cx cy r as parts of the shape's box. */
  rad(list, spot = [0.5, 0.5, 0.5]) {
    const id = this.name('r' + JSON.stringify([list, spot]), (i) => `<radialGradient id="${i}" cx="${spot[0]}" cy="${spot[1]}" r="${spot[2]}">${this.stops(list)}</radialGradient>`);
    return `url(#${id})`;
  }

  blur(size) {
    const id = this.name('b' + size, (i) => `<filter id="${i}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="${size}"/></filter>`);
    return `url(#${id})`;
  }

  clip(d) {
    return `url(#${this.name('c' + d, (i) => `<clipPath id="${i}"><path d="${d}"/></clipPath>`)})`;
  }

  /** stamp defines a drawing once; use places it. */
  stamp(key, make) { return this.name('s' + key, (i) => `<g id="${i}">${make()}</g>`); }
  use(id, x, y, scale = 1, turn = 0, o = {}) {
    const s = Array.isArray(scale) ? scale.map((v) => Math.round(v * 1000) / 1000).join(' ') : Math.round(scale * 1000) / 1000;
    return `<use href="#${id}" transform="translate(${n(x)} ${n(y)})${turn ? ` rotate(${n(turn)})` : ''} scale(${s})"${attrs(o)}/>`;
  }

  /** shade is a soft shadow on the ground. */
  shade(x, y, rx, ry, opacity = 0.35, color = '#2a1708', soft = 16) {
    return oval(x, y, rx, ry, color, { opacity, filter: this.blur(soft) });
  }

  add(...parts) { this.body.push(...parts.flat(9)); return this; }

  /** paper lays a light mottled texture and a vignette over everything, as printed on soft paper. */
  paper(strength = 1) {
    const { width: w, height: h } = this;
    const id = this.name('paper', (i) => `<filter id="${i}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB"><feTurbulence type="fractalNoise" baseFrequency=".55" numOctaves="2" seed="7"/><feColorMatrix values="0 0 0 0 .5  0 0 0 0 .5  0 0 0 0 .5  .9 .9 0 0 -.62"/></filter>`);
    const wash = this.name('wash', (i) => `<filter id="${i}" x="0" y="0" width="100%" height="100%" color-interpolation-filters="sRGB"><feTurbulence type="fractalNoise" baseFrequency=".006 .009" numOctaves="4" seed="11"/><feColorMatrix values="0 0 0 0 1  0 0 0 0 .95  0 0 0 0 .85  1.6 1.2 0 0 -1.1"/></filter>`);
    this.add(
      group(`<rect width="${w}" height="${h}" filter="url(#${wash})" opacity="${0.16 * strength}"/>`, { style: 'mix-blend-mode:soft-light' }),
      group(`<rect width="${w}" height="${h}" filter="url(#${id})" opacity="${0.16 * strength}"/>`, { style: 'mix-blend-mode:multiply' }),
      rect(0, 0, w, h, this.rad([['#2a1708', 0.55, 0], ['#2a1708', 1, 0.2 * strength]], [0.5, 0.46, 0.75])),
    );
    return this;
  }

  svg() {
    const { width: w, height: h } = this;
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}">\n<defs>\n${this.defs.join('\n')}\n</defs>\n${this.body.join('\n')}\n</svg>\n`;
  }
}

/** leafShape is a pointed leaf of length 100 along +x, its stalk at 0. */
export function leaf(a, light, dark, key = '') {
  return a.stamp('leaf' + light + dark + key, () => {
    const outline = 'M0 0C18-34 62-40 100 0C62 40 18 34 0 0Z';
    return path(outline, a.lin([light, dark], [0, 0, 0.3, 1])) +
      path('M0 0C18-34 62-40 100 0Z', '#fff', { opacity: 0.13 }) +
      line('M0 0Q50 4 96 0', '#fff', 2, { opacity: 0.5 }) +
      [22, 40, 58, 74].map((x) => line(`M${x} 1q8-10 ${16 - x / 9}-${20 - x / 7}M${x} 1q8 10 ${16 - x / 9} ${20 - x / 7}`, '#fff', 1.2, { opacity: 0.3 })).join('');
  });
}

/** fir is a spruce of height 100 standing on 0,0: layered boughs, lit from the left. */
export function fir(a, light, dark, seed = 1, snow = false) {
  return a.stamp('fir' + light + dark + seed + snow, () => {
    const r = rng(seed);
    let out = rect(-2.4, -12, 4.8, 12, '#4a2f1c');
    const tiers = 6;
    for (let i = 0; i < tiers; i++) {
      const top = -100 + i * 13.2;
      const low = -100 + 24 + i * 13.6;
      const half = 7 + i * 4.6;
      const left = [];
      const right = [];
      const m = 3 + Math.floor(i / 2);
      for (let k = 0; k <= m; k++) {
        const x = half * (1 - k / m);
        left.push(`L${n(-x)} ${n(low - (k % 2 ? 0 : 2.6) + r.in(-0.6, 0.6) + (1 - x / half) * 2.5)}`);
        right.push(`L${n(x)} ${n(low - (k % 2 ? 0 : 2.6) + r.in(-0.6, 0.6) + (1 - x / half) * 2.5)}`);
      }
      const whole = `M0 ${n(top)}Q${n(-half * 0.35)} ${n((top + low) / 2)} ${left[0].slice(1)}${left.slice(1).join('')}${right.reverse().join('')}Q${n(half * 0.35)} ${n((top + low) / 2)} 0 ${n(top)}Z`;
      out = out + path(whole, a.lin([light, dark], [0.1, 0, 0.8, 1]));
      out += path(`M0 ${n(top)}Q${n(half * 0.35)} ${n((top + low) / 2)} ${n(half)} ${n(low - 2)}L0 ${n(low)}Z`, dark, { opacity: 0.4 });
      if (snow) out += line(`M${n(-half * 0.85)} ${n(low - 4)}Q${n(-half * 0.35)} ${n((top + low) / 2)} 0 ${n(top)}`, '#fff', 2, { opacity: 0.7 });
    }
    return out;
  });
}

/** bowl is a round dish seen from a little above; fill is drawn inside it, between its back and its front. */
export function bowl(a, o) {
  const { x, y, rx, ry, depth, base = rx * 0.42, inside, light, mid, dark, rim, band, fill = '' } = o;
  const front = `M${n(x - rx)} ${n(y)}A${n(rx)} ${n(ry)} 0 0 0 ${n(x + rx)} ${n(y)}C${n(x + rx * 0.98)} ${n(y + depth * 0.62)} ${n(x + base * 1.5)} ${n(y + depth * 0.95)} ${n(x + base)} ${n(y + depth)}Q${n(x)} ${n(y + depth + ry * 0.3)} ${n(x - base)} ${n(y + depth)}C${n(x - base * 1.5)} ${n(y + depth * 0.95)} ${n(x - rx * 0.98)} ${n(y + depth * 0.62)} ${n(x - rx)} ${n(y)}Z`;
  const lip = `M${n(x - rx)} ${n(y)}A${n(rx)} ${n(ry)} 0 0 0 ${n(x + rx)} ${n(y)}`;
  return [
    oval(x, y, rx, ry, a.lin([inside, dark], [0, 0, 0, 1])),
    line(`M${n(x - rx)} ${n(y)}A${n(rx)} ${n(ry)} 0 0 1 ${n(x + rx)} ${n(y)}`, rim, 9),
    group(fill),
    oval(x, y + depth, base * 0.98, ry * 0.24, dark),
    path(front, a.lin([[light, 0], [mid, 0.35], [dark, 1]], [0, 0, 1, 0.35])),
    group([
      oval(x - rx * 0.46, y + depth * 0.42, rx * 0.2, depth * 0.36, '#fff', { opacity: 0.28, filter: a.blur(18), transform: `rotate(18 ${n(x - rx * 0.46)} ${n(y + depth * 0.42)})` }),
      oval(x + rx * 0.2, y + depth * 1.02, rx * 0.9, depth * 0.34, '#160b04', { opacity: 0.3, filter: a.blur(22) }),
      band ? band(lip) : '',
      line(lip, '#160b04', 16, { opacity: 0.18, transform: 'translate(0 9)' }),
    ], { 'clip-path': a.clip(front) }),
    line(lip, rim, 10),
    line(`M${n(x - rx * 0.86)} ${n(y + ry * 0.51)}A${n(rx)} ${n(ry)} 0 0 0 ${n(x - rx * 0.2)} ${n(y + ry * 0.98)}`, '#fff', 4, { opacity: 0.55 }),
  ];
}

/** mound lists places for things heaped in a bowl: back to front, a dome above the rim. */
export function mound(r, x, y, rx, ry, dome, size, spread = 1.42) {
  const places = [];
  const step = size * spread;
  for (let py = y - dome; py <= y + ry; py += step * 0.62) {
    const odd = Math.round((py - y) / (step * 0.62)) % 2 ? step / 2 : 0;
    for (let px = x - rx; px <= x + rx; px += step) {
      const q = [px + odd + r.in(-0.22, 0.22) * size, py + r.in(-0.2, 0.2) * size];
      const u = (q[0] - x) / (rx - size * 0.55);
      if (Math.abs(u) > 1) continue;
      const top = y - dome * Math.pow(1 - u * u, 0.7);
      const low = y + (ry - size * 0.35) * Math.sqrt(1 - u * u);
      if (q[1] >= top && q[1] <= low - size * 0.5) places.push(q);
    }
  }
  // A full row along the front rim, so that no gap shows the inside.
  const row = Math.ceil((rx * 2.3) / step);
  for (let i = 0; i <= row; i++) {
    const q = Math.PI * (i / row);
    places.push([x + Math.cos(q) * (rx - size * 0.6) + r.in(-3, 3), y + Math.sin(q) * (ry - size * 0.3) + r.in(-4, 4) - size * 0.12]);
  }
  return places.sort((p, q) => p[1] - q[1]);
}

/** steam is three rising wisps. */
export function steam(a, x, y, height, opacity = 0.55) {
  const wisp = (dx, h, s) => line(`M${n(x + dx)} ${n(y)}c${n(-30 * s)} ${n(-h * 0.25)} ${n(36 * s)} ${n(-h * 0.4)} 0 ${n(-h * 0.65)}s${n(-8 * s)} ${n(-h * 0.25)} ${n(14 * s)} ${n(-h * 0.35)}`, '#fff', 18, { opacity, filter: a.blur(7) });
  return [wisp(-70, height * 0.8, 1), wisp(0, height, -1), wisp(72, height * 0.72, 1.1)];
}

/** table is the stage of a product picture: a washed wall with leaf shadows, a disc of light, a table top. */
export function stage(a, o) {
  const { wall, glow, top, edge, disc: halo, tableY = 760, leaves = true } = o;
  const { width: w, height: h, r } = a;
  a.add(rect(0, 0, w, h, a.rad([[wall[0], 0], [wall[1], 1]], [0.36, 0.28, 0.95])));
  if (halo) a.add(disc(w * 0.5, h * 0.44, w * 0.36, a.lin(halo, [0.2, 0, 0.7, 1])), disc(w * 0.5, h * 0.44, w * 0.36, glow || '#fff', { opacity: 0.16 }));
  a.add(group([path(`M-40 180L${n(w * 0.62)} -160L${n(w * 0.86)} -160L-40 ${n(h * 0.5)}Z`, '#fff', { opacity: 0.3 }), path(`M-40 ${n(h * 0.58)}L${n(w)} -60L${n(w * 1.1)} 30L-40 ${n(h * 0.72)}Z`, '#fff', { opacity: 0.2 })], { filter: a.blur(20) }));
  if (leaves) {
    const id = leaf(a, '#123a22', '#123a22', 'shadow');
    const twig = [];
    for (let i = 0; i < 11; i++) {
      const t = i / 10;
      twig.push(a.use(id, w * (1.03 - t * 0.42), h * (0.02 + t * t * 0.3), r.in(1.2, 1.7), (i % 2 ? 95 : 200) + r.in(-18, 18)));
    }
    a.add(group([line(`M${n(w * 1.05)} ${n(-10)}Q${n(w * 0.78)} ${n(h * 0.06)} ${n(w * 0.6)} ${n(h * 0.34)}`, '#123a22', 9), ...twig], { opacity: 0.15, filter: a.blur(9) }));
  }
  a.add(rect(0, tableY, w, h - tableY, a.lin([[top[0], 0], [top[1], 1]], [0, 0, 0.25, 1])));
  const grain = [];
  for (let i = 0; i < 15; i++) {
    const y = tableY + 18 + Math.pow(i / 15, 1.4) * (h - tableY);
    const x = r.in(-200, w * 0.7);
    grain.push(line(`M${n(x)} ${n(y)}q${n(r.in(80, 200))} ${n(r.in(-7, 7))} ${n(r.in(220, 620))} ${n(r.in(-4, 4))}`, edge, r.in(1.5, 3.5), { opacity: 0.4 }));
  }
  a.add(grain, rect(0, tableY, w, 7, '#fff', { opacity: 0.35 }), rect(0, tableY - 26, w, 26, a.lin([['#2a1708', 0, 0], ['#2a1708', 1, 0.13]])));
  a.add(path(`M0 ${n(h * 0.83)}L${n(w * 0.6)} ${tableY}L${n(w * 0.86)} ${tableY}L0 ${h}Z`, '#fff', { opacity: 0.13, filter: a.blur(18) }));
  return a;
}
