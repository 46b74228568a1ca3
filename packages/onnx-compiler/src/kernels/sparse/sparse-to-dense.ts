/** Sparse tensors made dense, reduced and multiplied. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { boolAttribute } from '../../graph/attribute-readers.js';
import { integersOf, isBig, numbersOf, numberTensor } from '../elements/numbers.js';
import { concatElements, countOf, takeElements, withShape } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { castTo } from '../numeric/cast.js';
import { reductionSets } from '../numeric/reduce.js';
import { coordinatesOf, densePlaces, indexOfValue } from './coordinates.js';

/** `SparseToDense`: indices are a matrix, a vector or a scalar; values may be one for all. */
export const sparseToDenseKernel: KernelFactory = ({ attributes }) => {
  const validates = boolAttribute(attributes, 'validate_indices', true);
  return ([indicesTensor, shapeTensor, values, fallback]) => {
    const [count = 1, rank = 1] = indicesTensor!.shape;
    const coordinates = coordinatesOf(withShape(indicesTensor!, [count, rank]), shapeTensor!);
    const places = densePlaces(
      coordinates,
      (i, index) => `indices[${i}] = [${index}] is out of bounds: need 0 <= index < [${coordinates.shape}]`,
    );
    if (validates) {
      for (let i = 1; i < places.length; i++) {
        if (places[i]! > places[i - 1]!) continue;
        const problem = places[i] === places[i - 1] ? 'repeated' : 'out of order';
        throw new ServingError(
          'INVALID_ARGUMENT',
          `indices[${i}] = [${indexOfValue(coordinates, i)}] is ${problem}${problem === 'repeated' ? '' : '. Many sparse ops require sorted indices.\n    Use `tf.sparse.reorder` to create a correctly ordered copy.\n\n'}`,
        );
      }
    }
    const stored = countOf(values!);
    const positions = new Int32Array(elementCount(coordinates.shape)).fill(stored);
    for (let i = 0; i < places.length; i++) positions[places[i]!] = values!.shape.length === 0 ? 0 : i;
    return [takeElements(concatElements([values!, fallback!]), coordinates.shape, positions)];
  };
};

function reduceKernel(start: number, add: (sum: number, value: number) => number): KernelFactory {
  return ({ attributes }) => {
    const keepDims = boolAttribute(attributes, 'keep_dims', false);
    return ([indices, values, shape, axes]) => {
      const coordinates = coordinatesOf(indices!, shape!);
      const places = densePlaces(coordinates, (i) => `Invalid sparse index at ${i}`);
      const sets = reductionSets(coordinates.shape, integersOf(axes!), keepDims);
      const setOf = new Int32Array(elementCount(coordinates.shape));
      for (const [set, from] of sets.starts.entries()) for (const offset of sets.offsets) setOf[from + offset] = set;
      const numbers = numbersOf(values!);
      const results = new Float64Array(sets.starts.length).fill(start);
      const seen = new Uint8Array(results.length);
      for (let i = 0; i < places.length; i++) {
        const set = setOf[places[i]!]!;
        results[set] = add(results[set]!, numbers[i]!);
        seen[set] = 1;
      }
      return [
        numberTensor(
          values!.dtype,
          sets.shape,
          results.map((value, i) => (seen[i] ? value : 0)),
        ),
      ];
    };
  };
}

/** `SparseReduceSum`. */
export const sparseReduceSumKernel: KernelFactory = reduceKernel(0, (a, b) => a + b);

/** `SparseReduceMax`. */
export const sparseReduceMaxKernel: KernelFactory = reduceKernel(Number.NEGATIVE_INFINITY, Math.max);

/** `SparseTensorDenseMatMul`. */
export const sparseMatMulKernel: KernelFactory = ({ attributes }) => {
  const adjointA = boolAttribute(attributes, 'adjoint_a', false);
  const adjointB = boolAttribute(attributes, 'adjoint_b', false);
  return ([indices, values, shape, b]) => {
    const coordinates = coordinatesOf(indices!, shape!);
    if (isBig(values!.dtype)) throw new ServingError('UNIMPLEMENTED', `SparseTensorDenseMatMul of ${values!.dtype}`);
    const [rows, inner] = adjointA ? coordinates.shape.toReversed() : coordinates.shape;
    const [bRows, columns] = adjointB ? b!.shape.toReversed() : b!.shape;
    if (inner !== bRows) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Cannot multiply A and B because inner dimension does not match: ${inner} vs. ${bRows}.  Did you forget a transpose?  Dimensions of A: [${coordinates.shape[0]}, ${coordinates.shape[1]}).  Dimensions of B: [${b!.shape}]`,
      );
    }
    densePlaces(coordinates, (i, index) => `indices[${i}] = [${index}] out of bounds [${coordinates.shape}]`);
    const [a, dense] = [numbersOf(values!), numbersOf(b!)];
    const result = new Float64Array(elementCount([rows!, columns!]));
    for (let i = 0; i < coordinates.count; i++) {
      const [first, second] = indexOfValue(coordinates, i) as [number, number];
      const [row, k] = adjointA ? [second, first] : [first, second];
      for (let c = 0; c < columns!; c++) {
        const at = adjointB ? c * bRows! + k : k * columns! + c;
        result[row * columns! + c] = result[row * columns! + c]! + a[i]! * dense[at]!;
      }
    }
    return [numberTensor(values!.dtype, [rows!, columns!], result)];
  };
};

/** `SparseSoftmax`: over the values of each innermost row. */
export const sparseSoftmaxKernel: KernelFactory =
  () =>
  ([indices, values, shape]) => {
    const coordinates = coordinatesOf(indices!, shape!);
    const numbers = Float64Array.from(numbersOf(values!));
    const width = coordinates.shape.at(-1)!;
    const places = densePlaces(coordinates, (i) => `Invalid sparse index at ${i}`);
    const rows = new Map<number, number[]>();
    for (let i = 0; i < places.length; i++) {
      const row = Math.floor(places[i]! / width);
      rows.set(row, [...(rows.get(row) ?? []), i]);
    }
    for (const members of rows.values()) {
      const most = Math.max(...members.map((i) => numbers[i]!));
      const total = members.reduce((sum, i) => sum + Math.exp(numbers[i]! - most), 0);
      for (const i of members) numbers[i] = Math.exp(numbers[i]! - most) / total;
    }
    const result: Tensor = { dtype: 'double', shape: values!.shape, data: numbers };
    return [castTo(result, values!.dtype)];
  };
