/** Reductions along axes. */
import { ServingError } from '@serving/core/portable';
import { type DataType, elementCount, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { boolAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integersOf, integerTensor, isBig, isFloating, numbersOf, numberTensor } from '../elements/numbers.js';
import { rowMajorStrides, stridedPositions } from '../elements/strides.js';
import type { KernelFactory } from '../kernel.js';
import { unsupported } from './element-wise.js';

/** How the numbers of a set become one; `finish` gets the count too. */
export interface Reduction {
  readonly start: (dtype: DataType) => number;
  readonly add: (sum: number, value: number) => number;
  /** Of integers up to 32 bits; default: `add`. */
  readonly integerAdd?: (sum: number, value: number) => number;
  readonly finish?: (sum: number, count: number, dtype: DataType) => number;
  readonly bigStart?: (dtype: DataType) => bigint;
  readonly bigAdd?: (sum: bigint, value: bigint) => bigint;
  readonly bigFinish?: (sum: bigint, count: bigint) => bigint;
}

/** The sets of a reduction: where each begins, and where its elements are from there. */
export interface ReductionSets {
  readonly shape: readonly number[];
  readonly starts: Int32Array;
  readonly offsets: Int32Array;
}

/**
 * The sets of a tensor's elements that differ only along `axes`.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an axis that the tensor doesn't have.
 */
export function reductionSets(shape: readonly number[], axes: readonly number[], keepDims: boolean): ReductionSets {
  const rank = shape.length;
  const reduced = new Set<number>();
  for (const axis of axes) {
    if (axis < -rank || axis >= rank) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Invalid reduction dimension (${axis} for input with ${rank} dimension(s)`,
      );
    }
    reduced.add(axis < 0 ? axis + rank : axis);
  }
  const strides = rowMajorStrides(shape);
  const pick = (values: readonly number[], inside: boolean) => values.filter((_, d) => reduced.has(d) === inside);
  return {
    shape: keepDims ? shape.map((size, d) => (reduced.has(d) ? 1 : size)) : pick(shape, false),
    starts: stridedPositions(pick(shape, false), pick(strides, false)),
    offsets: stridedPositions(pick(shape, true), pick(strides, true)),
  };
}

/** The kernel of a reduction of numbers that keeps the dtype. */
export function reductionKernel(op: string, reduction: Reduction): KernelFactory {
  return ({ attributes }) => {
    const keepDims = attributes.has('keep_dims') && boolAttribute(attributes, 'keep_dims');
    return ([x, axes]) => {
      const sets = reductionSets(x!.shape, integersOf(axes!), keepDims);
      return [isBig(x!.dtype) ? reduceBigs(op, x!, sets, reduction) : reduceNumbers(x!, sets, reduction)];
    };
  };
}

function reduceNumbers(x: Tensor, { shape, starts, offsets }: ReductionSets, reduction: Reduction): Tensor {
  const { dtype } = x;
  const from = numbersOf(x);
  const values = new Float64Array(starts.length);
  const add = isFloating(dtype) ? reduction.add : (reduction.integerAdd ?? reduction.add);
  for (let i = 0; i < starts.length; i++) {
    let sum = reduction.start(dtype);
    for (const offset of offsets) sum = add(sum, from[starts[i]! + offset]!);
    values[i] = reduction.finish?.(sum, offsets.length, dtype) ?? sum;
  }
  return numberTensor(dtype, shape, values);
}

function reduceBigs(op: string, x: Tensor, { shape, starts, offsets }: ReductionSets, reduction: Reduction): Tensor {
  const { bigStart, bigAdd, bigFinish } = reduction;
  if (bigStart === undefined || bigAdd === undefined) return unsupported(op, x.dtype);
  const from = x.data as BigInt64Array;
  const data = x.dtype === 'uint64' ? new BigUint64Array(starts.length) : new BigInt64Array(starts.length);
  for (let i = 0; i < starts.length; i++) {
    let sum = bigStart(x.dtype);
    for (const offset of offsets) sum = BigInt.asIntN(128, bigAdd(sum, from[starts[i]! + offset]!));
    data[i] = bigFinish?.(sum, BigInt(offsets.length)) ?? sum;
  }
  return { dtype: x.dtype, shape, data } as Tensor;
}

/** The kernel of `All` (`every` true) or `Any`. */
export function boolReductionKernel(every: boolean): KernelFactory {
  return ({ attributes }) => {
    const keepDims = attributes.has('keep_dims') && boolAttribute(attributes, 'keep_dims');
    return ([x, axes]) => {
      const { shape, starts, offsets } = reductionSets(x!.shape, integersOf(axes!), keepDims);
      const from = x!.data as Uint8Array;
      const holds = (offset: number, start: number) => from[start + offset] !== 0;
      const data = Uint8Array.from(starts, (start) => {
        const result = every
          ? offsets.every((offset) => holds(offset, start))
          : offsets.some((offset) => holds(offset, start));
        return result ? 1 : 0;
      });
      return [{ dtype: 'bool', shape, data }];
    };
  };
}

/** The kernel of `ArgMax` and `ArgMin`: `better` says whether a value replaces the best one so far. */
export function argKernel(better: (value: number | bigint, best: number | bigint) => boolean): KernelFactory {
  return ({ attributes }) => {
    const dtype = attributes.has('output_type') ? typeAttribute(attributes, 'output_type') : 'int64';
    return ([x, dimension]) => {
      const axes = integersOf(dimension!);
      const { shape, starts, offsets } = reductionSets(x!.shape, axes, false);
      const from: ArrayLike<number | bigint> = isBig(x!.dtype) ? (x!.data as BigInt64Array) : numbersOf(x!);
      if (offsets.length === 0 && elementCount(shape) > 0) {
        const axis = axes[0]! < 0 ? axes[0]! + x!.shape.length : axes[0];
        throw new ServingError('INVALID_ARGUMENT', `Reduction axis ${axis} is empty in shape [${x!.shape}]`);
      }
      const indices = Array.from(starts, (start) => {
        let best = 0;
        for (let i = 1; i < offsets.length; i++) {
          const value = from[start + offsets[i]!]!;
          const leader = from[start + offsets[best]!]!;
          // NaN, which differs from itself, is passed over.
          // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
          if (better(value, leader) || (leader !== leader && value === value)) best = i;
        }
        // biome-ignore lint/suspicious/noSelfCompare: only NaN differs from itself
        return from[start + offsets[best]!] === from[start + offsets[best]!] ? best : 0;
      });
      return [integerTensor(dtype, shape, indices)];
    };
  };
}

/** The lowest and highest value of each dtype, as starts of `Max` and `Min`. */
export function limitsOf(dtype: DataType): { readonly low: number; readonly high: number } {
  if (isFloating(dtype)) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const bits = Number.parseInt(dtype.replace(/\D+/, ''), 10);
  if (Number.isNaN(bits)) return unsupported('Max and Min', dtype as TensorDataType);
  return dtype.startsWith('u')
    ? { low: 0, high: 2 ** bits - 1 }
    : { low: -(2 ** (bits - 1)), high: 2 ** (bits - 1) - 1 };
}
