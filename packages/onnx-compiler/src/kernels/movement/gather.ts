/** Elements and rows chosen by indices, of any dtype. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { intAttribute } from '../../graph/attribute-readers.js';
import { axisOf, integerOf, integersOf, numbersOf } from '../elements/numbers.js';
import { indexAt, productOf, rowMajorStrides } from '../elements/strides.js';
import { takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** `GatherV2`. */
export const gatherV2Kernel: KernelFactory = ({ attributes }) => {
  const batchDims = attributes.has('batch_dims') ? intAttribute(attributes, 'batch_dims') : 0;
  return ([params, indices, axisTensor]) => {
    const rank = params!.shape.length;
    const axis = axisOf(integerOf(axisTensor!), rank);
    return [gather(params!, indices!, axis, axisOf(batchDims, indices!.shape.length + 1))];
  };
};

/** `Gather`: rows. */
export const gatherKernel: KernelFactory =
  () =>
  ([params, indices]) => [gather(params!, indices!, 0, 0)];

/** Slices of `params` along an axis, at the positions in `indices`. */
export function gather(params: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor {
  const size = params.shape[axis]!;
  const chosen = numbersOf(indices);
  for (let i = 0; i < chosen.length; i++) {
    if (chosen[i]! >= 0 && chosen[i]! < size) continue;
    const at = indexAt(indices.shape, i);
    throw new ServingError(
      'INVALID_ARGUMENT',
      `indices${at.length > 0 ? `[${at}]` : ''} = ${chosen[i]} is not in [0, ${size})`,
    );
  }
  const shape = [...params.shape.slice(0, axis), ...indices.shape.slice(batchDims), ...params.shape.slice(axis + 1)];
  const positions = new Int32Array(elementCount(shape));
  const batches = productOf(params.shape, 0, batchDims);
  const outer = productOf(params.shape, batchDims, axis);
  const inner = productOf(params.shape, axis + 1);
  const count = productOf(indices.shape, batchDims);
  let filled = 0;
  for (let batch = 0; batch < batches; batch++) {
    for (let row = 0; row < outer; row++) {
      const start = (batch * outer + row) * size;
      for (let i = 0; i < count && inner > 0; i++) {
        const from = (start + chosen[batch * count + i]!) * inner;
        for (let k = 0; k < inner; k++) positions[filled++] = from + k;
      }
    }
  }
  return takeElements(params, shape, positions);
}

/** `GatherNd`. */
export const gatherNdKernel: KernelFactory =
  ({ node = 'GatherNd' }) =>
  ([params, indices]) => {
    const outer = indices!.shape.slice(0, -1);
    const depth = indices!.shape.at(-1)!;
    const shape = [...outer, ...params!.shape.slice(depth)];
    const inner = productOf(params!.shape, depth);
    const starts = indexedStarts(
      indices!,
      params!.shape,
      (at, index) =>
        `indices${at} = [${index.join(', ')}] does not index into param shape [${params!.shape}], node name: ${node}`,
    );
    const positions = new Int32Array(elementCount(shape));
    for (let i = 0; i < positions.length; i++) positions[i] = starts[Math.floor(i / inner)]! + (i % inner);
    return [takeElements(params!, shape, positions)];
  };

/** Where the slice that each index vector names begins. */
function indexedStarts(
  indices: Tensor,
  shape: readonly number[],
  message: (at: string, index: readonly number[]) => string,
): Int32Array {
  const outer = indices.shape.slice(0, -1);
  const depth = indices.shape.at(-1)!;
  const strides = rowMajorStrides(shape);
  const values = integersOf(indices);
  const starts = new Int32Array(productOf(outer));
  for (let i = 0; i < starts.length; i++) {
    const index = values.slice(i * depth, (i + 1) * depth);
    if (index.some((value, d) => value < 0 || value >= shape[d]!)) {
      const at = indexAt(outer, i);
      throw new ServingError('INVALID_ARGUMENT', message(at.length > 0 ? `[${at}]` : '', index));
    }
    starts[i] = index.reduce((start, value, d) => start + value * strides[d]!, 0);
  }
  return starts;
}
