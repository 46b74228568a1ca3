/** Predict requests: body to tensors, run, tensors to body. */
import { type Clock, type RunOptions, ServingError } from '@serving/core';
import {
  type DecodedPredictRequest,
  decodeParsedPredictRequest,
  decodePredictRequest,
  encodePredictResponse,
} from '@serving/json-codec';
import { inflateGzip, isGzip } from './gzip-body.js';
import { HeldServable } from './held-servable.js';
import type { HttpRequest } from './http-message.js';
import type { PathModelSpec } from './parse-path.js';
import type { RestModelServer } from './rest-model-server.js';

/** Answers at once, without a promise, when the model is known to run in microseconds. */
export class PredictHandler {
  readonly #server: RestModelServer;
  readonly #timeoutMs: number;
  readonly #clock: Clock;

  /** @param timeoutMs what a run may take; 0 or less: no limit. */
  constructor(server: RestModelServer, timeoutMs: number, clock: Clock) {
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** The body of the answer, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(spec: PathModelSpec, request: HttpRequest): Uint8Array | Promise<Uint8Array> {
    const body = request.body ?? noBytes;
    if (request.parsedBody === undefined && isGzip(request.header('content-encoding'))) {
      return inflateGzip(body).then((inflated) => this.#answer(spec, request, inflated));
    }
    return this.#answer(spec, request, body);
  }

  #answer(spec: PathModelSpec, request: HttpRequest, body: Uint8Array): Uint8Array | Promise<Uint8Array> {
    const held = new HeldServable(this.#server, spec);
    let running = false;
    try {
      const resolve = (signatureName: string | undefined) => held.acquirePredictSignature(signatureName);
      const decoded =
        request.parsedBody === undefined
          ? decodePredictRequest(body, resolve)
          : decodeParsedPredictRequest(request.parsedBody, resolve);
      const outputs = this.#server.runNow(held.handle, decoded.signature, decoded.inputs);
      if (outputs) return encodePredictResponse(decoded.format, outputs);
      running = true;
      return this.#run(held, decoded, request);
    } finally {
      if (!running) held.release();
    }
  }

  async #run(held: HeldServable, decoded: DecodedPredictRequest, request: HttpRequest): Promise<Uint8Array> {
    const { format, signature, inputs } = decoded;
    let options: RunOptions = {};
    try {
      options = this.#runOptions(request);
      return encodePredictResponse(format, await this.#server.run(held.handle, signature, inputs, options));
    } catch (reason) {
      throw this.#isTimeout(reason, options) ? timedOut(reason) : reason;
    } finally {
      held.release();
    }
  }

  #runOptions(request: HttpRequest): RunOptions {
    const { signal } = request;
    if (this.#timeoutMs <= 0) return signal ? { signal } : {};
    const deadline = this.#clock.now() + this.#timeoutMs;
    return signal ? { signal, deadline } : { deadline };
  }

  #isTimeout(reason: unknown, { deadline }: RunOptions): boolean {
    if (deadline === undefined || this.#clock.now() < deadline) return false;
    return ServingError.from(reason).code === 'DEADLINE_EXCEEDED';
  }
}

/** In the words that clients of the reference know. */
function timedOut(cause: unknown): ServingError {
  return new ServingError('DEADLINE_EXCEEDED', 'Timed out waiting for notification', { cause });
}

const noBytes = new Uint8Array(0);
