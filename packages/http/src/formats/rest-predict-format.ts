/** The interface of a form of predict bodies. */
import type { EncodedPredictBody, Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import type { BodyBytes } from '../http-message.js';
import type { RestCall } from '../rest/rest-call.js';

/** The body of a response and what it is. */
export interface PredictResponseBody extends EncodedPredictBody {
  readonly contentType: string;
}

/** Writes responses in one form. */
export interface PredictEncoder {
  readonly contentType: string;
  /** A body holds exactly one tensor; `encode` is then given one output. */
  readonly holdsOneTensor?: boolean;
  /** @throws ServingError for outputs that have no such form, thrown or rejected */
  encode(
    rest: RestCall,
    signature: Signature,
    outputs: NamedTensors,
  ): PredictResponseBody | Promise<PredictResponseBody>;
}

/** A request, ready to run. */
export interface DecodedPredict {
  readonly signature: Signature;
  readonly inputs: NamedTensors;
  /** `undefined`: all. */
  readonly outputFilter: readonly string[] | undefined;
  readonly encoder: PredictEncoder;
}

/** One form of predict bodies. All methods throw `ServingError`s. */
export interface RestPredictFormat {
  /** Bytes of a body; longer ones are decoded in slices. */
  readonly maxDecodedAtOnce: number;
  /** The bytes of a body that a parser in front has parsed. */
  bytesOf(parsedBody: unknown): Uint8Array;
  /** Checks a body that was inflated. */
  inflated(bytes: Uint8Array, rest: RestCall): Uint8Array;
  /** Has the request's call begun. */
  decode(body: BodyBytes, rest: RestCall): DecodedPredict;
  decodeInSlices(body: BodyBytes, rest: RestCall): Promise<DecodedPredict>;
}
