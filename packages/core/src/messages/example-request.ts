/** Requests of Classify and Regress in process. */
import type { Example, Feature } from './example.js';
import type { ModelSpec } from './model-spec.js';

/** One value of a feature: bytes for strings and byte arrays, float for numbers, int64 for bigints and booleans (0 and 1). */
export type FeatureScalar = string | Uint8Array | number | bigint | boolean;

/**
 * A feature in the forms that JavaScript has for it.
 *
 * | given | kind |
 * | --- | --- |
 * | `string` (as UTF-8), `Uint8Array` (one value) | bytes |
 * | `number`, `Float32Array`, `Float64Array` | float; whole numbers too, whatever their value |
 * | `bigint`, `boolean`, `BigInt64Array`, `Int8Array`, `Int16Array`, `Int32Array`, `Uint16Array`, `Uint32Array` | int64 |
 * | a list of scalars | the kind of its first; all have to be of that kind |
 * | `[]` | none: the feature is there without a kind, as if it were missing |
 * | `{ kind, values }` | as it says |
 */
export type FeatureLike =
  | Feature
  | FeatureScalar
  | readonly FeatureScalar[]
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint16Array
  | Uint32Array;

/** An example as a plain object or as a `Map`. */
export type ExampleLike = Example | ReadonlyMap<string, FeatureLike> | Readonly<Record<string, FeatureLike>>;

/** One classify or regress call. `model` alone means the latest available version. */
export interface ExampleRequest extends ModelSpec {
  /** Default `serving_default`. */
  readonly signatureName?: string;
  /** At least one. */
  readonly examples: readonly ExampleLike[];
  /** Features that each example gets too, unless it has one of that name itself. */
  readonly context?: ExampleLike;
  /** Aborting rejects the call with `CANCELLED`. */
  readonly signal?: AbortSignal;
  /** Rejects with `DEADLINE_EXCEEDED` after this many milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
}
