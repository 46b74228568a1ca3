/** Forms of predict bodies beside JSON, for wire APIs that can be given more of them. */
import type { ServableId } from '../servable/servable-id.js';
import type { Signature } from '../servable/signature.js';
import type { NamedTensors } from '../tensor/tensor.js';
import type { ModelSpec } from './model-spec.js';
import type { PredictResponse } from './predict.js';

/** What surrounds the body of a request. */
export interface PredictBodyRequest {
  /** As the request's path names it. */
  readonly model: ModelSpec;
  /** The value of a header, by its name in lower case. */
  header(name: string): string | undefined;
  /**
   * Finds the model and the signature that the request names (`serving_default` for `undefined` and `''`); to be called once.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT`, to be passed on.
   */
  resolve(signatureName: string | undefined): ResolvedSignature;
}

/** What a request is served by. */
export interface ResolvedSignature {
  readonly servableId: ServableId;
  readonly signature: Signature;
}

/** A request, decoded. */
export interface DecodedPredictBody {
  readonly signature: Signature;
  /** A tensor for every input of the signature, of its data type; null prototype. May be views of the body. */
  readonly inputs: NamedTensors;
  /** Outputs wanted, by alias, known to the signature; all when absent or empty. */
  readonly outputFilter?: readonly string[];
  /** Instead of the format's {@link PredictBodyFormat.encode}, where the form of the answer depends on the request. */
  readonly encode?: PredictBodyFormat['encode'];
}

/** An answer's body. */
export interface EncodedPredictBody {
  /** Not written to afterwards; may be a view of an output. */
  readonly body: Uint8Array;
  /** Headers beside `Content-Type` and `Content-Length`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One form, such as protobuf. Of a request `decode` is called, the signature is run, and `encode` writes the outputs, of
 * this request or of one in another form whose client accepts this one. Both are synchronous and keep nothing.
 */
export interface PredictBodyFormat {
  /** In lower case, without parameters. */
  readonly contentType: string;
  /** Headers without which a request of this content type is not of this form, in lower case. Default: none. */
  readonly requiredHeaders?: readonly string[];
  /** A body holds exactly one tensor; `encode` is then given one output. Default false. */
  readonly holdsOneTensor?: boolean;
  /**
   * Reads a request's body, inflated. Model, version and signature are put in front of what it throws once they are known.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a body that is not of this form or doesn't fit the signature.
   */
  decode(body: Uint8Array, request: PredictBodyRequest): DecodedPredictBody;
  /**
   * Called instead of {@link PredictBodyFormat.decode} for bodies over 256 KiB: yields about every millisecond, so that other requests
   * are not kept waiting. Default: `decode`, in one go.
   */
  decodeInSlices?(body: Uint8Array, request: PredictBodyRequest): Generator<void, DecodedPredictBody>;
  /**
   * Writes an answer.
   *
   * @throws ServingError for outputs that have no such form.
   */
  encode(response: PredictResponse): EncodedPredictBody;
}
