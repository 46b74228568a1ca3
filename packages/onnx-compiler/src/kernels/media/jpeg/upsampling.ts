/** Components with fewer samples than the image, brought to its size. */

/** Samples of one component. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly stride: number;
  readonly data: Uint8Array;
}

/** A plane of `width` × `height`, from one that has a sample for every `h` × `v`. `fancy` interpolates where the JPEG library does. */
export function upsampled(plane: Plane, h: number, v: number, width: number, height: number, fancy: boolean): Plane {
  if (h === 1 && v === 1) return plane;
  if (fancy && h === 2 && v <= 2 && plane.width > 2) return v === 2 ? doubledBoth(plane) : doubledAcross(plane);
  if (fancy && h === 1 && v === 2) return doubledDown(plane);
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / v) * plane.stride;
    for (let x = 0; x < width; x++) data[y * width + x] = plane.data[row + Math.floor(x / h)]!;
  }
  return { width, height, stride: width, data };
}

function doubledAcross({ width, height, stride, data }: Plane): Plane {
  const result = new Uint8Array(2 * width * height);
  for (let y = 0; y < height; y++) {
    const at = (x: number) => data[y * stride + x]!;
    for (let x = 0; x < width; x++) {
      const to = 2 * (y * width + x);
      result[to] = x === 0 ? at(0) : (3 * at(x) + at(x - 1) + 1) >> 2;
      result[to + 1] = x === width - 1 ? at(x) : (3 * at(x) + at(x + 1) + 2) >> 2;
    }
  }
  return { width: 2 * width, height, stride: 2 * width, data: result };
}

/** The other row that a row of the result is made of. */
function neighbour(y: number, height: number): number {
  const row = y >> 1;
  return y % 2 === 0 ? Math.max(row - 1, 0) : Math.min(row + 1, height - 1);
}

function doubledDown({ width, height, stride, data }: Plane): Plane {
  const result = new Uint8Array(2 * width * height);
  for (let y = 0; y < 2 * height; y++) {
    const [near, far] = [(y >> 1) * stride, neighbour(y, height) * stride];
    const bias = y % 2 === 0 ? 1 : 2;
    for (let x = 0; x < width; x++) result[y * width + x] = (3 * data[near + x]! + data[far + x]! + bias) >> 2;
  }
  return { width, height: 2 * height, stride: width, data: result };
}

function doubledBoth({ width, height, stride, data }: Plane): Plane {
  const result = new Uint8Array(4 * width * height);
  for (let y = 0; y < 2 * height; y++) {
    const [near, far] = [(y >> 1) * stride, neighbour(y, height) * stride];
    const sum = (x: number) => 3 * data[near + x]! + data[far + x]!;
    for (let x = 0; x < width; x++) {
      const to = 2 * (y * width + x);
      const own = sum(x);
      result[to] = x === 0 ? (4 * own + 8) >> 4 : (3 * own + sum(x - 1) + 8) >> 4;
      result[to + 1] = x === width - 1 ? (4 * own + 7) >> 4 : (3 * own + sum(x + 1) + 7) >> 4;
    }
  }
  return { width: 2 * width, height: 2 * height, stride: 2 * width, data: result };
}
