/** Predict requests: body to tensors, run, tensors to body. */
import type { RequestTrace } from '@serving/core/diagnostics';
import type { NamedTensors } from '@serving/core/tensor';
import type { PredictBodyFormats } from '../formats/predict-body-formats.js';
import { bodyOf, lengthOf } from '../formats/request-body.js';
import type { DecodedPredict, PredictResponseBody, RestPredictFormat } from '../formats/rest-predict-format.js';
import type { BodyBytes, HttpRequest } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import { RestCall, type RestCallContext } from './rest-call.js';

/** Responds at once, without a promise, when the model's run is over when it returns. */
export class PredictHandler {
  readonly #context: RestCallContext;
  readonly #formats: PredictBodyFormats;

  constructor(context: RestCallContext, formats: PredictBodyFormats) {
    this.#context = context;
    this.#formats = formats;
  }

  /** The response's body, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(
    spec: PathModelSpec,
    request: HttpRequest,
    trace?: RequestTrace,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    const rest = new RestCall(this.#context, spec, request, trace);
    const format = this.#formats.of(request);
    if (request.parsedBody !== undefined) return this.#respond(rest, format, format.bytesOf(request.parsedBody));
    const body = bodyOf(request);
    return body instanceof Promise
      ? body.then((bytes) => this.#respond(rest, format, format.inflated(bytes, request)))
      : this.#respond(rest, format, body);
  }

  #respond(
    rest: RestCall,
    format: RestPredictFormat,
    body: BodyBytes,
  ): PredictResponseBody | Promise<PredictResponseBody> {
    if (lengthOf(body) > format.maxDecodedAtOnce) return this.#respondInSlices(rest, format, body);
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
