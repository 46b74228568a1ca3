/** `Select` and `SelectV2`, of any dtype. */
import { ServingError } from '@serving/core/portable';
import { elementCount, type Tensor } from '@serving/core/tensor';
import { broadcastPositions, broadcastShapes } from '../elements/broadcast.js';
import { concatElements, countOf, takeElements } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';

/** `SelectV2`: all three broadcast. */
export const selectV2Kernel: KernelFactory =
  () =>
  ([condition, x, y]) => {
    const shape = broadcastShapes(broadcastShapes(condition!.shape, x!.shape), y!.shape);
    return [selected(condition!, x!, y!, shape, broadcastPositions(condition!.shape, shape))];
  };

/** `Select`: the condition is a scalar, chooses rows, or has the shape of the values. */
export const selectKernel: KernelFactory =
  () =>
  ([condition, x, y]) => {
    const { shape } = x!;
    const own = condition!.shape;
    if (own.length === 1 && shape.length > 1 && own[0] !== shape[0]) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Number of batches of 'then' must match size of 'cond', but saw: ${shape[0]} vs. ${own[0]}`,
      );
    }
    if (String(shape) !== String(y!.shape)) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `'then' and 'else' must have the same size.  but received: [${shape}] vs. [${y!.shape}]`,
      );
    }
    const choosesRows = own.length === 1 && shape.length > 1;
    if (own.length > 0 && !choosesRows && String(own) !== String(shape)) {
      throw new ServingError('INVALID_ARGUMENT', `Incompatible shapes: cond [${own}] vs. then [${shape}]`);
    }
    const aligned = choosesRows ? [own[0]!, ...shape.slice(1).fill(1)] : own;
    return [selected(condition!, x!, y!, shape, broadcastPositions(aligned, shape))];
  };

function selected(
  condition: Tensor,
  x: Tensor,
  y: Tensor,
  shape: readonly number[],
  choices: Int32Array | undefined,
): Tensor {
  const left = broadcastPositions(x.shape, shape);
  const right = broadcastPositions(y.shape, shape);
  const second = countOf(x);
  const chosen = condition.data as Uint8Array;
  const positions = new Int32Array(elementCount(shape));
  for (let i = 0; i < positions.length; i++) {
    positions[i] = chosen[choices?.[i] ?? i] !== 0 ? (left?.[i] ?? i) : second + (right?.[i] ?? i);
  }
  return takeElements(concatElements([x, y]), shape, positions);
}
