/** Kernels of ragged tensors. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute, intAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integerOf, integersOf, integerTensor, numbersOf, numberTensor } from '../elements/numbers.js';
import { productOf } from '../elements/strides.js';
import { takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { gather } from '../movement/gather.js';
import { countBins } from '../segment/counting-kernels.js';
import { raggedToTensorKernel } from './ragged-to-tensor.js';
import { partitionOfSplits, rowSplits } from './row-partitions.js';

/** `RaggedRange`: scalars go with every row. */
const raggedRange: KernelFactory = ({ attributes }) => {
  const splitsType = typeAttribute(attributes, 'Tsplits');
  return ([starts, limits, deltas]) => {
    const inputs = [starts!, limits!, deltas!];
    const rows = inputs.find((input) => input.shape.length > 0)?.shape[0] ?? 1;
    const wrong = inputs.find((input) => input.shape.length > 0 && input.shape[0] !== rows);
    if (wrong !== undefined)
      throw new ServingError('INVALID_ARGUMENT', 'starts, limits, and deltas must have the same shape');
    const [from, to, by] = inputs.map((input) => {
      const numbers = numbersOf(input);
      return (row: number) => numbers[input.shape.length === 0 ? 0 : row]!;
    }) as [(row: number) => number, (row: number) => number, (row: number) => number];
    const splits = [0];
    const values: number[] = [];
    for (let row = 0; row < rows; row++) {
      const [start, limit, delta] = [from(row), to(row), by(row)];
      if (delta === 0) throw new ServingError('INVALID_ARGUMENT', 'Requires delta != 0');
      const count = Math.max(0, Math.ceil((limit - start) / delta));
      for (let i = 0; i < count; i++) values.push(start + i * delta);
      splits.push(values.length);
    }
    return [integerTensor(splitsType, [splits.length], splits), numberTensor(starts!.dtype, [values.length], values)];
  };
};

/** `RaggedGather`: rows of a ragged tensor by index. */
const raggedGather: KernelFactory = ({ attributes }) => {
  const depth = intAttribute(attributes, 'PARAMS_RAGGED_RANK');
  return (inputs) => {
    const levels = inputs.slice(0, depth).map((splits) => rowSplits(splits));
    const [values, indices] = [inputs[depth]!, inputs[depth + 1]!];
    const splitsType = inputs[0]!.dtype;
    const outputs: Tensor[] = [];
    const shape = indices.shape;
    for (let d = 1; d < shape.length; d++) {
      const size = shape[d]!;
      const count = productOf(shape, 0, d);
      outputs.push(
        integerTensor(
          splitsType,
          [count + 1],
          Array.from({ length: count + 1 }, (_, i) => i * size),
        ),
      );
    }
    let rows = integersOf(indices);
    for (const [level, splits] of levels.entries()) {
      const size = splits.length - 1;
      const wrong = level === 0 ? rows.findIndex((row) => row < 0 || row >= size) : -1;
      if (wrong >= 0)
        throw new ServingError('INVALID_ARGUMENT', `indices[${wrong}] = ${rows[wrong]} is not in [0, ${size})`);
      const ends = [0];
      const chosen: number[] = [];
      for (const row of rows) {
        for (let i = splits[row]!; i < splits[row + 1]!; i++) chosen.push(i);
        ends.push(chosen.length);
      }
      outputs.push(integerTensor(splitsType, [ends.length], ends));
      rows = chosen;
    }
    const wanted = integerTensor('int32', [rows.length], rows);
    return [...outputs, gather(values, wanted, 0, 0)];
  };
};

/** `RaggedBincount`. */
const raggedBincount: KernelFactory = ({ attributes }) => {
  const binary = boolAttribute(attributes, 'binary_output', false);
  return ([splitsTensor, x, size, weights]) => {
    const { rows, rowIds } = partitionOfSplits(rowSplits(splitsTensor!, x!.data.length));
    const bins = countBins(integersOf(x!), (i) => rowIds[i]!, rows, size!, weights!, binary);
    return [numberTensor(weights!.dtype, [rows, integerOf(size!)], bins)];
  };
};

/** `RaggedTensorToSparse`. */
const raggedToSparse: KernelFactory = ({ attributes }) => {
  const depth = intAttribute(attributes, 'RAGGED_RANK');
  return (inputs) => {
    const partitions = inputs.slice(0, depth).map((splits) => partitionOfSplits(rowSplits(splits)));
    const values = inputs[depth]!;
    const inner = values.shape.slice(1);
    let paths: number[][] = Array.from({ length: partitions[0]!.rows }, (_, row) => [row]);
    for (const { rowIds } of partitions) {
      let column = 0;
      paths = Array.from({ length: rowIds.length }, (_, i) => {
        column = i > 0 && rowIds[i] === rowIds[i - 1] ? column + 1 : 0;
        return [...paths[rowIds[i]!]!, column];
      });
    }
    const width = productOf(inner);
    const suffixes = Array.from({ length: width }, (_, k) => {
      const index: number[] = [];
      for (let d = inner.length - 1, rest = k; d >= 0; d--) {
        index.unshift(rest % inner[d]!);
        rest = Math.floor(rest / inner[d]!);
      }
      return index;
    });
    const indices = paths.flatMap((path) => suffixes.flatMap((suffix) => [...path, ...suffix]));
    const rank = depth + 1 + inner.length;
    const shape = [partitions[0]!.rows, ...partitions.map(({ widest }) => widest), ...inner];
    const count = paths.length * width;
    return [
      integerTensor('int64', [count, rank], indices),
      takeElements(
        values,
        [count],
        Int32Array.from({ length: count }, (_, i) => i),
      ),
      integerTensor('int64', [rank], shape),
    ];
  };
};

/** Kernels of ragged tensors, by operation. */
export const raggedKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    RaggedBincount: raggedBincount,
    RaggedGather: raggedGather,
    RaggedRange: raggedRange,
    RaggedTensorToSparse: raggedToSparse,
    RaggedTensorToTensor: raggedToTensorKernel,
  }),
);
