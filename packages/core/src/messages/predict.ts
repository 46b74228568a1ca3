/** Predict: named tensors in, named tensors out. */
import type { Version } from '../servable/version.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { TensorLike } from '../tensor/tensor-like.js';
import type { ModelSpec } from './model-spec.js';

/** One predict call. `model` alone means the latest available version. */
export interface PredictRequest extends ModelSpec {
  /** Default `serving_default`. */
  readonly signatureName?: string;
  /**
   * A value per input alias. Inputs for which the signature has a default may be left out; any other missing or
   * unknown alias is `INVALID_ARGUMENT`. Tensors and typed arrays are used as they are: they must not change until the
   * call has settled.
   */
  readonly inputs: Readonly<Record<string, TensorLike>>;
  /** Outputs wanted, by alias; all when absent or empty. An unknown one is `INVALID_ARGUMENT`. */
  readonly outputFilter?: readonly string[];
  /** Aborting rejects the call with `CANCELLED`. */
  readonly signal?: AbortSignal;
  /** Rejects with `DEADLINE_EXCEEDED` after this many milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
}

/** What one predict call gives. */
export interface PredictResponse {
  readonly model: string;
  /** The version that ran: the one that a missing version or a label stood for. */
  readonly version: Version;
  readonly signatureName: string;
  /** The requested ones by alias. They are the caller's own. */
  readonly outputs: NamedTensors;
}
