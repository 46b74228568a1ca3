/** Predict requests: body to tensors, run, tensors to body. */
import { runPredictNow } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import {
  type DecodedPredictRequest,
  decodeParsedPredictRequest,
  decodePredictRequest,
  encodePredictResponse,
} from '@serving/json-codec';
import { HeldServable } from './held-servable.js';
import type { BodyBytes, HttpRequest } from './http-message.js';
import type { PathModelSpec } from './parse-path.js';
import { bodyOf } from './request-body.js';
import type { RestModelServer } from './rest-model-server.js';
import type { RunLimits } from './run-limits.js';

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class PredictHandler {
  readonly #server: RestModelServer;
  readonly #limits: RunLimits;

  constructor(server: RestModelServer, limits: RunLimits) {
    this.#server = server;
    this.#limits = limits;
  }

  /** The body of the answer, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(spec: PathModelSpec, request: HttpRequest, trace?: RequestTrace): Uint8Array | Promise<Uint8Array> {
    if (trace !== undefined) trace.enter('decode');
    if (request.parsedBody !== undefined) return this.#answer(spec, request, undefined, trace);
    const body = bodyOf(request);
    return body instanceof Promise
      ? body.then((bytes) => this.#answer(spec, request, bytes, trace))
      : this.#answer(spec, request, body, trace);
  }

  /** @param body `undefined` where a parser in front has parsed it. */
  #answer(
    spec: PathModelSpec,
    request: HttpRequest,
    body: BodyBytes | undefined,
    trace: RequestTrace | undefined,
  ): Uint8Array | Promise<Uint8Array> {
    const held = new HeldServable(this.#server, spec);
    let running = false;
    try {
      const resolve: Resolve = (signatureName) => held.acquirePredictSignature(signatureName);
      const decoded =
        body === undefined
          ? decodeParsedPredictRequest(request.parsedBody, resolve)
          : decodeAndRelease(body, request, resolve);
      if (trace !== undefined) {
        trace.found(held.handle.id, decoded.signature.name);
        trace.enter('run');
      }
      const outputs = runPredictNow(this.#server, held.handle, decoded.signature, decoded.inputs);
      if (outputs) {
        if (trace !== undefined) trace.enter('encode');
        return encodePredictResponse(decoded.format, outputs);
      }
      running = true;
      return this.#run(held, decoded, request, trace);
    } finally {
      if (!running) held.release();
    }
  }

  async #run(
    held: HeldServable,
    decoded: DecodedPredictRequest,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): Promise<Uint8Array> {
    const { format, signature, inputs } = decoded;
    try {
      const options = this.#limits.of(request, trace);
      const outputs = await this.#limits.run(this.#server, held, signature, inputs, options);
      if (trace !== undefined) trace.enter('encode');
      return encodePredictResponse(format, outputs);
    } finally {
      held.release();
    }
  }
}

/** Tensors of a JSON body are no views of it. */
function decodeAndRelease(body: BodyBytes, request: HttpRequest, resolve: Resolve): DecodedPredictRequest {
  try {
    return decodePredictRequest(body, resolve);
  } finally {
    request.releaseBody?.();
  }
}

type Resolve = Parameters<typeof decodePredictRequest>[1];
