/** What Classify and Regress need of a servable beside `run`. */
import type { ExampleInput } from '../messages/example.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Signature } from './signature.js';

/**
 * A servable with this answers Classify and Regress for every signature of their form: one input `inputs`; outputs
 * `classes` and `scores`, or one of them; or one output `outputs`.
 */
export interface ExampleSupport {
  /**
   * The tensor for `inputs`, with a row per example and the context's features in each. There is at least one example.
   * SavedModels take serialized tf.Examples (`encodeExamples` of `@serving/protos/messages`); others may take what suits them.
   *
   * @throws ServingError `INVALID_ARGUMENT` for examples that the signature has no use for.
   */
  encode(input: ExampleInput, signature: Signature): Tensor;
  /** A signature in print, for errors about its form. Default: its name and its aliases. */
  format?(signature: Signature): string;
  /** Whether a signature's method name must be the API's. Default false: exporters give any signature any of the names. */
  readonly checkMethodName?: boolean;
}
