// Runs in the headless browser: draws every picture asked for and posts SVG and JPEG back.
import { post, raster } from './raster.js';
import { products } from './products.js';
import { portraits, covers, heroes } from './scenes.js';

/** No picture may be heavier; the quality goes down until it fits. */
const maxBytes = 118_000;

async function save(name, art) {
  const svg = art.svg();
  await post(`/save?path=src/${name}.svg`, svg);
  const canvas = await raster(svg, art.width, art.height);
  for (let quality = 0.86; ; quality -= 0.04) {
    const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality });
    if (jpeg.size > maxBytes && quality > 0.5) continue;
    await post(`/save?path=${name}.jpg`, jpeg);
    return;
  }
}

/** icons rasterises the app icon; it is square and full, so that any mask fits it. */
async function icons() {
  const svg = (await (await fetch('icon.svg')).text()).replace('<svg ', '<svg width="512" height="512" ');
  for (const size of [192, 512]) await post(`/save?path=icons/icon-${size}.png`, await (await raster(svg, size, size)).convertToBlob({ type: 'image/png' }));
}

try {
  const only = new URLSearchParams(location.search).get('only') || '';
  for (const [name, draw] of Object.entries({ ...products, ...portraits, ...covers, ...heroes })) {
    if (name.includes(only)) await save(name, draw());
  }
  if ('icons'.includes(only)) await icons();
  await post('/done', '');
} catch (err) {
  await post('/done', String(err.stack || err));
}
