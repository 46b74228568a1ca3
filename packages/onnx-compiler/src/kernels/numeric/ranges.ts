/** Tensors made of a few numbers: `Range`, `LinSpace`, `Fill`, `OnesLike`, one-hot vectors. */
import { ServingError } from '@serving/core/portable';
import { elementCount } from '@serving/core/tensor';
import { intAttribute } from '../../graph/attribute-readers.js';
import { axisOf, integerOf, integersOf, numbersOf, numberTensor } from '../elements/numbers.js';
import { rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { concatElements, takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { castTo } from './cast.js';

/** `Range`. */
export const rangeKernel: KernelFactory =
  () =>
  ([startTensor, limitTensor, deltaTensor]) => {
    const [start, limit, delta] = [startTensor!, limitTensor!, deltaTensor!].map((tensor) => numbersOf(tensor)[0]!) as [
      number,
      number,
      number,
    ];
    if (delta === 0) throw new ServingError('INVALID_ARGUMENT', 'Requires delta != 0: 0');
    if (delta > 0 ? start > limit : start < limit) {
      const relation = delta > 0 ? '<= limit when delta > 0' : '>= limit when delta < 0';
      throw new ServingError('INVALID_ARGUMENT', `Requires start ${relation}: ${start}/${limit}`);
    }
    const count = elementCount([Math.ceil(Math.abs((limit - start) / delta))]);
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = start + i * delta;
    return [numberTensor(startTensor!.dtype, [count], values)];
  };

/** `LinSpace`. */
export const linSpaceKernel: KernelFactory =
  () =>
  ([startTensor, stopTensor, numTensor]) => {
    const num = integerOf(numTensor!);
    if (num <= 0) throw new ServingError('INVALID_ARGUMENT', `Requires num > 0: ${num}`);
    const [start, stop] = [numbersOf(startTensor!)[0]!, numbersOf(stopTensor!)[0]!];
    const values = new Float64Array(elementCount([num])).fill(start);
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    for (let i = 1; i < num; i++) values[i] = i === num - 1 ? stop : start + step * i;
    return [numberTensor(startTensor!.dtype, [num], values)];
  };

/** `Fill`, of any dtype. */
export const fillKernel: KernelFactory =
  () =>
  ([dims, value]) => {
    const shape = integersOf(dims!);
    const negative = shape.findIndex((size) => size < 0);
    if (negative >= 0) {
      throw new ServingError('INVALID_ARGUMENT', `Dimension ${shape[negative]} must be >= 0`);
    }
    return [takeElements(value!, shape, new Int32Array(elementCount(shape)))];
  };

/** `OnesLike`. */
export const onesLikeKernel: KernelFactory =
  () =>
  ([x]) => {
    const { dtype, shape } = x!;
    const one = castTo({ dtype: 'float', shape: [], data: Float32Array.of(1) }, dtype);
    return [takeElements(one, shape, new Int32Array(elementCount(shape)))];
  };

/** `OneHot`, of any dtype. */
export const oneHotKernel: KernelFactory = ({ attributes }) => {
  const axisAttribute = attributes.has('axis') ? intAttribute(attributes, 'axis') : -1;
  return ([indices, depthTensor, on, off]) => {
    const depth = integerOf(depthTensor!);
    if (depth < 0) throw new ServingError('INVALID_ARGUMENT', `depth must be non-negative, got: ${depth}`);
    const rank = indices!.shape.length + 1;
    const axis = axisOf(axisAttribute, rank);
    const shape = indices!.shape.toSpliced(axis, 0, depth);
    const strides = rowMajorStrides(shape);
    const starts = stridedPositions(indices!.shape, strides.toSpliced(axis, 1));
    const positions = new Int32Array(elementCount(shape)).fill(1);
    for (const [i, index] of integersOf(indices!).entries()) {
      if (index >= 0 && index < depth) positions[starts[i]! + index * strides[axis]!] = 0;
    }
    return [takeElements(concatElements([on!, off!]), shape, positions)];
  };
};
