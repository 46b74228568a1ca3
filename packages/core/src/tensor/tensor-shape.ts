/** Shapes of tensors, and the partly known ones that signatures declare. */
import { ServingError } from '../serving-error.js';

/** A declared shape: −1 for a free dimension, `undefined` when even the rank is free. */
export type PartialShape = readonly number[] | undefined;

/** A tensor holds fewer elements than this. */
export const MAX_ELEMENTS: number = 2 ** 31;

/** The most dimensions that a tensor has, as in TensorFlow. */
export const MAX_RANK: number = 254;

/**
 * The number of elements of a shape. The dimensions of an empty tensor have a limit too: what is computed from it
 * may not be empty.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a dimension that is not a non-negative integer, for more than 254 dimensions, and for
 * dimensions other than 0 that make 2³¹ elements or more.
 */
export function elementCount(shape: readonly number[]): number {
  if (shape.length > MAX_RANK) {
    throw new ServingError('INVALID_ARGUMENT', `A tensor has at most ${MAX_RANK} dimensions, this one ${shape.length}`);
  }
  let count = 1;
  let isEmpty = false;
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ServingError('INVALID_ARGUMENT', `Dimension ${size} of shape [${shape}] is not a non-negative integer`);
    }
    if (size === 0) isEmpty = true;
    else count *= size;
  }
  if (count >= MAX_ELEMENTS) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Shape [${shape}] has ${count} elements; a tensor holds fewer than 2^31`,
    );
  }
  return isEmpty ? 0 : count;
}

/** `[2,-1,3]`, or `unknown rank`: for error texts. */
export function formatShape(shape: PartialShape): string {
  return shape === undefined ? 'unknown rank' : `[${shape}]`;
}

/** `[?,3]`, or `any shape`: for error texts about what a signature expects. */
export function formatPartialShape(shape: PartialShape): string {
  return shape === undefined ? 'any shape' : `[${shape.map((size) => (size < 0 ? '?' : size))}]`;
}

/** Whether a tensor of this shape has the declared rank and every known dimension. */
export function isCompatibleShape(shape: readonly number[], declared: PartialShape): boolean {
  if (declared === undefined) return true;
  if (shape.length !== declared.length) return false;
  for (let i = 0; i < shape.length; i++) if (declared[i]! >= 0 && declared[i] !== shape[i]) return false;
  return true;
}
