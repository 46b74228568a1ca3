/** Predict requests: body to tensors, run, tensors to body. */
import type { RequestTrace } from '@serving/core/diagnostics';
import type { PredictBodyFormat } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import type { DecodeOptions, JsonEncodeOptions } from '@serving/json-codec';
import { JSON_TYPE, JsonBodyFormat } from '../formats/json-body-format.js';
import { BinaryBodyFormats } from '../formats/predict-body-formats.js';
import type { DecodedPredict, PredictResponseBody, RestPredictFormat } from '../formats/rest-predict-format.js';
import { type BodyBytes, type HttpRequest, lengthOf } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import { RestCall, type RestCallContext } from './rest-call.js';

/** Responds at once, without a promise, when the model's run is over when it returns. */
export class PredictHandler {
  readonly #context: RestCallContext;
  readonly #json: JsonBodyFormat;
  readonly #binary: BinaryBodyFormats | undefined;

  /** @param formats forms of bodies beside JSON and the built-in ones; `undefined` for JSON only */
  constructor(
    context: RestCallContext,
    encoding: JsonEncodeOptions & DecodeOptions,
    formats: readonly PredictBodyFormat[] | undefined,
  ) {
    this.#context = context;
    this.#json = new JsonBodyFormat(encoding);
    this.#binary = formats && new BinaryBodyFormats(formats, encoding, this.#json.encoder);
  }

  /** The response's body, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(
    spec: PathModelSpec,
    request: HttpRequest,
    trace?: RequestTrace,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    const rest = new RestCall(this.#context, spec, request, trace);
    const format = this.#formatOf(request);
    if (request.parsedBody !== undefined) return this.#respond(rest, format, format.bytesOf(request.parsedBody));
    const { body } = rest;
    return body instanceof Promise
      ? body.then((bytes) => this.#respond(rest, format, format.inflated(bytes, rest)))
      : this.#respond(rest, format, body);
  }

  /** JSON, whatever the content type claims, where no other form fits. */
  #formatOf(request: HttpRequest): RestPredictFormat {
    const contentType = request.header('content-type');
    if (contentType === undefined || contentType === JSON_TYPE) return this.#json;
    return this.#binary?.of(contentType, request) ?? this.#json;
  }

  #respond(
    rest: RestCall,
    format: RestPredictFormat,
    body: BodyBytes,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    const length = body instanceof Uint8Array ? body.length : lengthOf(body);
    if (length > format.maxDecodedAtOnce) return this.#respondInSlices(rest, format, body);
    let isWaiting = false;
    try {
      const decoded = format.decode(body, rest);
      const outputs = rest.call.predict(decoded.signature, decoded.inputs, decoded.outputFilter);
      if (!(outputs instanceof Promise)) return this.#encode(rest, decoded, outputs);
      isWaiting = true;
      return this.#encodeLater(rest, decoded, outputs);
    } finally {
      if (!isWaiting) rest.release();
    }
  }

  async #respondInSlices(rest: RestCall, format: RestPredictFormat, body: BodyBytes): Promise<PredictResponseBody> {
    try {
      const decoded = await format.decodeInSlices(body, rest);
      const outputs = await rest.call.predict(decoded.signature, decoded.inputs, decoded.outputFilter);
      return this.#encode(rest, decoded, outputs);
    } finally {
      rest.release();
    }
  }

  async #encodeLater(
    rest: RestCall,
    decoded: DecodedPredict,
    outputs: Promise<NamedTensors>,
  ): Promise<PredictResponseBody> {
    try {
      return this.#encode(rest, decoded, await outputs);
    } finally {
      rest.release();
    }
  }

  #encode(
    rest: RestCall,
    { encoder, signature }: DecodedPredict,
    outputs: NamedTensors,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    if (rest.trace !== undefined) rest.trace.enter('encode');
    return encoder.encode(rest, signature, outputs);
  }
}
