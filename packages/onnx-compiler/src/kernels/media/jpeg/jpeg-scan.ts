/** Coefficients of one scan, baseline or progressive. */
import type { BitReader, HuffmanTable } from './bit-reader.js';
import { type JpegComponent, JpegError, type JpegFrame, zigzag } from './jpeg-frame.js';

/** What the header of a scan says. */
export interface JpegScan {
  readonly components: readonly {
    component: JpegComponent;
    dc: HuffmanTable | undefined;
    ac: HuffmanTable | undefined;
  }[];
  readonly start: number;
  readonly end: number;
  readonly high: number;
  readonly low: number;
}

/** Reads the coefficients of a scan into the components. */
export function readScan(frame: JpegFrame, scan: JpegScan, reader: BitReader, restartInterval: number): void {
  const decoder = new ScanDecoder(scan, reader, frame.progressive);
  const single = scan.components.length === 1 ? scan.components[0]!.component : undefined;
  const across = (size: number, factor: number, most: number) => Math.ceil(Math.ceil((size * factor) / most) / 8);
  const wide = single ? across(frame.width, single.h, frame.maxH) : Math.ceil(frame.width / (8 * frame.maxH));
  const high = single ? across(frame.height, single.v, frame.maxV) : Math.ceil(frame.height / (8 * frame.maxV));
  for (let unit = 0; unit < wide * high; unit++) {
    if (restartInterval > 0 && unit > 0 && unit % restartInterval === 0) {
      reader.restart();
      decoder.restart();
    }
    const [row, column] = [Math.floor(unit / wide), unit % wide];
    if (single !== undefined) {
      decoder.block(0, 64 * (row * single.blocksWide + column));
      continue;
    }
    for (const [i, { component }] of scan.components.entries()) {
      for (let v = 0; v < component.v; v++) {
        for (let h = 0; h < component.h; h++) {
          decoder.block(i, 64 * ((row * component.v + v) * component.blocksWide + column * component.h + h));
        }
      }
    }
  }
}

class ScanDecoder {
  readonly #scan: JpegScan;
  readonly #reader: BitReader;
  readonly #progressive: boolean;
  readonly #predictions: number[];
  /** Blocks that have no more coefficients in this scan. */
  #run = 0;

  constructor(scan: JpegScan, reader: BitReader, progressive: boolean) {
    this.#scan = scan;
    this.#reader = reader;
    this.#progressive = progressive;
    this.#predictions = scan.components.map(() => 0);
  }

  restart(): void {
    this.#predictions.fill(0);
    this.#run = 0;
  }

  block(i: number, at: number): void {
    const { start, end, high } = this.#scan;
    const { component, dc, ac } = this.#scan.components[i]!;
    const { coefficients } = component;
    if (!this.#progressive) {
      this.#firstDc(i, dc, coefficients, at, 0);
      this.#sequentialAc(ac, coefficients, at);
    } else if (start === 0) {
      if (high === 0) this.#firstDc(i, dc, coefficients, at, this.#scan.low);
      else if (this.#reader.bit() === 1) coefficients[at] = coefficients[at]! | (1 << this.#scan.low);
    } else if (high === 0) this.#firstAc(table(ac), coefficients, at, start, end);
    else this.#refineAc(table(ac), coefficients, at, start, end);
  }

  #firstDc(i: number, dc: HuffmanTable | undefined, coefficients: Int16Array, at: number, low: number): void {
    this.#predictions[i] = this.#predictions[i]! + this.#reader.signed(this.#reader.symbol(table(dc)) & 15);
    coefficients[at] = this.#predictions[i]! << low;
  }

  #sequentialAc(ac: HuffmanTable | undefined, coefficients: Int16Array, at: number): void {
    const codes = table(ac);
    for (let k = 1; k < 64; k++) {
      const symbol = this.#reader.symbol(codes);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run < 15) return;
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw new JpegError('too many coefficients');
      coefficients[at + zigzag[k]!] = this.#reader.signed(size);
    }
  }

  #firstAc(codes: HuffmanTable, coefficients: Int16Array, at: number, start: number, end: number): void {
    if (this.#run > 0) {
      this.#run--;
      return;
    }
    for (let k = start; k <= end; k++) {
      const symbol = this.#reader.symbol(codes);
      const [run, size] = [symbol >> 4, symbol & 15];
      if (size === 0) {
        if (run < 15) {
          this.#run = (1 << run) - 1 + this.#reader.bits(run);
          return;
        }
        k += 15;
        continue;
      }
      k += run;
      if (k > 63) throw new JpegError('too many coefficients');
      coefficients[at + zigzag[k]!] = this.#reader.signed(size) * (1 << this.#scan.low);
    }
  }

  #refineAc(codes: HuffmanTable, coefficients: Int16Array, at: number, start: number, end: number): void {
    let k = start;
    if (this.#run === 0) {
      for (; k <= end; k++) {
        const symbol = this.#reader.symbol(codes);
        const [run, size] = [symbol >> 4, symbol & 15];
        if (size === 0 && run < 15) {
          this.#run = (1 << run) + this.#reader.bits(run);
          break;
        }
        const value = size === 0 ? 0 : this.#reader.bit() === 1 ? 1 << this.#scan.low : -1 << this.#scan.low;
        k = this.#passZeros(coefficients, at, k, end, run);
        if (value !== 0 && k <= 63) coefficients[at + zigzag[k]!] = value;
      }
    }
    if (this.#run > 0) {
      this.#passZeros(coefficients, at, k, end, 64);
      this.#run--;
    }
  }

  /** Refines the coefficients that are set, up to the one after `zeros` that are not. */
  #passZeros(coefficients: Int16Array, at: number, from: number, end: number, zeros: number): number {
    let left = zeros;
    let k = from;
    for (; k <= end; k++) {
      const place = at + zigzag[k]!;
      const value = coefficients[place]!;
      if (value === 0) {
        if (left-- === 0) break;
      } else if (this.#reader.bit() === 1 && (Math.abs(value) & (1 << this.#scan.low)) === 0) {
        coefficients[place] = value + Math.sign(value) * (1 << this.#scan.low);
      }
    }
    return k;
  }
}

function table(codes: HuffmanTable | undefined): HuffmanTable {
  if (codes === undefined) throw new JpegError('a Huffman table is missing');
  return codes;
}
