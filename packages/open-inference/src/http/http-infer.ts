/** Inference over HTTP: body to request, run, answer to body. */
import { ServingError } from '@serving/core';
import { bufferPoolOf } from '@serving/core/internal';
import type { HttpExtensionContext, HttpRequest, HttpResponse } from '@serving/http/adapter';
import { SLICE_BYTES, serializedBody } from '@serving/json-codec';
import { GeneratedWork, inOneGo, type SliceBudget, UNLIMITED } from '@serving/json-codec/internal';
import { type InferContext, InferRequestCall } from '../infer/infer-call.js';
import type { InferRequest } from '../infer/infer-message.js';
import { rawRequest } from '../infer/raw-request.js';
import { decodeInferRequest, JSON_LENGTH_HEADER } from '../json/infer-request-decoder.js';
import { encodeInferResponse, type InferEncodeOptions } from '../json/infer-response-encoder.js';
import type { RequestedModel } from '../models/requested-model.js';
import { acceptedEncoding, compressedBody, expandedBody } from './body-compression.js';
import { bytesResponse } from './responses.js';

/** Elements up to this are written at once. */
const MOST_AT_ONCE: number = SLICE_BYTES / 8;

/** Answers inference requests. */
export class HttpInfer {
  readonly #context: InferContext;
  readonly #settings: HttpExtensionContext;
  readonly #encoding: Omit<InferEncodeOptions, 'binaryOutput'>;

  constructor(context: InferContext, settings: HttpExtensionContext) {
    this.#context = context;
    this.#settings = settings;
    this.#encoding = { maxBytes: settings.maxResponseBytes, buffers: bufferPoolOf(context.catalog.server) };
  }

  /** @throws ServingError what is wrong with the request, or what the run failed with */
  async answer(request: HttpRequest, spec: RequestedModel, signatureName: string | undefined): Promise<HttpResponse> {
    const call = new InferRequestCall(this.#context, spec, new HttpOrigin(request, this.#settings));
    try {
      call.begin();
      const decoded = await this.#decode(request, call, signatureName);
      const response = await this.#respond(request, call, decoded, signatureName);
      call.finish();
      return response;
    } catch (reason) {
      throw call.fail(reason);
    }
  }

  async #decode(
    request: HttpRequest,
    call: InferRequestCall,
    signatureName: string | undefined,
  ): Promise<InferRequest> {
    const given =
      request.parsedBody === undefined
        ? expandedBody(request, this.#settings.maxBodyBytes)
        : serializedBody(request.parsedBody);
    const body = given instanceof Promise ? await given : given;
    const length = jsonLengthOf(request, body);
    if (length === 0) return rawRequest(call.call, body, signatureName);
    const text = length === undefined ? body : body.subarray(0, length);
    const tail = length === undefined ? undefined : body.subarray(length);
    const decode = (budget: SliceBudget) => decodeInferRequest(text, tail, budget);
    const decoded = await this.#worked(text.length > SLICE_BYTES, decode, call);
    // Nothing that came from JSON is a view of the body.
    if (tail === undefined || tail.length === 0) request.releaseBody?.();
    return decoded;
  }

  async #respond(
    request: HttpRequest,
    call: InferRequestCall,
    decoded: InferRequest,
    signatureName: string | undefined,
  ): Promise<HttpResponse> {
    const { response, binaryOutput = false } = await call.run(decoded, signatureName);
    const count = response.outputs.reduce((sum, { tensor }) => sum + tensor.data.length, 0);
    const encode = (budget: SliceBudget) => encodeInferResponse(response, { ...this.#encoding, binaryOutput }, budget);
    const { body, jsonLength } = await this.#worked(count > MOST_AT_ONCE, encode, call);
    const contentType = jsonLength === undefined ? undefined : 'application/octet-stream';
    const headers = jsonLength === undefined ? {} : { [JSON_LENGTH_HEADER]: String(jsonLength) };
    const encoding = acceptedEncoding(request.header('accept-encoding'));
    if (encoding === undefined) return this.#exposed(bytesResponse(body, contentType), headers);
    const compressed = await compressedBody(encoding, body);
    return this.#exposed(bytesResponse(compressed, contentType), { ...headers, 'Content-Encoding': encoding });
  }

  #exposed(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse {
    return Object.keys(headers).length === 0 ? response : this.#settings.cors.withHeaders(response, headers);
  }

  /** Does work at once, or in slices between which the event loop turns. */
  async #worked<Result>(
    isLarge: boolean,
    work: (budget: SliceBudget) => Generator<void, Result>,
    call: InferRequestCall,
  ): Promise<Result> {
    if (!isLarge) return inOneGo(work(UNLIMITED));
    return this.#settings.inSlices(new GeneratedWork(work), call);
  }
}

/** Bytes of the JSON in front of binary tensors; `undefined` where the whole body is JSON. */
function jsonLengthOf(request: HttpRequest, body: Uint8Array): number | undefined {
  const header = request.header(JSON_LENGTH_HEADER.toLowerCase());
  if (header === undefined) return undefined;
  const length = /^\d{1,15}$/.test(header.trim()) ? Number(header) : -1;
  if (length >= 0 && length <= body.length) return length;
  throw ServingError.invalidArgument(
    `${JSON_LENGTH_HEADER} must be an integer from 0 to ${body.length}, the bytes of the body (got "${header.slice(0, 40)}")`,
  );
}

/** The client of a request, and how long it waits. */
class HttpOrigin {
  /** A run that is over when it returns needs no signal, which takes longer to find than to begin one. */
  readonly isAborted: boolean = false;
  readonly headers: HttpRequest;
  readonly deadline: number | undefined;

  constructor(request: HttpRequest, { timeoutMs, clock }: HttpExtensionContext) {
    this.headers = request;
    this.deadline = timeoutMs === false ? undefined : clock.now() + timeoutMs;
  }

  get signal(): AbortSignal | undefined {
    return this.headers.signal;
  }
}
