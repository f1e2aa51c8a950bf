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

try {
  const only = new URLSearchParams(location.search).get('only') || '';
  for (const [name, draw] of Object.entries({ ...products, ...portraits, ...covers, ...heroes })) {
    if (name.includes(only)) await save(name, draw());
  }
  await post('/done', '');
} catch (err) {
  await post('/done', String(err.stack || err));
}
