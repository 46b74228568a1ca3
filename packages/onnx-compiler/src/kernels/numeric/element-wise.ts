/** Operations that compute each element of numbers from those at the same place. */
import { ServingError } from '@serving/core/portable';
import { type DataType, dataTypeInfo, elementCount, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { broadcastPositions, broadcastShapes } from '../elements/broadcast.js';
import { isBig, isFloating, numbersOf, numberTensor, rounderOf } from '../elements/numbers.js';
import type { KernelFactory } from '../kernel.js';

type Round = (value: number) => number;

/**
 * An operation's arithmetic: on floating-point numbers, on integers up to 32 bits, and on 64-bit integers. Results are rounded or
 * wrapped afterwards; `round` does so in between.
 */
export interface UnaryArithmetic {
  readonly float?: (x: number, round: Round) => number;
  readonly integer?: (x: number) => number;
  readonly big?: (x: bigint) => bigint;
}

/** As {@link UnaryArithmetic}, of two numbers. */
export interface BinaryArithmetic {
  readonly float?: (x: number, y: number, round: Round) => number;
  readonly integer?: (x: number, y: number) => number;
  readonly big?: (x: bigint, y: bigint) => bigint;
}

/** The kernel of a unary operation that keeps the dtype. */
export function unaryKernel(op: string, arithmetic: UnaryArithmetic): KernelFactory {
  return () =>
    ([x]) => {
      const { dtype, shape } = x!;
      if (isBig(dtype)) {
        const apply = arithmetic.big ?? unsupported(op, dtype);
        const data = (x!.data as BigInt64Array).slice();
        for (let i = 0; i < data.length; i++) data[i] = apply(data[i]!);
        return [{ dtype, shape, data } as Tensor];
      }
      const apply = arithmeticOf(dtype, arithmetic) ?? unsupported(op, dtype);
      const round = rounderOf(dtype);
      const from = numbersOf(x!);
      const values = newValues(dtype, from.length);
      for (let i = 0; i < from.length; i++) values[i] = apply(from[i]!, round);
      return [numberTensor(dtype, shape, values)];
    };
}

/** The kernel of a binary operation that broadcasts and keeps the dtype. */
export function binaryKernel(op: string, arithmetic: BinaryArithmetic): KernelFactory {
  return () =>
    ([x, y]) => [binaryResult(op, arithmetic, x!, y!)];
}

/** The kernel of one binary operation after another: of the first and the third input, then of that and the second. */
export function chainKernel(op: string, first: BinaryArithmetic, second: BinaryArithmetic): KernelFactory {
  return () =>
    ([x, y, z]) => [binaryResult(op, second, binaryResult(op, first, x!, z!), y!)];
}

/** Two tensors of one dtype, broadcast and computed. */
function binaryResult(op: string, arithmetic: BinaryArithmetic, x: Tensor, y: Tensor): Tensor {
  const { dtype } = x;
  const shape = broadcastShapes(x.shape, y.shape);
  const left = broadcastPositions(x.shape, shape);
  const right = broadcastPositions(y.shape, shape);
  const count = elementCount(shape);
  if (isBig(dtype)) {
    const apply = arithmetic.big ?? unsupported(op, dtype);
    const [a, b] = [x.data as BigInt64Array, y.data as BigInt64Array];
    const ArrayType = dataTypeInfo(dtype).array as unknown as BigInt64ArrayConstructor;
    const data = new ArrayType(count);
    for (let i = 0; i < count; i++) data[i] = apply(a[left?.[i] ?? i]!, b[right?.[i] ?? i]!);
    return { dtype, shape, data } as Tensor;
  }
  const apply = arithmeticOf(dtype, arithmetic) ?? unsupported(op, dtype);
  const round = rounderOf(dtype);
  const [a, b] = [numbersOf(x), numbersOf(y)];
  const values = newValues(dtype, count);
  for (let i = 0; i < count; i++) values[i] = apply(a[left?.[i] ?? i]!, b[right?.[i] ?? i]!, round);
  return numberTensor(dtype, shape, values);
}

function arithmeticOf<F, I>(dtype: DataType, { float, integer }: { float?: F; integer?: I }): F | I | undefined {
  if (isFloating(dtype)) return float;
  return dtype === 'bool' ? undefined : integer;
}

/** The array that holds values while they are computed: of the dtype's own width, except for 16-bit floats. */
function newValues(dtype: TensorDataType, length: number): Float64Array {
  if (dtype === 'half' || dtype === 'bfloat16') return new Float64Array(length);
  const ArrayType = dataTypeInfo(dtype).array as unknown as Float64ArrayConstructor;
  return new ArrayType(length);
}

/** @throws always */
export function unsupported(op: string, dtype: DataType): never {
  throw new ServingError('UNIMPLEMENTED', `${op} of ${dtype} is not supported outside of the ONNX model`);
}
