/** What a parser takes from a `tf.Example`. */
import { ServingError } from '@serving/core';
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import { countOf } from '../elements/take.js';

/** Dtypes of the values that examples hold. */
export type FeatureType = 'float' | 'int64' | 'string';

/** A feature whose values have one shape in every example. */
export interface DenseFeature {
  readonly key: string;
  readonly dtype: FeatureType;
  /** The first size is -1 where examples may have more or fewer rows. */
  readonly shape: readonly number[];
  /** Without elements: the feature is required. Of a feature with any number of rows, the one element that shorter ones are filled with. */
  readonly fallback: Tensor;
}

/** A feature with any number of values, as a sparse or ragged tensor. */
export interface ListFeature {
  readonly key: string;
  readonly dtype: FeatureType;
}

/** A ragged feature with the dtype of its row splits. */
export interface RaggedFeature extends ListFeature {
  readonly splitsType: DataType;
}

/** All features of a parser, in the order of its outputs. */
export interface ExampleSchema {
  readonly sparse: readonly ListFeature[];
  readonly dense: readonly DenseFeature[];
  readonly ragged: readonly RaggedFeature[];
}

/** The dtype of a feature. */
export function featureType(dtype: DataType): FeatureType {
  if (dtype === 'float' || dtype === 'int64' || dtype === 'string') return dtype;
  throw new ServingError('UNIMPLEMENTED', `features of ${dtype} are not supported`);
}

/** The features of lists of the same length. */
export function denseFeatures(
  keys: readonly string[],
  types: readonly DataType[],
  shapes: readonly PartialShape[],
  fallbacks: readonly Tensor[],
): DenseFeature[] {
  return keys.map((key, i) => {
    const shape = shapes[i];
    if (shape === undefined || shape.some((size, d) => size < 0 && d > 0)) {
      throw new ServingError(
        'UNIMPLEMENTED',
        `dense feature "${key}" must have a shape with known sizes after the first`,
      );
    }
    const fallback = fallbacks[i]!;
    if (shape[0] === -1 && countOf(fallback) !== 1) {
      const known = shape.map((size) => (size < 0 ? '?' : size));
      throw new ServingError(
        'INVALID_ARGUMENT',
        `dense_shape[${i}] is a variable length shape: [${known}], therefore def_value[${i}] must contain a single element (the padding element).  But its shape is: [${fallback.shape}]`,
      );
    }
    return { key, dtype: featureType(types[i]!), shape, fallback };
  });
}

/** Whether examples may have any number of rows of the feature. */
export function isVariable({ shape }: DenseFeature): boolean {
  return shape[0] === -1;
}

/** Whether examples must have the feature. */
export function isRequired(feature: DenseFeature): boolean {
  return !isVariable(feature) && countOf(feature.fallback) === 0 && !feature.shape.includes(0);
}
