/** tf.Example as plain data: what Classify and Regress take instead of tensors. */

/**
 * The values of one feature: of exactly one kind, as tf.Feature's oneof, or none with the kind not set (which a JSON `[]`
 * means; to TensorFlow such a feature is a missing one, while an empty list of a kind is there).
 */
export type Feature =
  | { readonly kind: 'bytes'; readonly values: readonly Uint8Array[] }
  | { readonly kind: 'float'; readonly values: Float32Array | readonly number[] }
  | { readonly kind: 'int64'; readonly values: BigInt64Array | readonly bigint[] }
  | { readonly kind: 'unset'; readonly values: readonly never[] };

/** Features by name. A `Map`, since a name may be anything. Examples of one request may have different features. */
export type Example = ReadonlyMap<string, Feature>;

/**
 * tensorflow.serving.Input: a list of examples, with or without a context whose features each example gets too, unless it
 * has a feature of that name itself.
 */
export interface ExampleInput {
  readonly examples: readonly Example[];
  readonly context?: Example;
}
