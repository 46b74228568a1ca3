/** Sparse tensors in another shape, order or with rows filled. */
import { ServingError } from '@serving/core/portable';
import { intAttribute } from '../../graph/attribute-readers.js';
import { integersOf, integerTensor } from '../elements/numbers.js';
import { indexAt, productOf } from '../elements/strides.js';
import { concatElements, takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { coordinatesOf, densePlaces, indexOfValue, indexTensor } from './coordinates.js';

/** `SparseReshape`. */
export const sparseReshapeKernel: KernelFactory =
  () =>
  ([indices, shapeTensor, newShapeTensor]) => {
    const [shape, wanted] = [integersOf(shapeTensor!), integersOf(newShapeTensor!)];
    const count = productOf(shape);
    const free = wanted.indexOf(-1);
    const known = productOf(wanted.filter((_, d) => d !== free));
    if (free >= 0 && wanted.includes(-1, free + 1)) {
      throw new ServingError('INVALID_ARGUMENT', 'only one output dimension may be -1');
    }
    const size = known === 0 ? 0 : count / known;
    if (free >= 0 && !Number.isInteger(size)) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Input to reshape is a SparseTensor with ${count} dense values, but the requested shape requires a multiple of ${known}. input_shape=[${shape}] output_shape=[${wanted.with(free, 1)}]`,
      );
    }
    const result = free < 0 ? wanted : wanted.with(free, size);
    if (productOf(result) !== count) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Input to reshape is a tensor with ${count} dense values, but the requested shape has ${productOf(result)}. input_shape=[${shape}] output_shape=[${result}]`,
      );
    }
    const coordinates = { ...coordinatesOf(indices!, shapeTensor!), shape };
    const moved = Array.from({ length: coordinates.count }, (_, i) => {
      const place = indexOfValue(coordinates, i).reduce((sum, value, d) => sum * shape[d]! + value, 0);
      return indexAt(result, place);
    });
    return [indexTensor(result.length, moved.flat()), integerTensor('int64', [result.length], result)];
  };

/** `SparseFillEmptyRows`: rows without a value get the default in their first column. */
export const sparseFillEmptyRowsKernel: KernelFactory =
  () =>
  ([indicesTensor, values, shapeTensor, fallback]) => {
    const coordinates = coordinatesOf(indicesTensor!, shapeTensor!);
    const { rank, count, shape } = coordinates;
    const rows = shape[0]!;
    const members = Array.from({ length: rows }, (): number[] => []);
    for (let i = 0; i < count; i++) {
      const row = coordinates.indices[i * rank]!;
      if (row < 0 || row >= rows) {
        throw new ServingError('INVALID_ARGUMENT', `indices(${i}, 0) is invalid: ${row} >= ${rows}`);
      }
      members[row]!.push(i);
    }
    const positions: number[] = [];
    const indices: number[] = [];
    const reverse = new Array<number>(count);
    for (const [row, own] of members.entries()) {
      for (const i of own) {
        reverse[i] = positions.length;
        positions.push(i);
        indices.push(...indexOfValue(coordinates, i));
      }
      if (own.length === 0) {
        positions.push(count);
        indices.push(row, ...new Array<number>(rank - 1).fill(0));
      }
    }
    const filled = takeElements(concatElements([values!, fallback!]), [positions.length], Int32Array.from(positions));
    const isEmpty = Uint8Array.from(members, (own) => (own.length === 0 ? 1 : 0));
    return [
      integerTensor('int64', [positions.length, rank], indices),
      filled,
      { dtype: 'bool', shape: [rows], data: isEmpty },
      integerTensor('int64', [count], reverse),
    ];
  };

/** `SparseReorder`: in row-major order. */
export const sparseReorderKernel: KernelFactory =
  () =>
  ([indices, values, shape]) => {
    const coordinates = coordinatesOf(indices!, shape!);
    const places = densePlaces(
      coordinates,
      (i, index) => `indices[${i}] = [${index}] is out of bounds: need 0 <= index < [${coordinates.shape}]`,
    );
    const order = Int32Array.from(places.keys()).sort((a, b) => places[a]! - places[b]!);
    const sorted = Array.from(order, (i) => indexOfValue(coordinates, i)).flat();
    return [indexTensor(coordinates.rank, sorted), takeElements(values!, values!.shape, order)];
  };

/** `SparseConcat`. */
export const sparseConcatKernel: KernelFactory = ({ attributes }) => {
  const given = intAttribute(attributes, 'concat_dim');
  const count = intAttribute(attributes, 'N');
  return (inputs) => {
    const parts = Array.from({ length: count }, (_, i) => coordinatesOf(inputs[i]!, inputs[2 * count + i]!));
    const { rank } = parts[0]!;
    const axis = given < 0 ? given + rank : given;
    const shape = [...parts[0]!.shape];
    let offset = 0;
    const entries: { index: number[]; at: number }[] = [];
    for (const part of parts) {
      for (const [d, size] of part.shape.entries()) {
        if (d !== axis && size !== shape[d]) {
          throw new ServingError(
            'INVALID_ARGUMENT',
            `Concat shapes must match in dimension ${d}: [${shape}] and [${part.shape}]`,
          );
        }
      }
      for (let i = 0; i < part.count; i++) {
        const index = indexOfValue(part, i);
        entries.push({ index: index.with(axis, index[axis]! + offset), at: entries.length });
      }
      offset += part.shape[axis]!;
    }
    shape[axis] = offset;
    entries.sort((a, b) => a.index.reduce((order, value, d) => order || value - b.index[d]!, 0) || a.at - b.at);
    const values = concatElements(inputs.slice(count, 2 * count));
    return [
      indexTensor(
        rank,
        entries.flatMap(({ index }) => index),
      ),
      takeElements(
        values,
        [entries.length],
        Int32Array.from(entries, ({ at }) => at),
      ),
      integerTensor('int64', [rank], shape),
    ];
  };
};

/** `SparseSlice`. */
export const sparseSliceKernel: KernelFactory =
  () =>
  ([indices, values, shapeTensor, startTensor, sizeTensor]) => {
    const coordinates = coordinatesOf(indices!, shapeTensor!);
    const [starts, sizes] = [integersOf(startTensor!), integersOf(sizeTensor!)];
    const shape = coordinates.shape.map((size, d) => Math.max(0, Math.min(sizes[d]!, size - starts[d]!)));
    const kept: number[] = [];
    const moved: number[] = [];
    for (let i = 0; i < coordinates.count; i++) {
      const index = indexOfValue(coordinates, i).map((value, d) => value - starts[d]!);
      if (index.some((value, d) => value < 0 || value >= shape[d]!)) continue;
      kept.push(i);
      moved.push(...index);
    }
    return [
      integerTensor('int64', [kept.length, coordinates.rank], moved),
      takeElements(values!, [kept.length], Int32Array.from(kept)),
      integerTensor('int64', [coordinates.rank], shape),
    ];
  };
