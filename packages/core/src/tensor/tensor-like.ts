/** The forms in which a caller in process may hand in a tensor. */
import type { NumericArray } from './data-type.js';
import type { Tensor } from './tensor.js';

/** A scalar of a nested array: numbers for numeric types, `bigint` for 64-bit ones too, strings or bytes for `string`. */
export type TensorScalar = number | bigint | boolean | string | Uint8Array;

/** Arrays of arrays, all of one length per level; a scalar alone has shape `[]`. */
export type NestedArray = TensorScalar | readonly NestedArray[];

/** A typed array with a shape, of the array type that the input's data type has; its data type comes from the signature. */
export interface ShapedArray {
  /** Sizes by dimension; their product is the length of `data` (half of it for complex types). */
  readonly shape: readonly number[];
  readonly data: NumericArray;
}

/** The part of a `tf.Tensor` that we read. */
export interface TfjsTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Its values; called once, and what it returns is not written into. */
  dataSync(): unknown;
}

/**
 * Whatever can be handed in for an input: a tensor, a `tf.Tensor`, a typed array with or without its shape (then of one dimension), or nested arrays.
 * Numbers and arrays become the signature's data type; nothing is converted between data types otherwise.
 */
export type TensorLike = Tensor | ShapedArray | TfjsTensor | NumericArray | NestedArray;
