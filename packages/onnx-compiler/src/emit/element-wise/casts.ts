/** Conversions between data types. */
import { type DataType, dataTypeInfo } from '@serving/core/tensor';
import { boolAttribute } from '../../graph/attribute-readers.js';
import { onnxDataType } from '../builder/onnx-data-type.js';
import type { Emitter, EmitterTable } from '../emitter.js';
import { inputType, inputValues } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';
import { direct, wideType } from './formula.js';

const FLOATS: ReadonlySet<DataType> = new Set(['float', 'double', 'half', 'bfloat16']);

const bytesOf = (dtype: DataType): number => dataTypeInfo(dtype).array?.BYTES_PER_ELEMENT ?? 0;

/** What TensorFlow makes of numbers from 2^64 on as uint64, where ONNX Runtime makes 0. */
const BEYOND_UINT64 = 2n ** 63n;

const castTo: Emitter = (node, builder, context) => {
  const from = inputType(node, 0);
  const to = node.outputs[0]!.dtype;
  const [value] = inputValues(node, context);
  for (const dtype of [from, to]) {
    if (onnxDataType(dtype) === undefined) context.refuse(node, `no ONNX operator for ${dtype}`);
  }
  if (
    FLOATS.has(from) &&
    FLOATS.has(to) &&
    bytesOf(to) < bytesOf(from) &&
    boolAttribute(node.attributes, 'Truncate', false)
  ) {
    context.refuse(node, 'rounding towards zero (Truncate) has no ONNX operator');
  }
  if (onnxDataType(from) === onnxDataType(to)) return [value!];
  const wide = wideType(from);
  const given = cast(builder, value!, from, wide);
  const result = cast(builder, given, wide, to);
  if (!FLOATS.has(from) || to !== 'uint64') return [result];
  const source = new TypedMath(node, builder, context, wide);
  const target = source.in(to);
  const isBeyond = source.test('GreaterOrEqual', [given, source.scalar(2 ** 64)]);
  return [target.where(isBeyond, target.scalar(BEYOND_UINT64), result)];
};

const bitcast: Emitter = (node, builder, context) => {
  const from = inputType(node, 0);
  const to = node.outputs[0]!.dtype;
  const [value] = inputValues(node, context);
  if (bytesOf(from) !== bytesOf(to)) context.refuse(node, `no ONNX operator from ${from} to ${to}`);
  if (!FLOATS.has(from) && !FLOATS.has(to)) return [cast(builder, value!, from, to)];
  return [builder.node('BitCast', [value!], { to: { int: onnxDataType(to)! } })];
};

const rounded = direct('Round');

/** Integers are never rounded by what TensorFlow's Python makes; its kernel makes 0 of them. */
const round: Emitter = (node, builder, context) =>
  FLOATS.has(inputType(node, 0))
    ? rounded(node, builder, context)
    : context.refuse(node, 'no ONNX operator for integers');

export const casts: EmitterTable = {
  Cast: castTo,
  Bitcast: bitcast,
  Rint: rounded,
  Round: round,
};
