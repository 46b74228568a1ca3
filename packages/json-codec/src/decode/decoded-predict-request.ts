/** What the decoders of predict requests return, and what they need. */
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';

/** The two forms of a request, which decide the form of its response: `instances` and `inputs`. */
export type JsonPredictRequestFormat = 'row' | 'columnar';

/** A predict request, decoded. */
export interface DecodedPredictRequest {
  readonly format: JsonPredictRequestFormat;
  /** What `resolve` returned. */
  readonly signature: Signature;
  /** A tensor for every input of the signature; null prototype. */
  readonly inputs: NamedTensors;
}

/**
 * Resolves the signature at most once. Its first caller must have the request's final signature name; what the lookup threw is thrown by
 * `get` alone, once the body is known to deserve it.
 */
export interface SignatureLookup {
  /** The signature; `undefined` when the lookup threw. */
  tryGet(signatureName: string | undefined): Signature | undefined;
  /** The signature; throws what the lookup threw. */
  get(signatureName: string | undefined): Signature;
}
