/** Arithmetic of reductions, by operation. */
import type { DataType } from '@serving/core/tensor';
import { bigMax, bigMin, isFloating } from '../elements/numbers.js';
import { limitsOf, type Reduction } from './reduce.js';

const bigLow = (dtype: DataType) => (dtype === 'uint64' ? 0n : -(2n ** 63n));
const bigHigh = (dtype: DataType) => (dtype === 'uint64' ? 2n ** 64n - 1n : 2n ** 63n - 1n);

const sum: Reduction = {
  start: () => 0,
  add: (total, value) => total + value,
  integerAdd: (total, value) => (total + value) | 0,
  bigStart: () => 0n,
  bigAdd: (total, value) => total + value,
};

/** Reductions of numbers that keep the dtype. */
export const reductions: Readonly<Record<string, Reduction>> = {
  Sum: sum,
  Mean: {
    ...sum,
    integerAdd: sum.add,
    finish: (total, count, dtype) => (isFloating(dtype) || count === 0 ? total / count : Math.trunc(total / count)),
    bigFinish: (total, count) => (count === 0n ? 0n : total / count),
  },
  Prod: {
    start: () => 1,
    add: (product, value) => product * value,
    integerAdd: Math.imul,
    bigStart: () => 1n,
    bigAdd: (product, value) => BigInt.asIntN(64, product * value),
  },
  Max: {
    start: (dtype) => limitsOf(dtype).low,
    add: Math.max,
    bigStart: bigLow,
    bigAdd: bigMax,
  },
  Min: {
    start: (dtype) => limitsOf(dtype).high,
    add: Math.min,
    bigStart: bigHigh,
    bigAdd: bigMin,
  },
  EuclideanNorm: { start: () => 0, add: (total, value) => total + value * value, finish: Math.sqrt },
};
