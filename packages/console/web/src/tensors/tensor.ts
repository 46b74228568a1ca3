/** Tensors as the page holds them: row-major values with a shape. */
import type { DataType } from './data-type.js';

/** One element. Byte strings that are not UTF-8 text are bytes. */
export type Scalar = number | bigint | string | boolean | Uint8Array;

export interface Tensor {
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly values: ArrayLike<Scalar>;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** `[2, 8, 8, 1]`, with `?` for an unknown size. */
export function shapeText(shape: readonly number[] | undefined): string {
  if (shape === undefined) return 'any shape';
  return shape.length === 0 ? 'scalar' : `[${shape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`;
}

/** The index of a flat offset, one number per dimension. */
export function indexOf(shape: readonly number[], offset: number): number[] {
  const index = new Array<number>(shape.length);
  let rest = offset;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i] ?? 1;
    index[i] = rest % size;
    rest = Math.floor(rest / size);
  }
  return index;
}

/** As a number, for plots and differences; `NaN` for text. */
export function numberOf(value: Scalar | undefined): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  return Number.NaN;
}
