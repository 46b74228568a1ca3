/** Example data for an input, by its data type and shape. */
import type { ClientTensor } from './client-model.js';

/** One value, repeated to fill a shape. */
export interface ExampleValue {
  readonly scalar: number | boolean | string;
  /** Whether the number is to be written with a fraction. */
  readonly isFloat: boolean;
  readonly shape: readonly number[];
}

/** Free dimensions are 1, and so is an unknown rank. The values are valid, and without meaning for the model. */
export function exampleValue({ dtype, shape = [1] }: ClientTensor): ExampleValue {
  const isFloat = dtype === 'float' || dtype === 'double';
  const scalar = dtype === 'string' ? 'example' : dtype === 'bool' ? true : 1;
  return { scalar, isFloat, shape: shape.map((size) => (size < 0 ? 1 : size)) };
}

/** Whether the values are few enough to be written one by one. */
export function isSmall({ shape }: ExampleValue): boolean {
  return shape.reduce((count, size) => count * size, 1) <= LITERAL_VALUES;
}

/** `[[1.0, 1.0]]`, with scalars as `write` puts them. */
export function nestedLiteral(value: ExampleValue, write: (value: ExampleValue) => string): string {
  return value.shape.reduceRight((item, size) => `[${Array(size).fill(item).join(', ')}]`, write(value));
}

/** A scalar in JSON. */
export function jsonScalar({ scalar, isFloat }: ExampleValue): string {
  return isFloat ? `${scalar}.0` : JSON.stringify(scalar);
}

const LITERAL_VALUES = 16;
