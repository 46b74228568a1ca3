/** Predict requests: body to tensors, run, tensors to body. */
import { type RunOptions, runPredictNow } from '@serving/core';
import type { RequestTrace } from '@serving/core/diagnostics';
import { bufferPoolOf } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import {
  type DecodedPredictRequest,
  type DecodeOptions,
  decodePredictRequest,
  decodePredictRequestInSlices,
  encodePredictResponse,
  encodePredictResponseInSlices,
  isLargeResponse,
  type JsonEncodeOptions,
  type JsonPredictRequestFormat,
  SLICE_BYTES,
  serializedBody,
} from '@serving/json-codec';
import { bodyOf, lengthOf } from '../formats/request-body.js';
import type { BodyBytes, HttpRequest } from '../http-message.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import type { RestModelServer } from './rest-model-server.js';
import type { RunLimits } from './run-limits.js';
import { HeldServable } from './servable-lease.js';

/**
 * Answers at once, without a promise, when the model is known to run in microseconds. Large bodies and responses are read and
 * written in slices.
 */
export class PredictHandler {
  readonly #server: RestModelServer;
  readonly #limits: RunLimits;
  readonly #encoding: JsonEncodeOptions;
  readonly #decoding: DecodeOptions;

  constructor(server: RestModelServer, limits: RunLimits, encoding: JsonEncodeOptions) {
    this.#server = server;
    this.#limits = limits;
    this.#encoding = encoding;
    this.#decoding = { buffers: bufferPoolOf(server) };
  }

  /** The body of the answer, or what goes wrong as a `ServingError`, thrown or rejected. */
  handle(spec: PathModelSpec, request: HttpRequest, trace?: RequestTrace): Uint8Array | Promise<Uint8Array> {
    if (trace !== undefined) trace.enter('decode');
    if (request.parsedBody !== undefined) {
      return this.#answer(spec, request, serializedBody(request.parsedBody), trace);
    }
    const body = bodyOf(request);
    return body instanceof Promise
      ? body.then((bytes) => this.#answer(spec, request, bytes, trace))
      : this.#answer(spec, request, body, trace);
  }

  #answer(
    spec: PathModelSpec,
    request: HttpRequest,
    body: BodyBytes,
    trace: RequestTrace | undefined,
  ): Uint8Array | Promise<Uint8Array> {
    if (lengthOf(body) > SLICE_BYTES) return this.#answerInSlices(spec, request, body, trace);
    const held = new HeldServable(this.#server, spec);
    let running = false;
    try {
      const decoded = this.#decode(body, request, (name) => held.acquirePredictSignature(name));
      if (trace !== undefined) {
        trace.found(held.handle.id, decoded.signature.name);
        trace.enter('run');
      }
      const outputs = runPredictNow(this.#server, held.handle, decoded.signature, decoded.inputs);
      if (outputs) {
        if (trace !== undefined) trace.enter('encode');
        if (!isLargeResponse(outputs)) return encodePredictResponse(decoded.format, outputs, this.#encoding);
        return this.#encodeInSlices(decoded.format, outputs, this.#limits.of(request));
      }
      running = true;
      return this.#run(held, decoded, this.#limits.of(request, trace), trace);
    } finally {
      if (!running) held.release();
    }
  }

  async #answerInSlices(
    spec: PathModelSpec,
    request: HttpRequest,
    body: BodyBytes,
    trace: RequestTrace | undefined,
  ): Promise<Uint8Array> {
    const held = new HeldServable(this.#server, spec);
    let running = false;
    try {
      const options = this.#limits.of(request, trace);
      const decoding = decodePredictRequestInSlices(body, (name) => held.acquirePredictSignature(name));
      const decoded = await this.#limits.inSlices(decoding, options).finally(() => request.releaseBody?.());
      trace?.found(held.handle.id, decoded.signature.name);
      trace?.enter('run');
      const outputs = runPredictNow(this.#server, held.handle, decoded.signature, decoded.inputs);
      if (outputs) {
        trace?.enter('encode');
        return this.#encode(decoded.format, outputs, options);
      }
      running = true;
      return this.#run(held, decoded, options, trace);
    } finally {
      if (!running) held.release();
    }
  }

  /** Releases the body: tensors of a JSON body are no views of it. */
  #decode(body: BodyBytes, request: HttpRequest, resolve: Resolve): DecodedPredictRequest {
    try {
      return decodePredictRequest(body, resolve, this.#decoding);
    } finally {
      request.releaseBody?.();
    }
  }

  async #run(
    held: HeldServable,
    { format, signature, inputs }: DecodedPredictRequest,
    options: RunOptions,
    trace: RequestTrace | undefined,
  ): Promise<Uint8Array> {
    try {
      const outputs = await this.#limits.run(this.#server, held, signature, inputs, options);
      if (trace !== undefined) trace.enter('encode');
      return this.#encode(format, outputs, options);
    } finally {
      held.release();
    }
  }

  #encode(
    format: JsonPredictRequestFormat,
    outputs: NamedTensors,
    options: RunOptions,
  ): Uint8Array | Promise<Uint8Array> {
    return isLargeResponse(outputs)
      ? this.#encodeInSlices(format, outputs, options)
      : encodePredictResponse(format, outputs, this.#encoding);
  }

  #encodeInSlices(format: JsonPredictRequestFormat, outputs: NamedTensors, options: RunOptions): Promise<Uint8Array> {
    return this.#limits.inSlices(encodePredictResponseInSlices(format, outputs, this.#encoding), options);
  }
}

type Resolve = Parameters<typeof decodePredictRequest>[1];
