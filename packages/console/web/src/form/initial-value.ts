/** Values that a form begins with. */
import type { Dimension } from '../../../src/api/console-api.js';
import type { DataType } from '../tensors/data-type.js';
import { nestedText } from '../tensors/nested-values.js';
import { type Scalar, sizeOf, type Tensor } from '../tensors/tensor.js';

const SMALL = 48;

/** Declared sizes with a guess for those that are not. */
export function likelySizes(dimensions: readonly Dimension[] | undefined): number[] {
  return (dimensions ?? [{ size: -1 }]).map(({ size }, i) => {
    if (size >= 0) return size;
    return i === 0 ? 1 : 4;
  });
}

export function isSmall(sizes: readonly number[]): boolean {
  return sizeOf(sizes) <= SMALL;
}

/** JSON of the right shape, for a person to change; empty where it would be long. */
export function exampleText(dtype: DataType, dimensions: readonly Dimension[] | undefined): string {
  if (dtype.kind === 'example') return '[{"feature": [1.0]}]';
  const shape = likelySizes(dimensions);
  if (!isSmall(shape)) return '';
  const value: Scalar = dtype.kind === 'string' ? 'text' : dtype.kind === 'bool' ? true : 1;
  return nestedText({ shape, values: new Array<Scalar>(sizeOf(shape)).fill(value) }).replaceAll(',', ', ');
}

export const FILLS = {
  random: 'Random 0 … 1',
  normal: 'Normal',
  zeros: 'Zeros',
  ones: 'Ones',
  count: '0, 1, 2, …',
} as const;
export type Fill = keyof typeof FILLS;

/** A tensor of made values; integers are random up to 9. */
export function filledTensor(fill: Fill, dtype: DataType, shape: readonly number[]): Tensor {
  const isFloat = dtype.kind === 'float';
  const makers: Readonly<Record<Fill, (i: number) => number>> = {
    random: () => (isFloat ? rounded(Math.random()) : Math.floor(Math.random() * 10)),
    normal: () => (isFloat ? rounded(normal()) : Math.round(normal() * 3)),
    zeros: () => 0,
    ones: () => 1,
    count: (i) => i,
  };
  const make = makers[fill];
  const values = Array.from(
    { length: sizeOf(shape) },
    (_, i): Scalar => (dtype.kind === 'bool' ? make(i) % 2 >= 0.5 : make(i)),
  );
  return { dtype, shape, values };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

/** By Box and Muller's transform. */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}
