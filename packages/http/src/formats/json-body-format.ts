/** Predict bodies in JSON: the form of every body that has no other. */
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import {
  type DecodedPredictRequest,
  type DecodeOptions,
  decodePredictRequest,
  decodePredictRequestInSlices,
  encodePredictResponseOrSlices,
  type JsonEncodeOptions,
  type JsonPredictRequestFormat,
  SLICE_BYTES,
  type SlicedWork,
  serializedBody,
} from '@serving/json-codec';
import type { BodyBytes } from '../http-message.js';
import type { RestCall } from '../rest/rest-call.js';
import type { DecodedPredict, PredictEncoder, PredictResponseBody, RestPredictFormat } from './rest-predict-format.js';

export const JSON_TYPE = 'application/json';

/** Large bodies and responses are read and written in slices. Errors are in TensorFlow Serving's words, without a place. */
export class JsonBodyFormat implements RestPredictFormat {
  readonly maxDecodedAtOnce: number = SLICE_BYTES;
  readonly #row: PredictEncoder;
  readonly #columnar: PredictEncoder;
  readonly #decoding: DecodeOptions;

  constructor(options: JsonEncodeOptions & DecodeOptions) {
    this.#decoding = options;
    this.#row = new JsonEncoder('row', options);
    this.#columnar = new JsonEncoder('columnar', options);
  }

  /** For responses to bodies in another form. */
  get encoder(): PredictEncoder {
    return this.#columnar;
  }

  bytesOf(parsedBody: unknown): Uint8Array {
    return serializedBody(parsedBody);
  }

  /** What did not inflate is an empty document. */
  inflated(bytes: Uint8Array): Uint8Array {
    return bytes;
  }

  /** The tensors are not views of the body. */
  decode(body: BodyBytes, rest: RestCall): DecodedPredict {
    try {
      return this.#decoded(decodePredictRequest(body, (name) => rest.resolveJson(name), this.#decoding));
    } finally {
      rest.request.releaseBody?.();
    }
  }

  async decodeInSlices(body: BodyBytes, rest: RestCall): Promise<DecodedPredict> {
    try {
      return this.#decoded(await rest.inSlices(decodePredictRequestInSlices(body, (name) => rest.resolveJson(name))));
    } finally {
      rest.request.releaseBody?.();
    }
  }

  #decoded({ format, signature, inputs }: DecodedPredictRequest): DecodedPredict {
    return { signature, inputs, outputFilter: undefined, encoder: format === 'row' ? this.#row : this.#columnar };
  }
}

class JsonEncoder implements PredictEncoder {
  readonly contentType: string = JSON_TYPE;
  readonly #format: JsonPredictRequestFormat;
  readonly #options: JsonEncodeOptions;

  constructor(format: JsonPredictRequestFormat, options: JsonEncodeOptions) {
    this.#format = format;
    this.#options = options;
  }

  encode(
    rest: RestCall,
    _signature: Signature,
    outputs: NamedTensors,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    const body = encodePredictResponseOrSlices(this.#format, outputs, this.#options);
    return body instanceof Uint8Array ? { contentType: JSON_TYPE, body } : this.#inSlices(rest, body);
  }

  async #inSlices(rest: RestCall, work: SlicedWork<Uint8Array>): Promise<PredictResponseBody> {
    return { contentType: JSON_TYPE, body: await rest.inSlices(work) };
  }
}
