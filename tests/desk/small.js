// Makes a PNG of few colours out of one of many: text and flat areas lose nothing that is seen, and two thirds of the
// bytes. In a browser, which brings the reader and the compressor along.

const MOST = 256;
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let rest = index;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

async function small(base64) {
  const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
  const { width, height } = bitmap;
  const surface = new OffscreenCanvas(width, height).getContext("2d");
  surface.drawImage(bitmap, 0, 0);
  const seen = new Uint32Array(surface.getImageData(0, 0, width, height).data.buffer).map((one) => one & 0xffffff);
  const counts = new Map();
  for (const one of seen) counts.set(one, (counts.get(one) ?? 0) + 1);
  const often = [...counts].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map(([colour]) => colour);
  const { palette, place } = paletteOf(often);
  const rows = new Uint8Array((width + 1) * height);
  seen.forEach((one, index) => (rows[index + Math.floor(index / width) + 1] = place.get(one)));
  const compressed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const body = new Uint8Array(await new Response(compressed).arrayBuffer());
  const parts = [
    new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", [...word(width), ...word(height), 8, 3, 0, 0, 0]),
    chunk("PLTE", palette.flatMap(channels)),
    chunk("IDAT", body),
    chunk("IEND", []),
  ];
  const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(whole, (byte) => String.fromCharCode(byte)).join(""));
}

const channels = (colour) => [colour & 255, (colour >> 8) & 255, (colour >> 16) & 255];
const word = (number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];

/** Shades that are near to each other become the most frequent of them; a mark that is rare keeps its colour. */
function paletteOf(often) {
  for (let step = 1; ; step++) {
    const first = new Map();
    const place = new Map();
    for (const colour of often) {
      const near = channels(colour).map((one) => Math.round(one / step)).join();
      if (!first.has(near)) first.set(near, { colour, index: first.size });
      place.set(colour, first.get(near).index);
    }
    if (first.size <= MOST) return { palette: [...first.values()].map(({ colour }) => colour), place };
  }
}

function chunk(name, content) {
  const named = new Uint8Array(4 + content.length);
  named.set([...name].map((letter) => letter.charCodeAt(0)));
  named.set(content, 4);
  let sum = 0xffffffff;
  for (const byte of named) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return new Uint8Array([...word(content.length), ...named, ...word(~sum)]);
}
