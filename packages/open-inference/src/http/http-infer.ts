/** Inference over HTTP: body to request, run, answer to body. */
import { ServingError } from '@serving/core';
import { bufferPoolOf } from '@serving/core/internal';
import type { NamedTensors } from '@serving/core/tensor';
import type { HttpExtensionContext, HttpRequest, HttpResponse } from '@serving/http/adapter';
import { SLICE_BYTES, serializedBody } from '@serving/json-codec';
import { GeneratedWork, inOneGo, type SliceBudget, UNLIMITED } from '@serving/json-codec/internal';
import type { CheckedRequest } from '../infer/checked-request.js';
import { type InferContext, InferRequestCall } from '../infer/infer-call.js';
import { rawRequest } from '../infer/raw-request.js';
import { JSON_LENGTH_HEADER } from '../json/binary-tail.js';
import { decodeInferRequest } from '../json/infer-request-decoder.js';
import { type EncodedResponse, type InferEncodeOptions, InferResponseEncoder } from '../json/infer-response-encoder.js';
import { RequestTemplate } from '../json/request-template.js';
import type { RequestedModel } from '../models/requested-model.js';
import { acceptedEncoding, type BodyEncoding, compressedBody, expandedBody } from './body-compression.js';
import { bytesResponse } from './responses.js';

/** Answers inference requests. */
export class HttpInfer {
  readonly #context: InferContext;
  readonly #settings: HttpExtensionContext;
  readonly #encoding: InferEncodeOptions;

  constructor(context: InferContext, settings: HttpExtensionContext) {
    this.#context = context;
    this.#settings = settings;
    this.#encoding = { maxBytes: settings.maxResponseBytes, buffers: bufferPoolOf(context.catalog.server) };
  }

  /** The answer, at once where nothing has to be waited for. @throws ServingError what is wrong with the request, or what the run failed with */
  answer(
    request: HttpRequest,
    spec: RequestedModel,
    signatureName: string | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    const call = new InferRequestCall(this.#context, spec, new HttpOrigin(request, this.#settings));
    try {
      call.begin();
      const body = this.#bodyOf(request);
      if (body instanceof Promise || body.length > SLICE_BYTES) {
        return this.#answerLater(request, call, body, signatureName);
      }
      const checked = this.#checked(request, call, body, signatureName);
      const tensors = call.predict(checked);
      if (tensors instanceof Promise) return this.#respondLater(request, call, checked, tensors);
      const response = this.#respond(request, call, checked, tensors);
      if (response instanceof Promise) return this.#finishLater(call, response);
      call.finish();
      return response;
    } catch (reason) {
      throw call.fail(reason);
    }
  }

  #bodyOf(request: HttpRequest): Uint8Array | Promise<Uint8Array> {
    if (request.parsedBody !== undefined) return serializedBody(request.parsedBody);
    return expandedBody(request, this.#settings.maxBodyBytes);
  }

  async #answerLater(
    request: HttpRequest,
    call: InferRequestCall,
    given: Uint8Array | Promise<Uint8Array>,
    signatureName: string | undefined,
  ): Promise<HttpResponse> {
    try {
      const body = given instanceof Promise ? await given : given;
      const length = jsonLengthOf(request, body) ?? body.length;
      let checked: CheckedRequest;
      if (body.length <= SLICE_BYTES || length === 0) checked = this.#checked(request, call, body, signatureName);
      else {
        const tail = length === body.length ? undefined : body.subarray(length);
        const text = body.subarray(0, length);
        const work = new GeneratedWork((budget: SliceBudget) => decodeInferRequest(text, tail, budget));
        // Most have one large tensor, which is not copied, or in a moment.
        const isAtOnce = length <= SLICE_BYTES && work.step();
        const decoded = isAtOnce ? work.result : await this.#settings.inSlices(work, call);
        if (tail === undefined) request.releaseBody?.();
        checked = call.check(decoded.request, signatureName);
      }
      const running = call.predict(checked);
      const tensors = running instanceof Promise ? await running : running;
      const response = await this.#respond(request, call, checked, tensors);
      call.finish();
      return response;
    } catch (reason) {
      throw call.fail(reason);
    }
  }

  async #respondLater(
    request: HttpRequest,
    call: InferRequestCall,
    checked: CheckedRequest,
    running: Promise<NamedTensors>,
  ): Promise<HttpResponse> {
    try {
      const response = await this.#respond(request, call, checked, await running);
      call.finish();
      return response;
    } catch (reason) {
      throw call.fail(reason);
    }
  }

  async #finishLater(call: InferRequestCall, responding: Promise<HttpResponse>): Promise<HttpResponse> {
    try {
      const response = await responding;
      call.finish();
      return response;
    } catch (reason) {
      throw call.fail(reason);
    }
  }

  /** Reads a request whose JSON is small. */
  #checked(
    request: HttpRequest,
    call: InferRequestCall,
    body: Uint8Array,
    signatureName: string | undefined,
  ): CheckedRequest {
    const length = jsonLengthOf(request, body);
    if (length === 0) return call.check(rawRequest(call.call, body, signatureName), signatureName);
    const text = length === undefined ? body : body.subarray(0, length);
    const tail = length === undefined ? undefined : body.subarray(length);
    const checked = readByTemplate(call, text, tail, signatureName) ?? readUnknownText(call, text, tail, signatureName);
    // Nothing that came from JSON is a view of the body.
    if (tail === undefined || tail.length === 0) request.releaseBody?.();
    return checked;
  }

  #respond(
    request: HttpRequest,
    call: InferRequestCall,
    checked: CheckedRequest,
    tensors: NamedTensors,
  ): HttpResponse | Promise<HttpResponse> {
    const encoder = new InferResponseEncoder(call.answer(checked, tensors), call.served, this.#encoding);
    const accepted = acceptedEncoding(request.header('accept-encoding'));
    if (encoder.isLarge || accepted !== undefined) return this.#respondInSteps(call, encoder, accepted);
    return this.#response(encoder.encode(), undefined);
  }

  async #respondInSteps(
    call: InferRequestCall,
    encoder: InferResponseEncoder,
    accepted: BodyEncoding | undefined,
  ): Promise<HttpResponse> {
    const encoded = encoder.isLarge
      ? await this.#settings.inSlices(new GeneratedWork((budget: SliceBudget) => encoder.steps(budget)), call)
      : encoder.encode();
    if (accepted === undefined) return this.#response(encoded, undefined);
    return this.#response({ ...encoded, body: await compressedBody(accepted, encoded.body) }, accepted);
  }

  #response({ body, jsonLength }: EncodedResponse, encoding: BodyEncoding | undefined): HttpResponse {
    if (jsonLength === undefined && encoding === undefined) return bytesResponse(body);
    const response = bytesResponse(body, jsonLength === undefined ? undefined : 'application/octet-stream');
    return this.#settings.cors.withHeaders(response, {
      ...(jsonLength !== undefined && { [JSON_LENGTH_HEADER]: String(jsonLength) }),
      ...(encoding !== undefined && { 'Content-Encoding': encoding }),
    });
  }
}

/** A request with the text of another one. */
function readByTemplate(
  { served: { templates } }: InferRequestCall,
  text: Uint8Array,
  tail: Uint8Array | undefined,
  signatureName: string | undefined,
): CheckedRequest | undefined {
  for (let i = 0; i < templates.length; i++) {
    const checked = templates[i]!.read(text, tail, signatureName);
    if (checked !== undefined) return checked;
  }
  return undefined;
}

function readUnknownText(
  call: InferRequestCall,
  text: Uint8Array,
  tail: Uint8Array | undefined,
  signatureName: string | undefined,
): CheckedRequest {
  const { request, holes, inputs } = inOneGo(decodeInferRequest(text, tail, UNLIMITED));
  const checked = call.check(request, signatureName);
  if (holes !== undefined) {
    const { name: model } = call.call.handle.id;
    RequestTemplate.keep(call.served.templates, { model, signatureName, text, holes, inputs }, checked);
  }
  return checked;
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
  private readonly settings: HttpExtensionContext;
  private end: number | undefined = undefined;

  constructor(request: HttpRequest, settings: HttpExtensionContext) {
    this.headers = request;
    this.settings = settings;
  }

  get signal(): AbortSignal | undefined {
    return this.headers.signal;
  }

  /** The time begins when it is first read: with the run, or with the first slice of a large body. */
  get deadline(): number | undefined {
    const { timeoutMs, clock } = this.settings;
    if (timeoutMs === false) return undefined;
    this.end ??= clock.now() + timeoutMs;
    return this.end;
  }
}
