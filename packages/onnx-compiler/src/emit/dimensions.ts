/** Shapes, sizes and positions as values of the graph. All of them are int64. */
import type { DataType } from '@serving/core/tensor';
import type { OnnxBuilder, OnnxValue } from './emitter.js';
import { cast } from './typed-math.js';

/** A value's dimensions from `start` up to `end`, a vector. Negative ends count from the back. */
export function shapeOf(builder: OnnxBuilder, value: OnnxValue, start = 0, end?: number): OnnxValue {
  const attributes = { ...(start !== 0 && { start: { int: start } }), ...(end !== undefined && { end: { int: end } }) };
  return builder.node('Shape', [value], attributes);
}

/** One dimension of a value, as a scalar. */
export function sizeOf(builder: OnnxBuilder, value: OnnxValue, axis: number): OnnxValue {
  const vector = shapeOf(builder, value, axis, axis === -1 ? undefined : axis + 1);
  return builder.node('Squeeze', [vector]);
}

/** An integer value as int64. */
export const asInt64 = (builder: OnnxBuilder, value: OnnxValue, dtype: DataType): OnnxValue =>
  cast(builder, value, dtype, 'int64');

/** A value of one element, or any vector, as a vector of int64. */
export function asVector(builder: OnnxBuilder, value: OnnxValue, dtype: DataType): OnnxValue {
  return builder.node('Reshape', [asInt64(builder, value, dtype), builder.int64s([-1])]);
}

/** A value of one element as an int64 scalar. */
export function asScalar(builder: OnnxBuilder, value: OnnxValue, dtype: DataType): OnnxValue {
  return builder.node('Reshape', [asInt64(builder, value, dtype), builder.int64s([])]);
}

/** Vectors one after the other. */
export function joined(builder: OnnxBuilder, ...vectors: readonly OnnxValue[]): OnnxValue {
  return vectors.length === 1 ? vectors[0]! : builder.node('Concat', vectors, { axis: { int: 0 } });
}

/** 0, 1, … up to a scalar. */
export function positions(builder: OnnxBuilder, count: OnnxValue): OnnxValue {
  return builder.node('Range', [builder.scalar('int64', 0), count, builder.scalar('int64', 1)]);
}

/** The product of a vector of sizes, as a scalar. It stays below 2^53, as double can count. */
export function productOf(builder: OnnxBuilder, sizes: OnnxValue): OnnxValue {
  return builder.node('ReduceProd', [sizes], { keepdims: { int: 0 } });
}

/** A value with dimensions of size 1 added at these axes of the result. */
export function unsqueezed(builder: OnnxBuilder, value: OnnxValue, ...axes: readonly number[]): OnnxValue {
  return axes.length === 0 ? value : builder.node('Unsqueeze', [value, builder.int64s(axes)]);
}

/** The elements of an axis from `start` up to `end`. */
export function sliced(builder: OnnxBuilder, value: OnnxValue, axis: number, start: number, end: number): OnnxValue {
  return builder.node('Slice', [value, builder.int64s([start]), builder.int64s([end]), builder.int64s([axis])]);
}

/** The end of a slice that goes on to the axis's end. */
export const TO_THE_END: number = 2 ** 53;
