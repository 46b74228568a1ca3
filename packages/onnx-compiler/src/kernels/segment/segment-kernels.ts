/** Kernels that combine rows by segment. */
import { ServingError } from '@serving/core/portable';
import { type DataType, dataTypeInfo, type Tensor } from '@serving/core/tensor';
import {
  bigMax,
  bigMin,
  integerOf,
  integersOf,
  isBig,
  isFloating,
  numbersOf,
  numberTensor,
} from '../elements/numbers.js';
import { indexAt, productOf } from '../elements/strides.js';
import type { KernelFactory } from '../kernel.js';

/** How the rows of a segment become one. */
interface Combination {
  readonly start: (dtype: DataType) => number;
  readonly add: (sum: number, value: number) => number;
  readonly bigStart: (dtype: DataType) => bigint;
  readonly bigAdd: (sum: bigint, value: bigint) => bigint;
}

const MAX_FLOAT = 3.4028234663852886e38;

/** The lowest finite number of a dtype, negated for the highest. */
function lowest(dtype: DataType, sign: 1 | -1): number {
  const finite: Partial<Record<DataType, number>> = {
    float: MAX_FLOAT,
    double: Number.MAX_VALUE,
    half: 65504,
    bfloat16: 3.3895313892515355e38,
  };
  if (isFloating(dtype)) return -sign * finite[dtype]!;
  const bits = 8 * dataTypeInfo(dtype).array!.BYTES_PER_ELEMENT;
  if (dtype.startsWith('u')) return sign === 1 ? 0 : 2 ** bits - 1;
  return sign === 1 ? -(2 ** (bits - 1)) : 2 ** (bits - 1) - 1;
}

const sum: Combination = { start: () => 0, add: (a, b) => a + b, bigStart: () => 0n, bigAdd: (a, b) => a + b };
const product: Combination = { start: () => 1, add: (a, b) => a * b, bigStart: () => 1n, bigAdd: (a, b) => a * b };
const largest: Combination = {
  start: (dtype) => lowest(dtype, 1),
  add: Math.max,
  bigStart: (dtype) => (dtype === 'uint64' ? 0n : -(2n ** 63n)),
  bigAdd: bigMax,
};
const smallest: Combination = {
  start: (dtype) => lowest(dtype, -1),
  add: Math.min,
  bigStart: (dtype) => (dtype === 'uint64' ? 2n ** 64n - 1n : 2n ** 63n - 1n),
  bigAdd: bigMin,
};

interface Combined {
  readonly values: Float64Array | BigInt64Array | BigUint64Array;
  readonly counts: Int32Array;
}

/** Combines the rows `rows[i]` of `data` into the segments `ids[i]`; segments below 0 are left out. */
function combine(
  data: Tensor,
  width: number,
  rows: ArrayLike<number>,
  ids: readonly number[],
  segments: number,
  how: Combination,
): Combined {
  const counts = new Int32Array(segments);
  if (isBig(data.dtype)) {
    const from = data.data as BigInt64Array;
    const values = data.dtype === 'int64' ? new BigInt64Array(segments * width) : new BigUint64Array(segments * width);
    values.fill(how.bigStart(data.dtype));
    for (const [i, id] of ids.entries()) {
      if (id < 0) continue;
      counts[id]!++;
      for (let k = 0; k < width; k++)
        values[id * width + k] = how.bigAdd(values[id * width + k]!, from[rows[i]! * width + k]!);
    }
    return { values, counts };
  }
  const from = numbersOf(data);
  const values = new Float64Array(segments * width).fill(how.start(data.dtype));
  for (const [i, id] of ids.entries()) {
    if (id < 0) continue;
    counts[id]!++;
    for (let k = 0; k < width; k++)
      values[id * width + k] = how.add(values[id * width + k]!, from[rows[i]! * width + k]!);
  }
  return { values, counts };
}

function finished(dtype: Tensor['dtype'], shape: readonly number[], values: Combined['values']): Tensor {
  return values instanceof Float64Array
    ? numberTensor(dtype, shape, values)
    : ({ dtype, shape, data: values } as Tensor);
}

function unsortedKernel(how: Combination): KernelFactory {
  return () =>
    ([data, idsTensor, countTensor]) => {
      const ids = integersOf(idsTensor!);
      const segments = integerOf(countTensor!);
      if (segments < 0) {
        throw new ServingError('INVALID_ARGUMENT', `Input num_segments == ${segments} must not be negative.`);
      }
      const wrong = ids.findIndex((id) => id >= segments);
      if (wrong >= 0) {
        const at = indexAt(idsTensor!.shape, wrong);
        throw new ServingError(
          'INVALID_ARGUMENT',
          `segment_ids[${at}] = ${ids[wrong]} is out of range [0, ${segments})`,
        );
      }
      const rank = idsTensor!.shape.length;
      const inner = data!.shape.slice(rank);
      const { values } = combine(
        data!,
        productOf(inner),
        ids.map((_, i) => i),
        ids,
        segments,
        how,
      );
      return [finished(data!.dtype, [segments, ...inner], values)];
    };
}

/** What the segments without rows hold, and how others end: as a sum, a mean, or a sum over the root of the count. */
type Ending = 'sum' | 'mean' | 'root' | 'one';

function ended(
  dtype: Tensor['dtype'],
  shape: readonly number[],
  width: number,
  { values, counts }: Combined,
  ending: Ending,
): Tensor {
  for (const [id, count] of counts.entries()) {
    for (let k = id * width; k < (id + 1) * width; k++) {
      if (count === 0) {
        if (values instanceof Float64Array) values[k] = ending === 'one' ? 1 : 0;
        else values[k] = ending === 'one' ? 1n : 0n;
      } else if (ending === 'mean' || ending === 'root') {
        if (values instanceof Float64Array) {
          const mean = values[k]! / (ending === 'mean' ? count : Math.sqrt(count));
          values[k] = isFloating(dtype) ? mean : Math.trunc(mean);
        } else values[k] = values[k]! / BigInt(count);
      }
    }
  }
  return finished(dtype, shape, values);
}

function checkSorted(ids: readonly number[]): void {
  for (let i = 1; i < ids.length; i++) {
    if (ids[i]! < ids[i - 1]!) throw new ServingError('INVALID_ARGUMENT', 'segment ids are not increasing');
  }
  if ((ids[0] ?? 0) < 0) throw new ServingError('INVALID_ARGUMENT', 'segment ids must be >= 0');
}

function sortedKernel(how: Combination, ending: Ending): KernelFactory {
  return () =>
    ([data, idsTensor]) => {
      const ids = integersOf(idsTensor!);
      if (ids.length !== (data!.shape[0] ?? 0)) {
        throw new ServingError('INVALID_ARGUMENT', 'segment_ids should be the same size as dimension 0 of input.');
      }
      checkSorted(ids);
      const inner = data!.shape.slice(1);
      const segments = (ids.at(-1) ?? -1) + 1;
      const combined = combine(
        data!,
        productOf(inner),
        ids.map((_, i) => i),
        ids,
        segments,
        how,
      );
      return [ended(data!.dtype, [segments, ...inner], productOf(inner), combined, ending)];
    };
}

/** The rows that `indices` choose, combined; the number of segments is given or follows from the last id. */
function sparseKernel(ending: Ending): KernelFactory {
  return () =>
    ([data, indicesTensor, idsTensor, countTensor]) => {
      const [rows, ids] = [integersOf(indicesTensor!), integersOf(idsTensor!)];
      if (rows.length !== ids.length) {
        throw new ServingError('INVALID_ARGUMENT', 'segment_ids and indices should have same size.');
      }
      checkSorted(ids);
      const total = data!.shape[0]!;
      const wrong = rows.findIndex((row) => row < 0 || row >= total);
      if (wrong >= 0)
        throw new ServingError('INVALID_ARGUMENT', `indices[${wrong}] == ${rows[wrong]} out of range [0, ${total})`);
      const last = (ids.at(-1) ?? -1) + 1;
      const segments = countTensor === undefined ? last : integerOf(countTensor);
      if (last > segments) throw new ServingError('INVALID_ARGUMENT', 'segment ids must be < num_segments');
      const inner = data!.shape.slice(1);
      const combined = combine(data!, productOf(inner), rows, ids, segments, sum);
      return [ended(data!.dtype, [segments, ...inner], productOf(inner), combined, ending)];
    };
}

/** Kernels that combine rows by segment, by operation. */
export const segmentKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    SegmentMax: sortedKernel(largest, 'sum'),
    SegmentMean: sortedKernel(sum, 'mean'),
    SegmentMin: sortedKernel(smallest, 'sum'),
    SegmentProd: sortedKernel(product, 'one'),
    SegmentSum: sortedKernel(sum, 'sum'),
    SparseSegmentMean: sparseKernel('mean'),
    SparseSegmentMeanWithNumSegments: sparseKernel('mean'),
    SparseSegmentSqrtN: sparseKernel('root'),
    SparseSegmentSqrtNWithNumSegments: sparseKernel('root'),
    SparseSegmentSum: sparseKernel('sum'),
    SparseSegmentSumWithNumSegments: sparseKernel('sum'),
    UnsortedSegmentMax: unsortedKernel(largest),
    UnsortedSegmentMin: unsortedKernel(smallest),
    UnsortedSegmentProd: unsortedKernel(product),
    UnsortedSegmentSum: unsortedKernel(sum),
  }),
);
