/** Quotients and remainders. A divisor of an integer division never reaches ONNX Runtime as 0, and the minimum never with −1. */
import type { DataType } from '@serving/core/tensor';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { allTrue } from '../guards.js';
import { inputType, knownNumbers } from '../node-inputs.js';
import type { TypedMath } from '../typed-math.js';
import { type Formula, formula } from './formula.js';

const FLOATS: ReadonlySet<DataType> = new Set(['float', 'double', 'half', 'bfloat16']);
const UNSIGNED: ReadonlySet<DataType> = new Set(['uint8', 'uint16', 'uint32', 'uint64']);

/** The divisor with 1 in place of 0 and −1, and where it is −1. */
interface SafeDivisor {
  readonly divisor: OnnxValue;
  /** `undefined`: nowhere. */
  readonly isMinusOne: OnnxValue | undefined;
}

function safeDivisor(math: TypedMath, divisor: OnnxValue, node: GraphNode, context: EmitContext): SafeDivisor {
  const known = knownNumbers(node, 1, context);
  if (known?.every((value) => value !== 0 && value !== -1)) return { divisor, isMinusOne: undefined };
  const isZero = math.equal(divisor, math.scalar(0));
  math.builder.guard(allTrue(math.builder, math.not(isZero)), 'Integer division by zero');
  if (UNSIGNED.has(math.dtype)) return { divisor: math.where(isZero, math.scalar(1), divisor), isMinusOne: undefined };
  const isMinusOne = math.equal(divisor, math.scalar(-1));
  return { divisor: math.where(math.or(isZero, isMinusOne), math.scalar(1), divisor), isMinusOne };
}

function quotient(math: TypedMath, x: OnnxValue, { divisor, isMinusOne }: SafeDivisor): OnnxValue {
  const truncated = math.apply('Div', [x, divisor]);
  return isMinusOne === undefined ? truncated : math.where(isMinusOne, math.sub(math.scalar(0), x), truncated);
}

/** Whether the signs of a remainder and its divisor differ; false for a remainder of 0. */
function signsDiffer(math: TypedMath, remainder: OnnxValue, divisor: OnnxValue): OnnxValue {
  const zero = math.scalar(0);
  const differ = math.builder.node('Xor', [math.less(remainder, zero), math.less(divisor, zero)]);
  return math.and(math.not(math.equal(remainder, zero)), differ);
}

const truncateDivInteger: Formula = (math, [x, y], node, context) =>
  quotient(math, x!, safeDivisor(math, y!, node, context));

const floorDivInteger: Formula = (math, [x, y], node, context) => {
  const safe = safeDivisor(math, y!, node, context);
  const truncated = quotient(math, x!, safe);
  if (UNSIGNED.has(math.dtype)) return truncated;
  const remainder = math.sub(x!, math.mul(truncated, y!));
  return math.where(signsDiffer(math, remainder, y!), math.sub(truncated, math.scalar(1)), truncated);
};

/** A divisor of −1 leaves nothing, as 1 does, which stands in its place. */
const floorModInteger: Formula = (math, [x, y], node, context) =>
  math.apply('Mod', [x!, safeDivisor(math, y!, node, context).divisor], { fmod: { int: 0 } });

/** From the quotient: ONNX Runtime's own goes through double. */
const truncateModInteger: Formula = (math, [x, y], node, context) => {
  const { divisor } = safeDivisor(math, y!, node, context);
  return math.sub(x!, math.mul(math.apply('Div', [x!, divisor]), divisor));
};

const truncateModFloat: Formula = (math, [x, y]) => math.apply('Mod', [x!, y!], { fmod: { int: 1 } });

const floorModFloat: Formula = (math, [x, y]) => {
  const remainder = math.apply('Mod', [x!, y!], { fmod: { int: 1 } });
  return math.where(signsDiffer(math, remainder, y!), math.add(remainder, y!), remainder);
};

/** One formula for floating-point numbers, another one for integers. */
const byType = (float: Formula, integer: Formula): Emitter => {
  const forFloats = formula(float);
  const forIntegers = formula(integer);
  return (node, builder, context) => (FLOATS.has(inputType(node, 0)) ? forFloats : forIntegers)(node, builder, context);
};

const divFloat: Formula = (math, [x, y]) => math.div(x!, y!);

export const division: EmitterTable = {
  RealDiv: byType(divFloat, truncateDivInteger),
  Div: byType(divFloat, truncateDivInteger),
  TruncateDiv: byType(divFloat, truncateDivInteger),
  FloorDiv: byType((math, [x, y]) => math.floor(math.div(x!, y!)), floorDivInteger),
  FloorMod: byType(floorModFloat, floorModInteger),
  Mod: byType(truncateModFloat, truncateModInteger),
  TruncateMod: byType(truncateModFloat, truncateModInteger),
};
