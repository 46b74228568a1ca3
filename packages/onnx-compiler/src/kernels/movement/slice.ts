/** `Slice` and `StridedSlice`, of any dtype. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { intAttribute } from '../../graph/attribute-readers.js';
import { integersOf } from '../elements/numbers.js';
import { rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** `Slice`: a size of -1 means up to the end. */
export const sliceKernel: KernelFactory =
  () =>
  ([x, beginTensor, sizeTensor]) => {
    const begins = integersOf(beginTensor!);
    const sizes = integersOf(sizeTensor!);
    const strides = rowMajorStrides(x!.shape);
    let offset = 0;
    const shape = x!.shape.map((total, d) => {
      const begin = begins[d]!;
      const size = sizes[d] === -1 ? total - begin : sizes[d]!;
      if (!(begin >= 0 && begin <= total)) {
        throw new ServingError('INVALID_ARGUMENT', `Expected begin[${d}] in [0, ${total}], but got ${begin}`);
      }
      if (!(size >= 0 && begin + size <= total)) {
        throw new ServingError('INVALID_ARGUMENT', `Expected size[${d}] in [0, ${total - begin}], but got ${size}`);
      }
      offset += begin * strides[d]!;
      return size;
    });
    return [takeElements(x!, shape, stridedPositions(shape, strides, offset))];
  };

/** The masks of `StridedSlice`. */
interface SliceMasks {
  readonly begin: number;
  readonly end: number;
  readonly ellipsis: number;
  readonly newAxis: number;
  readonly shrink: number;
}

/** `StridedSlice`. */
export const stridedSliceKernel: KernelFactory = ({ attributes }) => {
  const mask = (name: string) => (attributes.has(name) ? intAttribute(attributes, name) : 0);
  const masks: SliceMasks = {
    begin: mask('begin_mask'),
    end: mask('end_mask'),
    ellipsis: mask('ellipsis_mask'),
    newAxis: mask('new_axis_mask'),
    shrink: mask('shrink_axis_mask'),
  };
  return ([x, begin, end, strides]) => [
    stridedSlice(x!, integersOf(begin!), integersOf(end!), integersOf(strides!), masks),
  ];
};

/** The elements that a strided slice chooses. */
function stridedSlice(
  x: Tensor,
  begins: readonly number[],
  ends: readonly number[],
  steps: readonly number[],
  masks: SliceMasks,
): Tensor {
  const strides = rowMajorStrides(x.shape);
  const shape: number[] = [];
  const viewStrides: number[] = [];
  let offset = 0;
  let d = 0;
  const keep = (size: number, stride: number) => {
    shape.push(size);
    viewStrides.push(stride);
  };
  const has = (mask: number, i: number) => ((mask >> i) & 1) === 1;
  const consumed = begins.filter((_, i) => !has(masks.ellipsis, i) && !has(masks.newAxis, i)).length;
  if (consumed > x.shape.length) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Index out of range using input dim ${x.shape.length}; input has only ${x.shape.length} dims`,
    );
  }
  for (let i = 0; i < begins.length; i++) {
    if (has(masks.ellipsis, i)) {
      for (let skip = x.shape.length - consumed; skip > 0; skip--, d++) keep(x.shape[d]!, strides[d]!);
    } else if (has(masks.newAxis, i)) {
      keep(1, 0);
    } else {
      const size = x.shape[d]!;
      const step = steps[i]!;
      if (step === 0) throw new ServingError('INVALID_ARGUMENT', `strides[${i}] must be non-zero`);
      if (has(masks.shrink, i)) {
        offset += shrunkIndex(begins[i]!, size, step, d) * strides[d]!;
      } else {
        const begin = has(masks.begin, i) ? (step > 0 ? 0 : size - 1) : clamped(begins[i]!, size, step);
        const end = has(masks.end, i) ? (step > 0 ? size : -1) : clamped(ends[i]!, size, step);
        offset += begin * strides[d]!;
        keep(Math.max(0, Math.ceil((end - begin) / step)), step * strides[d]!);
      }
      d++;
    }
  }
  for (; d < x.shape.length; d++) keep(x.shape[d]!, strides[d]!);
  return takeElements(x, shape, stridedPositions(shape, viewStrides, offset));
}

function shrunkIndex(begin: number, size: number, step: number, d: number): number {
  if (step <= 0) throw new ServingError('INVALID_ARGUMENT', 'only stride 1 allowed on non-range indexing.');
  const index = begin < 0 ? begin + size : begin;
  if (index < 0 || index >= size) {
    throw new ServingError('INVALID_ARGUMENT', `slice index ${index} of dimension ${d} out of bounds.`);
  }
  return index;
}

/** The bound that an index means: from the end where negative, and not beyond what the direction reaches. */
function clamped(index: number, size: number, step: number): number {
  const bound = index < 0 ? index + size : index;
  return step > 0 ? Math.min(Math.max(bound, 0), size) : Math.min(Math.max(bound, -1), size - 1);
}
