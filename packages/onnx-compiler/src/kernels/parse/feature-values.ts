/** Values of features, collected over the examples of a request. */
import type { Feature } from '@serving/core/extend';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { concatElements, zeros } from '../elements/take.js';
import type { FeatureType } from './example-schema.js';

const KINDS: Readonly<Record<FeatureType, Feature['kind']>> = { float: 'float', int64: 'int64', string: 'bytes' };

/** The name that TensorFlow's messages give the values of a feature. */
export function kindName(feature: Feature): string {
  return feature.kind === 'bytes' ? 'string' : feature.kind;
}

/** Whether a feature's values have this dtype. */
export function isOfType(feature: Feature, dtype: FeatureType): boolean {
  return feature.kind === KINDS[dtype];
}

/** The values of a feature as a vector. */
export function valuesOf(feature: Feature): Tensor {
  const shape = [feature.values.length];
  if (feature.kind === 'float') return { dtype: 'float', shape, data: Float32Array.from(feature.values) };
  if (feature.kind === 'int64') return { dtype: 'int64', shape, data: BigInt64Array.from(feature.values) };
  return { dtype: 'string', shape, data: StringArray.from(feature.values as Uint8Array[]) };
}

/** Collects values, and joins them once. */
export class ValueCollector {
  readonly #dtype: FeatureType;
  readonly #parts: Tensor[] = [];

  constructor(dtype: FeatureType) {
    this.#dtype = dtype;
  }

  add(values: Tensor): void {
    this.#parts.push(values);
  }

  /** All values under a shape. */
  tensor(shape: readonly number[]): Tensor {
    if (this.#parts.length === 0) return zeros(this.#dtype, shape);
    return { ...concatElements(this.#parts), shape };
  }
}
