/** Kernels of arithmetic on numbers, by operation. */
import type { KernelFactory } from '../kernel.js';
import { binaryArithmetic } from './binary-arithmetic.js';
import { castKernel } from './cast.js';
import { comparisonKernel, equalityKernel, logicalKernel, predicateKernel } from './comparison.js';
import { binaryKernel, chainKernel, unaryKernel } from './element-wise.js';
import { fillKernel, linSpaceKernel, oneHotKernel, onesLikeKernel, rangeKernel } from './ranges.js';
import { argKernel, boolReductionKernel, reductionKernel } from './reduce.js';
import { reductions } from './reductions.js';
import { unaryArithmetic } from './unary-arithmetic.js';

/** Kernels of arithmetic on numbers, by operation. */
export const numericKernels: ReadonlyMap<string, KernelFactory> = new Map([
  ...Object.entries(unaryArithmetic).map(([op, arithmetic]) => [op, unaryKernel(op, arithmetic)] as const),
  ...Object.entries(binaryArithmetic).map(([op, arithmetic]) => [op, binaryKernel(op, arithmetic)] as const),
  ...Object.entries(reductions).map(([op, reduction]) => [op, reductionKernel(op, reduction)] as const),
  ...Object.entries({
    All: boolReductionKernel(true),
    Any: boolReductionKernel(false),
    ArgMax: argKernel((value, best) => value > best),
    ArgMin: argKernel((value, best) => value < best),
    Cast: castKernel,
    ClipByValue: chainKernel('ClipByValue', binaryArithmetic.Minimum!, binaryArithmetic.Maximum!),
    Equal: equalityKernel(true),
    Fill: fillKernel,
    Greater: comparisonKernel('Greater', (x, y) => x > y),
    GreaterEqual: comparisonKernel('GreaterEqual', (x, y) => x >= y),
    IsFinite: predicateKernel(Number.isFinite),
    IsInf: predicateKernel((x) => Math.abs(x) === Number.POSITIVE_INFINITY),
    IsNan: predicateKernel(Number.isNaN),
    Less: comparisonKernel('Less', (x, y) => x < y),
    LessEqual: comparisonKernel('LessEqual', (x, y) => x <= y),
    LinSpace: linSpaceKernel,
    LogicalAnd: logicalKernel((x, y) => x && y),
    LogicalNot: predicateKernel((x) => x === 0),
    LogicalOr: logicalKernel((x, y) => x || y),
    NotEqual: equalityKernel(false),
    OneHot: oneHotKernel,
    OnesLike: onesLikeKernel,
    Range: rangeKernel,
  }),
]);
