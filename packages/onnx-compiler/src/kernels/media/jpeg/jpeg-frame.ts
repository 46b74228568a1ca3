/** The structure of a JPEG file: tables, components, scans. */

/** A file that can't be decoded, with the reason. */
export class JpegError extends Error {
  override readonly name: string = 'JpegError';
}

/** One colour component. */
export interface JpegComponent {
  readonly id: number;
  readonly h: number;
  readonly v: number;
  readonly table: number;
  /** Blocks by row and column, with those that fill the last units. */
  blocksWide: number;
  blocksHigh: number;
  /** Quantized coefficients in natural order, 64 for each block. */
  coefficients: Int16Array;
}

/** What the header of a frame says. */
export interface JpegFrame {
  readonly progressive: boolean;
  readonly width: number;
  readonly height: number;
  readonly maxH: number;
  readonly maxV: number;
  readonly components: readonly JpegComponent[];
}

/** Reads the header of a frame. */
export function readFrame(segment: Uint8Array, progressive: boolean): JpegFrame {
  if (segment.length < 6 || segment[0] !== 8) throw new JpegError('only samples of 8 bits are supported');
  const [height, width, count] = [(segment[1]! << 8) | segment[2]!, (segment[3]! << 8) | segment[4]!, segment[5]!];
  if (segment.length < 6 + 3 * count || count === 0 || count > 4) throw new JpegError('bad frame header');
  const parts = Array.from({ length: count }, (_, i) => segment.subarray(6 + 3 * i, 9 + 3 * i));
  const components = parts.map(([id, factors, table]) => {
    const [h, v] = [factors! >> 4, factors! & 15];
    if (h < 1 || h > 4 || v < 1 || v > 4 || table! > 3) throw new JpegError('bad component');
    return { id: id!, h, v, table: table!, blocksWide: 0, blocksHigh: 0, coefficients: new Int16Array(0) };
  });
  const maxH = Math.max(...components.map(({ h }) => h));
  const maxV = Math.max(...components.map(({ v }) => v));
  return { progressive, width, height, maxH, maxV, components };
}

/** Makes room for the coefficients. */
export function allocate(frame: JpegFrame): void {
  const unitsWide = Math.ceil(frame.width / (8 * frame.maxH));
  const unitsHigh = Math.ceil(frame.height / (8 * frame.maxV));
  for (const component of frame.components) {
    component.blocksWide = unitsWide * component.h;
    component.blocksHigh = unitsHigh * component.v;
    component.coefficients = new Int16Array(64 * component.blocksWide * component.blocksHigh);
  }
}

/** Natural positions of coefficients in the order of the file. */
export const zigzag: Uint8Array = Uint8Array.of(
  ...[
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28,
  ],
  ...[
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47,
    55, 62, 63,
  ],
);
