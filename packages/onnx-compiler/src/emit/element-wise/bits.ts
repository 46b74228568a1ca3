/** Bits of integers: logic and shifts. */
import { type DataType, dataTypeInfo } from '@serving/core/tensor';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { cast, type TypedMath } from '../typed-math.js';
import { direct, formula } from './formula.js';

/** The type in which bits of a type are shifted. A value of 16 bits has room above it. */
const SHIFTED: Partial<Record<DataType, DataType>> = {
  int8: 'uint8',
  uint8: 'uint8',
  int16: 'uint32',
  uint16: 'uint32',
  int32: 'uint32',
  uint32: 'uint32',
  int64: 'uint64',
  uint64: 'uint64',
};

/** TensorFlow takes counts outside of the type's width as the nearest one inside. */
function clampedCount(math: TypedMath, count: OnnxValue): OnnxValue {
  const bits = 8 * dataTypeInfo(math.dtype).array!.BYTES_PER_ELEMENT;
  return math.min(math.max(count, math.scalar(0)), math.scalar(bits - 1));
}

function shift(math: TypedMath, x: OnnxValue, count: OnnxValue, direction: 'LEFT' | 'RIGHT'): OnnxValue {
  const type = SHIFTED[math.dtype]!;
  const operands = [x, count].map((value) => cast(math.builder, value, math.dtype, type));
  return cast(
    math.builder,
    math.builder.node('BitShift', operands, { direction: { string: direction } }),
    type,
    math.dtype,
  );
}

const invert = (math: TypedMath, x: OnnxValue): OnnxValue => math.builder.node('BitwiseNot', [x]);

const leftShift: Emitter = formula((math, [x, y]) => shift(math, x!, clampedCount(math, y!), 'LEFT'));

/** The bits of a negative number are inverted, shifted as a positive one's, and inverted back, which keeps its sign. */
const rightShift: Emitter = formula((math, [x, y]) => {
  const count = clampedCount(math, y!);
  if (math.dtype.startsWith('u')) return shift(math, x!, count, 'RIGHT');
  const isNegative = math.less(x!, math.scalar(0));
  const shifted = shift(math, math.where(isNegative, invert(math, x!), x!), count, 'RIGHT');
  return math.where(isNegative, invert(math, shifted), shifted);
});

export const bits: EmitterTable = {
  BitwiseAnd: direct('BitwiseAnd'),
  BitwiseOr: direct('BitwiseOr'),
  BitwiseXor: direct('BitwiseXor'),
  Invert: direct('BitwiseNot'),
  LeftShift: leftShift,
  RightShift: rightShift,
};
