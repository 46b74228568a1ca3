/** Operations on shapes, and those that keep every element in its order. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { intsAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { broadcastPositions, broadcastShapes, tryBroadcastShapes } from '../elements/broadcast.js';
import { axisOf, integerOf, integersOf, integerTensor } from '../elements/numbers.js';
import { countOf, takeElements, withShape, zeros } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';

/** The kernel of operations that return their inputs. */
export const identityKernel: KernelFactory = () => (inputs) => [...inputs];

function indexType({ attributes }: KernelContext) {
  return attributes.has('out_type') ? typeAttribute(attributes, 'out_type') : 'int32';
}

/** `Shape` and `ShapeN`. */
export const shapeKernel: KernelFactory = (context) => {
  const dtype = indexType(context);
  return (inputs) => inputs.map(({ shape }) => integerTensor(dtype, [shape.length], shape));
};

/** `Size`. */
export const sizeKernel: KernelFactory = (context) => {
  const dtype = indexType(context);
  return ([x]) => [integerTensor(dtype, [], [countOf(x!)])];
};

/** `Rank`. */
export const rankKernel: KernelFactory =
  () =>
  ([x]) => [integerTensor('int32', [], [x!.shape.length])];

/** `Reshape`. */
export const reshapeKernel: KernelFactory =
  () =>
  ([x, shape]) => [withShape(x!, reshaped(x!.shape, integersOf(shape!)))];

/**
 * The shape asked for, with `-1` resolved. Where a size is 0, sizes of 0 don't count on either side.
 *
 * @throws ServingError `INVALID_ARGUMENT` for another number of elements.
 */
function reshaped(from: readonly number[], sizes: readonly number[]): readonly number[] {
  const free = sizes.indexOf(-1);
  const second = free < 0 ? -1 : sizes.indexOf(-1, free + 1);
  if (second >= 0) {
    throw new ServingError('INVALID_ARGUMENT', `Only one input size may be -1, not both ${free} and ${second}`);
  }
  const negative = sizes.findIndex((size) => size < -1);
  if (negative >= 0) {
    throw new ServingError('INVALID_ARGUMENT', `Size ${negative} must be non-negative, not ${sizes[negative]}`);
  }
  const count = elementCount(from);
  const start = `Input to reshape is a tensor with ${count} values, but the requested shape`;
  if (free < 0) {
    if (elementCount(sizes) !== count) {
      throw new ServingError('INVALID_ARGUMENT', `${start} has ${elementCount(sizes)}`);
    }
    return sizes;
  }
  const known = elementCount(sizes.filter((size) => size > 0));
  const counted = sizes.includes(0) ? elementCount(from.filter((size) => size > 0)) : count;
  if ((sizes.includes(0) && count > 0) || counted % known !== 0) {
    throw new ServingError('INVALID_ARGUMENT', `${start} requires a multiple of ${known}`);
  }
  return sizes.with(free, counted / known);
}

/** `_Reshape`: the sizes are an attribute, and 0 copies the input's. */
export const copyingReshapeKernel: KernelFactory = ({ attributes }) => {
  const sizes = intsAttribute(attributes, 'shape');
  return ([x]) => {
    const copied = sizes.map((size, d) => (size === 0 ? x!.shape[d]! : size));
    return [withShape(x!, reshaped(x!.shape, copied))];
  };
};

/** `ExpandDims`. */
export const expandDimsKernel: KernelFactory =
  () =>
  ([x, dim]) => {
    const rank = x!.shape.length;
    const axis = integerOf(dim!);
    const message = `Tried to expand dim index ${axis} for tensor with ${rank} dimensions.`;
    return [withShape(x!, x!.shape.toSpliced(axisOf(axis, rank + 1, message), 0, 1))];
  };

/** `Squeeze`. */
export const squeezeKernel: KernelFactory = ({ attributes }) => {
  const dims = attributes.has('squeeze_dims') ? intsAttribute(attributes, 'squeeze_dims') : [];
  return ([x]) => {
    const rank = x!.shape.length;
    const chosen = new Set(
      dims.map((dim) => axisOf(dim, rank, `Tried to squeeze dim index ${dim} for tensor with ${rank} dimensions.`)),
    );
    for (const d of chosen) {
      if (x!.shape[d] !== 1) {
        throw new ServingError(
          'INVALID_ARGUMENT',
          `Can not squeeze dim[${d}], expected a dimension of 1, got ${x!.shape[d]}`,
        );
      }
    }
    return [
      withShape(
        x!,
        x!.shape.filter((size, d) => (chosen.size > 0 ? !chosen.has(d) : size !== 1)),
      ),
    ];
  };
};

/** `ZerosLike`, of any dtype. */
export const zerosLikeKernel: KernelFactory =
  () =>
  ([x]) => [zeros(x!.dtype, x!.shape)];

/** `BroadcastTo`. */
export const broadcastToKernel: KernelFactory =
  () =>
  ([x, sizes]) => {
    const shape = integersOf(sizes!);
    if (String(tryBroadcastShapes(x!.shape, shape)) !== String(shape) || shape.length < x!.shape.length) {
      throw new ServingError('INVALID_ARGUMENT', `Incompatible shapes: [${x!.shape}] vs. [${shape}]`);
    }
    return [broadcastTo(x!, shape)];
  };

function broadcastTo(x: Tensor, shape: readonly number[]): Tensor {
  const positions = broadcastPositions(x.shape, shape);
  return positions === undefined ? x : takeElements(x, shape, positions);
}

/** `BroadcastArgs`. */
export const broadcastArgsKernel: KernelFactory =
  () =>
  ([x, y]) => {
    const shape = broadcastShapes(integersOf(x!), integersOf(y!));
    return [integerTensor(x!.dtype, [shape.length], shape)];
  };
