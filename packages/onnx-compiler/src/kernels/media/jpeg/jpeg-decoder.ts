/** JPEG images. */
import { checkImageSize, type DecodedImage } from '../decoded-image.js';
import { BitReader, type HuffmanTable, huffmanTable } from './bit-reader.js';
import { accurateDct, fastDct, fastQuantization } from './inverse-dct.js';
import { allocate, type JpegComponent, JpegError, type JpegFrame, readFrame, zigzag } from './jpeg-frame.js';
import { readScan } from './jpeg-scan.js';
import { type Plane, upsampled } from './upsampling.js';

/** How an image is decoded. */
export interface JpegOptions {
  /** 1 for grey, 3 for colour, 0 for what the file has. */
  readonly channels: number;
  readonly accurate: boolean;
  readonly fancyUpscaling: boolean;
}

/**
 * Decodes a JPEG file, sequential or progressive, as the JPEG library does to the bit.
 *
 * @throws JpegError for files that are damaged or have a form that is not supported.
 */
export function decodeJpeg(bytes: Uint8Array, options: JpegOptions): DecodedImage {
  const file = new JpegFile(bytes);
  file.read();
  return file.image(options);
}

class JpegFile {
  readonly #bytes: Uint8Array;
  readonly #quantizations: (Int32Array | undefined)[] = [];
  readonly #dc: (HuffmanTable | undefined)[] = [];
  readonly #ac: (HuffmanTable | undefined)[] = [];
  #frame: JpegFrame | undefined;
  #restartInterval = 0;
  #jfif = false;
  #adobe: number | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read(): void {
    const bytes = this.#bytes;
    let at = 2;
    for (;;) {
      while (at < bytes.length && bytes[at] !== 0xff) at++;
      while (bytes[at] === 0xff) at++;
      const marker = bytes[at++];
      if (marker === undefined) throw new JpegError('the data ends before the image');
      if (marker === 0xd9) return;
      if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd8)) continue;
      const length = (bytes[at]! << 8) | bytes[at + 1]!;
      if (!(length >= 2) || at + length > bytes.length) throw new JpegError('a segment is cut off');
      const segment = bytes.subarray(at + 2, at + length);
      at += length;
      if (marker === 0xda) at = this.#scan(segment, at);
      else this.#segment(marker, segment);
    }
  }

  #segment(marker: number, segment: Uint8Array): void {
    if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2) this.#startFrame(segment, marker === 0xc2);
    else if (marker === 0xc4) this.#huffmanTables(segment);
    else if (marker >= 0xc3 && marker <= 0xcf) throw new JpegError(`frames of type ${marker - 0xc0} are not supported`);
    else if (marker === 0xdb) this.#quantizationTables(segment);
    else if (marker === 0xdd) this.#restartInterval = (segment[0]! << 8) | segment[1]!;
    else if (marker === 0xe0 && startsWith(segment, 'JFIF\0')) this.#jfif = true;
    else if (marker === 0xee && startsWith(segment, 'Adobe') && segment.length >= 12) this.#adobe = segment[11];
  }

  #startFrame(segment: Uint8Array, progressive: boolean): void {
    if (this.#frame !== undefined) throw new JpegError('there is more than one frame');
    const frame = readFrame(segment, progressive);
    checkImageSize(frame.width, frame.height);
    allocate(frame);
    this.#frame = frame;
  }

  #quantizationTables(segment: Uint8Array): void {
    for (let at = 0; at < segment.length; ) {
      const [wide, id] = [segment[at]! >> 4, segment[at]! & 15];
      const factors = new Int32Array(64);
      at++;
      for (let k = 0; k < 64; k++) {
        const factor = wide ? (segment[at]! << 8) | segment[at + 1]! : segment[at]!;
        if (!(factor > 0)) throw new JpegError('bad quantization table');
        factors[zigzag[k]!] = factor;
        at += wide ? 2 : 1;
      }
      this.#quantizations[id] = factors;
    }
  }

  #huffmanTables(segment: Uint8Array): void {
    for (let at = 0; at < segment.length; ) {
      const [kind, id] = [segment[at]! >> 4, segment[at]! & 15];
      const counts = segment.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const values = segment.subarray(at + 17, at + 17 + total);
      if (counts.length < 16 || values.length < total) throw new JpegError('bad Huffman table');
      (kind === 0 ? this.#dc : this.#ac)[id] = huffmanTable(counts, values);
      at += 17 + total;
    }
  }

  #scan(segment: Uint8Array, at: number): number {
    const frame = this.#frame;
    const count = segment[0]!;
    if (frame === undefined || segment.length < 4 + 2 * count) throw new JpegError('bad scan header');
    const components = Array.from({ length: count }, (_, i) => {
      const component = frame.components.find(({ id }) => id === segment[1 + 2 * i]);
      if (component === undefined) throw new JpegError('a scan of an unknown component');
      const tables = segment[2 + 2 * i]!;
      return { component, dc: this.#dc[tables >> 4], ac: this.#ac[tables & 15] };
    });
    const [start, end, precision] = segment.subarray(1 + 2 * count) as unknown as [number, number, number];
    if (end > 63 || start > end || (frame.progressive && start > 0 && count > 1))
      throw new JpegError('bad scan header');
    const reader = new BitReader(this.#bytes, at);
    readScan(
      frame,
      { components, start, end, high: precision >> 4, low: precision & 15 },
      reader,
      this.#restartInterval,
    );
    return reader.at;
  }

  image({ channels, accurate, fancyUpscaling }: JpegOptions): DecodedImage {
    const frame = this.#frame;
    if (frame === undefined) throw new JpegError('the frame is missing');
    const { width, height, components } = frame;
    const count = components.length;
    if (count !== 1 && count !== 3) throw new JpegError(`${count} components are not supported`);
    const wanted = channels === 0 ? count : channels;
    const isRgb = count === 3 && this.#isRgb(components);
    if (wanted === 1 && isRgb) throw new JpegError('RGB as grey is not supported');
    const used = wanted === 1 ? components.slice(0, 1) : components;
    const planes = used.map((component) => {
      const plane = this.#plane(component, frame, accurate);
      return upsampled(plane, frame.maxH / component.h, frame.maxV / component.v, width, height, fancyUpscaling);
    });
    const data = new Uint8Array(width * height * wanted);
    if (planes.length === 3 && !isRgb) writeColors(planes, width, height, data);
    else {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < wanted; c++) {
            const plane = planes[Math.min(c, planes.length - 1)]!;
            data[(y * width + x) * wanted + c] = plane.data[y * plane.stride + x]!;
          }
        }
      }
    }
    return { width, height, channels: wanted, data };
  }

  #isRgb(components: readonly JpegComponent[]): boolean {
    if (this.#jfif) return false;
    if (this.#adobe !== undefined) return this.#adobe === 0;
    return String.fromCharCode(...components.map(({ id }) => id)) === 'RGB';
  }

  #plane(component: JpegComponent, frame: JpegFrame, accurate: boolean): Plane {
    const factors = this.#quantizations[component.table];
    if (factors === undefined) throw new JpegError('a quantization table is missing');
    const [transform, scaled] = accurate ? [accurateDct, factors] : [fastDct, fastQuantization(factors)];
    const stride = 8 * component.blocksWide;
    const data = new Uint8Array(stride * 8 * component.blocksHigh);
    for (let row = 0; row < component.blocksHigh; row++) {
      for (let column = 0; column < component.blocksWide; column++) {
        const at = 64 * (row * component.blocksWide + column);
        transform(component.coefficients, at, scaled, data, 8 * (row * stride + column), stride);
      }
    }
    const width = Math.ceil((frame.width * component.h) / frame.maxH);
    const height = Math.ceil((frame.height * component.v) / frame.maxV);
    return { width, height, stride, data };
  }
}

function startsWith(segment: Uint8Array, text: string): boolean {
  return Buffer.from(segment.subarray(0, text.length)).toString('latin1') === text;
}

const FIX = (value: number) => Math.round(value * 65536);
const HALF = 32768;

function writeColors(
  [yPlane, cbPlane, crPlane]: readonly Plane[],
  width: number,
  height: number,
  data: Uint8Array,
): void {
  const clamped = new Uint8ClampedArray(data.buffer);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const y = yPlane!.data[row * yPlane!.stride + column]!;
      const cb = cbPlane!.data[row * cbPlane!.stride + column]! - 128;
      const cr = crPlane!.data[row * crPlane!.stride + column]! - 128;
      const to = 3 * (row * width + column);
      clamped[to] = y + ((FIX(1.402) * cr + HALF) >> 16);
      clamped[to + 1] = y + ((-FIX(0.34414) * cb - FIX(0.71414) * cr + HALF) >> 16);
      clamped[to + 2] = y + ((FIX(1.772) * cb + HALF) >> 16);
    }
  }
}
