/** Dimensions that are numbers where they are known and values where they are not. */
import { joined, shapeOf } from '../dimensions.js';
import type { OnnxBuilder, OnnxValue } from '../emitter.js';

/** A size: known, or a vector of one int64. */
export type Size = number | OnnxValue;

/** A value's dimensions. */
export function sizesOf(builder: OnnxBuilder, value: OnnxValue, shape: readonly number[]): Size[] {
  return shape.map((size, axis) => (size >= 0 ? size : shapeOf(builder, value, axis, axis + 1)));
}

const asValue = (builder: OnnxBuilder, size: Size): OnnxValue =>
  typeof size === 'number' ? builder.int64s([size]) : size;

/** Arithmetic on sizes; on known ones without a node. */
export function combine(builder: OnnxBuilder, operator: 'Add' | 'Sub' | 'Mul' | 'Div', a: Size, b: Size): Size {
  if (typeof a === 'string' || typeof b === 'string') {
    return builder.node(operator, [asValue(builder, a), asValue(builder, b)]);
  }
  const compute = { Add: a + b, Sub: a - b, Mul: a * b, Div: Math.floor(a / b) };
  return compute[operator];
}

/** Sizes as one vector of int64. */
export function sizeVector(builder: OnnxBuilder, sizes: readonly Size[]): OnnxValue {
  if (sizes.every((size) => typeof size === 'number')) return builder.int64s(sizes);
  return joined(builder, ...sizes.map((size) => asValue(builder, size)));
}

/** A value in a shape of sizes. */
export function reshaped(builder: OnnxBuilder, value: OnnxValue, sizes: readonly Size[]): OnnxValue {
  return builder.node('Reshape', [value, sizeVector(builder, sizes)], { allowzero: { int: 1 } });
}
