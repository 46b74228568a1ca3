/** Kernels that count: bins, running sums, distinct values, buckets. */
import { ServingError } from '@serving/core/portable';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { boolAttribute, floatsAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { latin1Text } from '../elements/bytes.js';
import { axisOf, integerOf, integersOf, integerTensor, isBig, numbersOf, numberTensor } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { countOf, takeElements } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { topKKernel } from './top-k.js';

/** Adds the weights of values to the bins of their rows. Values from `size` on are left out. */
export function countBins(
  values: readonly number[],
  rowOf: (i: number) => number,
  rows: number,
  sizeTensor: Tensor,
  weights: Tensor,
  binary: boolean,
): Float64Array {
  const size = integerOf(sizeTensor);
  if (size < 0) throw new ServingError('INVALID_ARGUMENT', `size (${size}) must be non-negative`);
  const bins = new Float64Array(rows * size);
  const weightOf = countOf(weights) === 0 ? undefined : numbersOf(weights);
  for (const [i, value] of values.entries()) {
    if (value < 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Input 'in' must be non-negative! Negative input value found: ${value}`,
      );
    }
    if (value >= size) continue;
    const at = rowOf(i) * size + value;
    bins[at] = binary ? 1 : bins[at]! + (weightOf?.[i] ?? 1);
  }
  return bins;
}

/** `DenseBincount`: of a vector, or of each row of a matrix. */
const denseBincount: KernelFactory = ({ attributes }) => {
  const binary = boolAttribute(attributes, 'binary_output', false);
  return ([x, size, weights]) => {
    const rank = x!.shape.length;
    const rows = rank === 2 ? x!.shape[0]! : 1;
    const width = rank === 2 ? x!.shape[1]! : countOf(x!);
    const bins = countBins(
      integersOf(x!),
      (i) => (rank === 2 ? Math.floor(i / width) : 0),
      rows,
      size!,
      weights!,
      binary,
    );
    const shape = rank === 2 ? [rows, integerOf(size!)] : [integerOf(size!)];
    return [numberTensor(weights!.dtype, shape, bins)];
  };
};

const bincount: KernelFactory =
  () =>
  ([x, size, weights]) => {
    if (integersOf(x!).some((value) => value < 0)) {
      throw new ServingError('INVALID_ARGUMENT', 'Input arr must be non-negative!');
    }
    return [
      numberTensor(
        weights!.dtype,
        [integerOf(size!)],
        countBins(integersOf(x!), () => 0, 1, size!, weights!, false),
      ),
    ];
  };

/** The kernel of `Cumsum` or `Cumprod`. */
function scanKernel(start: 0 | 1): KernelFactory {
  const join = (a: number, b: number) => (start === 0 ? a + b : a * b);
  const bigJoin = (a: bigint, b: bigint) => (start === 0 ? a + b : a * b);
  return ({ attributes }) => {
    const exclusive = boolAttribute(attributes, 'exclusive', false);
    const reverse = boolAttribute(attributes, 'reverse', false);
    return ([x, axisTensor]) => {
      const rank = x!.shape.length;
      const given = integerOf(axisTensor!);
      const axis = axisOf(given, rank, `ScanOp: Expected scan axis in the range [${-rank}, ${rank}), but got ${given}`);
      const [size, step] = [x!.shape[axis]!, productOf(x!.shape, axis + 1)];
      const big = isBig(x!.dtype);
      const from: ArrayLike<number | bigint> = big ? (x!.data as BigInt64Array) : numbersOf(x!);
      const values: (number | bigint)[] = Array.from(from);
      for (let i = 0; i < values.length; i += 1) {
        if (Math.floor(i / step) % size !== 0) continue;
        let sum: number | bigint = big ? BigInt(start) : start;
        for (let k = 0; k < size; k++) {
          const at = i + (reverse ? size - 1 - k : k) * step;
          const next: number | bigint = big
            ? bigJoin(sum as bigint, from[at] as bigint)
            : join(sum as number, from[at] as number);
          values[at] = exclusive ? sum : next;
          sum = next;
        }
      }
      if (!big) return [numberTensor(x!.dtype, x!.shape, values as number[])];
      const data =
        x!.dtype === 'int64'
          ? BigInt64Array.from(values as bigint[])
          : BigUint64Array.from(values as bigint[], (value) => BigInt.asUintN(64, value));
      return [{ dtype: x!.dtype, shape: x!.shape, data } as Tensor];
    };
  };
}

/** What elements are compared by: bytes of strings, bigints and numbers as they are. */
function identities(x: Tensor): ArrayLike<string | number | bigint> {
  const { data } = x;
  if (data instanceof StringArray) return Array.from({ length: data.length }, (_, i) => latin1Text(data.at(i)));
  return isBig(x.dtype) ? (data as BigInt64Array) : numbersOf(x);
}

function uniqueKernel(withCounts: boolean): KernelFactory {
  return ({ attributes }: KernelContext) => {
    const indexType = typeAttribute(attributes, 'out_idx');
    return ([x, axis]) => {
      if (x!.shape.length !== 1 || (axis !== undefined && countOf(axis) > 0 && integerOf(axis) !== 0)) {
        throw new ServingError('INVALID_ARGUMENT', 'unique expects a 1D vector.');
      }
      const seen = new Map<string | number | bigint, number>();
      const first: number[] = [];
      const counts: number[] = [];
      const keys = identities(x!);
      const indices = Int32Array.from({ length: keys.length }, (_, i) => {
        const known = Number.isNaN(keys[i]) ? undefined : seen.get(keys[i]!);
        const place = known ?? first.length;
        if (known === undefined) {
          seen.set(keys[i]!, place);
          first.push(i);
          counts.push(0);
        }
        counts[place]!++;
        return place;
      });
      const values = takeElements(x!, [first.length], Int32Array.from(first));
      const outputs = [values, integerTensor(indexType, [indices.length], indices)];
      return withCounts ? [...outputs, integerTensor(indexType, [counts.length], counts)] : outputs;
    };
  };
}

/** `Bucketize`: how many boundaries are not above each number. */
const bucketize: KernelFactory = ({ attributes }) => {
  const boundaries = floatsAttribute(attributes, 'boundaries');
  return ([x]) => {
    const buckets = Array.from(numbersOf(x!), (value) => boundaries.filter((boundary) => !(value < boundary)).length);
    return [integerTensor('int32', x!.shape, buckets)];
  };
};

/** Kernels that count, by operation. */
export const countingKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    Bincount: bincount,
    Bucketize: bucketize,
    Cumprod: scanKernel(1),
    Cumsum: scanKernel(0),
    DenseBincount: denseBincount,
    TopK: topKKernel,
    TopKV2: topKKernel,
    Unique: uniqueKernel(false),
    UniqueV2: uniqueKernel(false),
    UniqueWithCounts: uniqueKernel(true),
    UniqueWithCountsV2: uniqueKernel(true),
  }),
);
