// From an SVG to pixels, and from here to the command that serves this page.

export async function post(url, body) {
  const answer = await fetch(url, { method: 'POST', body });
  if (!answer.ok) throw new Error(`${url}: ${await answer.text()}`);
}

/** raster draws an SVG into a new canvas of the given size. */
export async function raster(svg, width, height) {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  const image = new Image();
  await new Promise((ok, bad) => { image.onload = ok; image.onerror = () => bad(new Error('the SVG does not parse')); image.src = url; });
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d').drawImage(image, 0, 0, width, height);
  URL.revokeObjectURL(url);
  return canvas;
}
