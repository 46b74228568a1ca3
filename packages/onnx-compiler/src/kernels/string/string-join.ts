/** Strings joined: of several tensors, along axes, by segment. */
import { ServingError } from '@serving/core/portable';
import { boolAttribute, bytesAttribute } from '../../graph/attribute-readers.js';
import { integerOf, integersOf } from '../elements/numbers.js';
import { productOf, rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { StringBuilder, stringsOf } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';

/** `StringJoin`: scalars go with every element. */
export const stringJoinKernel: KernelFactory = ({ attributes }) => {
  const separator = attributes.has('separator') ? bytesAttribute(attributes, 'separator') : new Uint8Array(0);
  return (inputs) => {
    const shape = inputs.find((input) => input.shape.length > 0)?.shape ?? [];
    const other = inputs.find((input) => input.shape.length > 0 && String(input.shape) !== String(shape));
    if (other !== undefined) {
      throw new ServingError('INVALID_ARGUMENT', `Input shapes do not match: [${shape}] vs. [${other.shape}]`);
    }
    const builder = new StringBuilder();
    for (let i = 0; i < productOf(shape); i++) {
      for (const [k, input] of inputs.entries()) {
        if (k > 0) builder.append(separator);
        builder.append(stringsOf(input).at(input.shape.length === 0 ? 0 : i));
      }
      builder.finish();
    }
    return [builder.tensor(shape)];
  };
};

/** `ReduceJoin`: along the first axis given, then along the next. */
export const reduceJoinKernel: KernelFactory = ({ attributes }) => {
  const separator = bytesAttribute(attributes, 'separator');
  const keepDims = boolAttribute(attributes, 'keep_dims');
  return ([x, axesTensor]) => {
    const rank = x!.shape.length;
    const axes = integersOf(axesTensor!).map((axis) => {
      if (axis >= -rank && axis < rank) return axis < 0 ? axis + rank : axis;
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Invalid reduction dimension ${axis} for input with ${rank} dimension(s)`,
      );
    });
    const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
    if (twice !== undefined) throw new ServingError('INVALID_ARGUMENT', `Duplicate reduction dimension ${twice}`);
    const strides = rowMajorStrides(x!.shape);
    const kept = x!.shape.map((_, d) => d).filter((d) => !axes.includes(d));
    const sizes = (dims: readonly number[]) => dims.map((d) => x!.shape[d]!);
    const steps = (dims: readonly number[]) => dims.map((d) => strides[d]!);
    const starts = stridedPositions(sizes(kept), steps(kept));
    const offsets = stridedPositions(sizes(axes.toReversed()), steps(axes.toReversed()));
    const strings = stringsOf(x!);
    const builder = new StringBuilder();
    for (const start of starts) {
      for (let i = 0; i < offsets.length; i++) {
        if (i > 0) builder.append(separator);
        builder.append(strings.at(start + offsets[i]!));
      }
      builder.finish();
    }
    return [builder.tensor(keepDims ? x!.shape.map((size, d) => (axes.includes(d) ? 1 : size)) : sizes(kept))];
  };
};

/** `UnsortedSegmentJoin`. */
export const unsortedSegmentJoinKernel: KernelFactory = ({ attributes }) => {
  const separator = bytesAttribute(attributes, 'separator');
  return ([x, idsTensor, countTensor]) => {
    const ids = integersOf(idsTensor!);
    const count = integerOf(countTensor!);
    if (count < 0 || ids.some((id) => id < 0 || id >= count)) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        'segment_ids are not allowed to exceed num_segments or to have negative values.',
      );
    }
    const members = Array.from({ length: count }, (): number[] => []);
    for (const [row, id] of ids.entries()) members[id]!.push(row);
    const inner = productOf(x!.shape, idsTensor!.shape.length);
    const strings = stringsOf(x!);
    const builder = new StringBuilder();
    for (const rows of members) {
      for (let k = 0; k < inner; k++) {
        for (const [i, row] of rows.entries()) {
          if (i > 0) builder.append(separator);
          builder.append(strings.at(row * inner + k));
        }
        builder.finish();
      }
    }
    return [builder.tensor([count, ...x!.shape.slice(idsTensor!.shape.length)])];
  };
};
