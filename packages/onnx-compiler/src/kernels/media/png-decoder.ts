/** PNG images. */
import { inflateSync } from 'node:zlib';
import { checkImageSize, type DecodedImage } from './decoded-image.js';

/** A file that can't be decoded, with the reason. */
export class PngError extends Error {
  override readonly name: string = 'PngError';
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly color: number;
  readonly interlaced: boolean;
}

const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/**
 * Decodes a PNG file. Of samples with 16 bits the high byte is kept.
 *
 * @throws PngError for files that are damaged or have a form that is not supported.
 */
export function decodePng(bytes: Uint8Array): DecodedImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let header: Header | undefined;
  let palette = new Uint8Array(0);
  let transparency: Uint8Array | undefined;
  const pieces: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    const kind = Buffer.from(bytes.subarray(at + 4, at + 8)).toString('latin1');
    if (at + 12 + length > bytes.length) throw new PngError('a chunk is cut off');
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    if (kind === 'IHDR') header = readHeader(chunk);
    else if (kind === 'PLTE') palette = new Uint8Array(chunk);
    else if (kind === 'tRNS') transparency = chunk;
    else if (kind === 'IDAT') pieces.push(chunk);
    else if (kind === 'IEND') break;
    at += 12 + length;
  }
  if (header === undefined) throw new PngError('the header is missing');
  if (header.interlaced) throw new PngError('interlaced images are not supported');
  const rows = unfiltered(inflated(pieces, header), header);
  if (header.depth === 8 && header.color !== 3 && transparency === undefined) {
    return { width: header.width, height: header.height, channels: SAMPLES[header.color]!, data: rows };
  }
  return colored(samplesOf(rows, header), header, palette, transparency);
}

function readHeader(chunk: Uint8Array): Header {
  if (chunk.length < 13) throw new PngError('bad header');
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, color, , , interlace] = chunk.subarray(8) as unknown as [number, number, number, number, number];
  checkImageSize(width, height);
  const depths: Readonly<Record<number, readonly number[]>> = {
    0: [1, 2, 4, 8, 16],
    2: [8, 16],
    3: [1, 2, 4, 8],
    4: [8, 16],
    6: [8, 16],
  };
  if (!depths[color]?.includes(depth)) throw new PngError('bad header');
  return { width, height, depth, color, interlaced: interlace !== 0 };
}

function rowBytes({ width, depth, color }: Header): number {
  return Math.ceil((width * depth * SAMPLES[color]!) / 8);
}

function inflated(pieces: readonly Uint8Array[], header: Header): Uint8Array {
  const expected = (rowBytes(header) + 1) * header.height;
  let data: Uint8Array;
  try {
    data = inflateSync(Buffer.concat(pieces), { maxOutputLength: expected });
  } catch (cause) {
    throw new PngError('the data is damaged', { cause });
  }
  if (data.length < expected) throw new PngError('the data ends early');
  return data;
}

function unfiltered(data: Uint8Array, header: Header): Uint8Array {
  const length = rowBytes(header);
  const back = Math.max(1, (header.depth * SAMPLES[header.color]!) >> 3);
  const rows = new Uint8Array(length * header.height);
  for (let y = 0; y < header.height; y++) {
    const filter = data[y * (length + 1)]!;
    if (filter > 4) throw new PngError('unknown filter');
    const from = data.subarray(y * (length + 1) + 1, (y + 1) * (length + 1));
    const row = rows.subarray(y * length, (y + 1) * length);
    const above = y > 0 ? rows.subarray((y - 1) * length, y * length) : new Uint8Array(length);
    unfilter(filter, from, row, above, back);
  }
  return rows;
}

/** Adds to each byte what the filter foretells of the bytes before it and above. */
function unfilter(filter: number, from: Uint8Array, row: Uint8Array, above: Uint8Array, back: number): void {
  row.set(from);
  const { length } = row;
  if (filter === 1) for (let x = back; x < length; x++) row[x] = row[x]! + row[x - back]!;
  else if (filter === 2) for (let x = 0; x < length; x++) row[x] = row[x]! + above[x]!;
  else if (filter === 3) {
    for (let x = 0; x < length; x++) row[x] = row[x]! + (((x < back ? 0 : row[x - back]!) + above[x]!) >> 1);
  } else if (filter === 4) {
    for (let x = 0; x < length; x++) {
      const [a, c] = x < back ? [0, 0] : [row[x - back]!, above[x - back]!];
      row[x] = row[x]! + paeth(a, above[x]!, c);
    }
  }
}

function paeth(a: number, b: number, c: number): number {
  const estimate = a + b - c;
  const [da, db, dc] = [Math.abs(estimate - a), Math.abs(estimate - b), Math.abs(estimate - c)];
  if (da <= db && da <= dc) return a;
  return db <= dc ? b : c;
}

/** Samples by pixel, unpacked, of as many bits as in the file. */
function samplesOf(rows: Uint8Array, header: Header): Uint16Array {
  const { width, height, depth, color } = header;
  const perRow = width * SAMPLES[color]!;
  const samples = new Uint16Array(perRow * height);
  const length = rowBytes(header);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < perRow; x++) {
      const at = y * length;
      if (depth === 16) samples[y * perRow + x] = (rows[at + 2 * x]! << 8) | rows[at + 2 * x + 1]!;
      else if (depth === 8) samples[y * perRow + x] = rows[at + x]!;
      else {
        const bit = x * depth;
        samples[y * perRow + x] = (rows[at + (bit >> 3)]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
      }
    }
  }
  return samples;
}

function colored(
  samples: Uint16Array,
  { width, height, depth, color }: Header,
  palette: Uint8Array,
  transparency: Uint8Array | undefined,
): DecodedImage {
  const pixels = width * height;
  if (color === 3) {
    const channels = transparency === undefined ? 3 : 4;
    const data = new Uint8Array(pixels * channels);
    for (let i = 0; i < pixels; i++) {
      const entry = samples[i]!;
      if (3 * entry + 2 >= palette.length) throw new PngError('a color is outside of the palette');
      for (let c = 0; c < 3; c++) data[i * channels + c] = palette[3 * entry + c]!;
      if (channels === 4) data[i * 4 + 3] = transparency![entry] ?? 255;
    }
    return { width, height, channels, data };
  }
  if (transparency !== undefined) throw new PngError('a transparent color is not supported');
  const channels = SAMPLES[color]!;
  const most = (1 << depth) - 1;
  const data = Uint8Array.from(samples, (sample) =>
    depth === 16 ? sample >> 8 : depth === 8 ? sample : (sample * 255) / most,
  );
  return { width, height, channels, data };
}
