/** Shapes of tensors, and the partly known ones that signatures declare. */
import { ServingError } from '../serving-error.js';

/** A declared shape: −1 for a free dimension, `undefined` when even the rank is free. */
export type PartialShape = readonly number[] | undefined;

/** A tensor holds fewer elements than this. */
export const MAX_ELEMENTS: number = 2 ** 31;

/**
 * The number of elements of a shape.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a dimension that is no whole number from 0, or 2³¹ elements or more.
 */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ServingError('INVALID_ARGUMENT', `Dimension ${size} of shape [${shape}] is not a whole number from 0`);
    }
    count *= size;
  }
  if (count >= MAX_ELEMENTS) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Shape [${shape}] has ${count} elements; a tensor holds fewer than 2^31`,
    );
  }
  return count;
}

/** `[2,-1,3]`, or `unknown rank`: for error texts. */
export function formatShape(shape: PartialShape): string {
  return shape === undefined ? 'unknown rank' : `[${shape}]`;
}
