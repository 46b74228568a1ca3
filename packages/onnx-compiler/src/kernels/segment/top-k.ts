/** `TopK` and `TopKV2`. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { intAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integerOf, integerTensor, isBig, numbersOf } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** The largest elements of each row, the first of equal ones before the others. `k` is an attribute or the second input. */
export const topKKernel: KernelFactory = ({ attributes }) => {
  const indexType = attributes.has('index_type') ? typeAttribute(attributes, 'index_type') : 'int32';
  return ([x, kTensor]) => {
    const k = kTensor === undefined ? intAttribute(attributes, 'k') : integerOf(kTensor);
    const width = x!.shape.at(-1);
    if (width === undefined) throw new ServingError('INVALID_ARGUMENT', 'input must be >= 1-D, got shape []');
    if (k < 0) throw new ServingError('INVALID_ARGUMENT', `Need k >= 0, got ${k}`);
    if (k > width) {
      throw new ServingError('INVALID_ARGUMENT', `input must have at least k columns. Had ${width}, needed ${k}`);
    }
    const rows = productOf(x!.shape, 0, x!.shape.length - 1);
    const indices = new Int32Array(rows * k);
    const values = isBig(x!.dtype) ? (x!.data as BigInt64Array) : numbersOf(x!);
    for (let row = 0; row < rows; row++) {
      const order = Array.from({ length: width }, (_, i) => i);
      order.sort((a, b) => compare(values[row * width + b]!, values[row * width + a]!) || a - b);
      indices.set(order.slice(0, k), row * k);
    }
    const shape = [...x!.shape.slice(0, -1), k];
    const positions = indices.map((index, i) => Math.floor(i / k) * width + index);
    const outputs: Tensor[] = [takeElements(x!, shape, positions), integerTensor(indexType, shape, indices)];
    return outputs;
  };
};

function compare(a: number | bigint, b: number | bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
