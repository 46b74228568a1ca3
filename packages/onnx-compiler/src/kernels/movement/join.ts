/** Tensors joined along an axis, or cut along one. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { intAttribute } from '../../graph/attribute-readers.js';
import { axisOf, integerOf, integersOf } from '../elements/numbers.js';
import { productOf, rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { concatElements, takeElements, withShape } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** `ConcatV2`: the axis is the last input. */
export const concatV2Kernel: KernelFactory = () => (inputs) => [
  concatAlong(inputs.slice(0, -1), integerOf(inputs.at(-1)!)),
];

/** `Concat`: the axis is the first input. */
export const concatKernel: KernelFactory =
  () =>
  ([axis, ...values]) => [concatAlong(values, integerOf(axis!))];

/** Tensors of one dtype, joined along an axis. */
export function concatAlong(values: readonly Tensor[], axisGiven: number): Tensor {
  const first = values[0]!;
  const rank = first.shape.length;
  const axis = axisOf(
    axisGiven,
    rank,
    `ConcatOp : Expected concatenating dimensions in the range [${-rank}, ${rank}), but got ${axisGiven}`,
  );
  for (const [i, { shape }] of values.entries()) {
    if (shape.length !== rank) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `ConcatOp : Ranks of all input tensors should match: shape[0] = [${first.shape}] vs. shape[${i}] = [${shape}]`,
      );
    }
    const d = shape.findIndex((size, at) => at !== axis && size !== first.shape[at]);
    if (d >= 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `ConcatOp : Dimension ${d} in both shapes must be equal: shape[0] = [${first.shape}] vs. shape[${i}] = [${shape}]`,
      );
    }
  }
  const shape = first.shape.with(
    axis,
    values.reduce((sum, value) => sum + value.shape[axis]!, 0),
  );
  const all = concatElements(values);
  if (productOf(shape, 0, axis) === 1) return withShape(all, shape);
  const outer = productOf(shape, 0, axis);
  const positions = new Int32Array(elementCount(shape));
  const starts: number[] = [];
  let start = 0;
  for (const value of values) {
    starts.push(start);
    start += productOf(value.shape);
  }
  let filled = 0;
  for (let row = 0; row < outer; row++) {
    for (const [i, value] of values.entries()) {
      const width = productOf(value.shape, axis);
      for (let k = 0; k < width; k++) positions[filled++] = starts[i]! + row * width + k;
    }
  }
  return takeElements(all, shape, positions);
}

/** `Pack`. */
export const packKernel: KernelFactory = ({ attributes }) => {
  const axisGiven = attributes.has('axis') ? intAttribute(attributes, 'axis') : 0;
  return (inputs) => {
    const { shape } = inputs[0]!;
    for (const [i, input] of inputs.entries()) {
      if (String(input.shape) !== String(shape)) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Shapes of all inputs must match: values[0].shape = [${shape}] != values[${i}].shape = [${input.shape}]`,
        );
      }
    }
    const axis = axisOf(
      axisGiven,
      shape.length + 1,
      `axis = ${axisGiven} not in [${-shape.length - 1}, ${shape.length + 1})`,
    );
    return [
      concatAlong(
        inputs.map((input) => withShape(input, shape.toSpliced(axis, 0, 1))),
        axis,
      ),
    ];
  };
};

/** `Unpack`. */
export const unpackKernel: KernelFactory = ({ attributes }) => {
  const axisGiven = intAttribute(attributes, 'axis');
  const num = intAttribute(attributes, 'num');
  return ([x]) => {
    const rank = x!.shape.length;
    const axis = axisOf(axisGiven, rank, `axis = ${axisGiven} not in [${-rank}, ${rank})`);
    if (x!.shape[axis] !== num) {
      throw new ServingError('INVALID_ARGUMENT', `Input shape axis ${axis} must equal ${num}, got shape [${x!.shape}]`);
    }
    const shape = x!.shape.toSpliced(axis, 1);
    return sectionsAlong(x!, axis, new Array<number>(num).fill(1)).map((part) => withShape(part, shape));
  };
};

/** `Split`: the axis is the first input. */
export const splitKernel: KernelFactory = ({ attributes }) => {
  const num = intAttribute(attributes, 'num_split');
  return ([axisTensor, x]) => {
    const axis = splitAxis(integerOf(axisTensor!), x!);
    const size = x!.shape[axis]!;
    if (size % num !== 0) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Number of ways to split should evenly divide the split dimension, but got split_dim ${axis} (size = ${size}) and num_split ${num}`,
      );
    }
    return sectionsAlong(x!, axis, new Array<number>(num).fill(size / num));
  };
};

/** `SplitV`: one of the sizes may be -1. */
export const splitVKernel: KernelFactory =
  () =>
  ([x, sizesTensor, axisTensor]) => {
    const axis = splitAxis(integerOf(axisTensor!), x!);
    const sizes = integersOf(sizesTensor!);
    const free = sizes.indexOf(-1);
    const known = sizes.reduce((sum, size, i) => (i === free ? sum : sum + size), 0);
    const total = x!.shape[axis]!;
    if (free < 0 ? known !== total : known > total) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Determined shape must either match input shape along split_dim exactly if fully specified, or be less than the size of the input along split_dim if not fully specified.  Got: ${known}`,
      );
    }
    return sectionsAlong(x!, axis, free < 0 ? sizes : sizes.with(free, total - known));
  };

function splitAxis(axis: number, x: Tensor): number {
  const rank = x.shape.length;
  return axisOf(axis, rank, `-input rank(-${rank}) <= split_dim < input rank (${rank}), but got ${axis}`);
}

function sectionsAlong(x: Tensor, axis: number, sizes: readonly number[]): Tensor[] {
  const strides = rowMajorStrides(x.shape);
  let begin = 0;
  return sizes.map((size) => {
    const shape = x.shape.with(axis, size);
    const part = takeElements(x, shape, stridedPositions(shape, strides, begin * strides[axis]!));
    begin += size;
    return part;
  });
}
