/** TensorFlow Serving's REST API: predict, classify, regress, status, metadata and OPTIONS. */
import { ServingError, type StatusCode } from '@serving/core';
import { type RequestApi, RequestTrace, requestsAreObserved } from '@serving/core/diagnostics';
import { type Clock, systemClock } from '@serving/core/extend';
import { bufferPoolOf, predictionServiceOf } from '@serving/core/internal';
import { PredictBodyFormats } from '../formats/predict-body-formats.js';
import type { PredictResponseBody } from '../formats/rest-predict-format.js';
import { sliceQueue } from '../formats/slice-queue.js';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import { metadataJson } from '../json/metadata-json.js';
import { modelStatusJson } from '../json/model-status-json.js';
import type { HttpExtension } from '../routing/http-extension.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import { isModelsTarget, type RestRoute, restRoute } from '../routing/route.js';
import { ExamplesHandler } from './examples.js';
import { DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_TIMEOUT_MS, type HttpRestApiOptions } from './http-rest-api-options.js';
import { PredictHandler } from './predict.js';
import type { RequestCounts } from './request-counts.js';
import { type Cors, errorResponse, JSON_TYPE, toResponse } from './responses.js';
import type { RestModelServer } from './rest-model-server.js';

/** Never throws or rejects: every failure becomes a response. */
export class HttpRestApiHandler implements HttpExtension<RestRoute> {
  readonly paths: readonly string[] = ['/v1/models'];
  readonly #server: RestModelServer;
  readonly #predicts: PredictHandler;
  readonly #examples: ExamplesHandler;
  readonly #cors: Cors;
  readonly #clock: Clock;
  readonly #counts: RequestCounts | undefined;

  /** @param counts counts each request; `undefined`: they are not counted. */
  constructor(server: RestModelServer, options: HttpRestApiOptions, cors: Cors, counts: RequestCounts | undefined) {
    this.#server = server;
    this.#clock = options.clock ?? systemClock;
    this.#cors = cors;
    this.#counts = counts;
    const { timeoutMs = DEFAULT_TIMEOUT_MS, binaryFormats = true, formats = [] } = options;
    const context = {
      service: predictionServiceOf(server, this.#clock),
      clock: this.#clock,
      timeoutMs,
      queue: sliceQueue,
    };
    const buffers = bufferPoolOf(server);
    const encoding = { maxBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES, buffers };
    const bodyFormats = new PredictBodyFormats(binaryFormats ? formats : undefined, encoding, { buffers });
    this.#predicts = new PredictHandler(context, bodyFormats);
    this.#examples = new ExamplesHandler(context, encoding);
  }

  match(method: string, target: string): RestRoute | undefined {
    return isModelsTarget(target) ? restRoute(method, target) : undefined;
  }

  /** The route of any other target below `/v1/`, where no host has routes of its own. */
  fallback(method: string, target: string): RestRoute {
    return restRoute(method, target);
  }

  /** The answer, at once where nothing has to be waited for. */
  handle(route: RestRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const trace = requestsAreObserved() ? this.#trace(route, request) : undefined;
    try {
      const response = this.#answer(route, request, trace);
      if (!(response instanceof Promise)) return this.#finished(route, response, trace);
      return response.then(
        (later) => this.#finished(route, later, trace),
        (reason) => this.#failed(route, reason, trace),
      );
    } catch (reason) {
      return this.#failed(route, reason, trace);
    }
  }

  #answer(
    route: RestRoute,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    switch (route.kind) {
      case 'predict':
        return this.#predict(route.spec, request, trace);
      case 'status':
        return this.#status(route.spec);
      case 'metadata':
        return this.#json(Buffer.from(metadataJson(this.#server.getModelMetadata(route.spec))));
      case 'classify':
      case 'regress':
        return this.#jsonOf(this.#examples.handle(route.kind, route.spec, request, trace));
      case 'malformed':
        throw new ServingError('INVALID_ARGUMENT', `Malformed request: ${route.request}`);
      case 'missing-model':
        throw new ServingError('INVALID_ARGUMENT', 'Missing model name in request.');
      case 'version-out-of-range':
        throw new ServingError('INVALID_ARGUMENT', 'Failed to convert version to numeric');
      case 'options':
        return this.#cors.preflight(request);
      default:
        return assertNever(route);
    }
  }

  #predict(
    spec: PathModelSpec,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    const body = this.#predicts.handle(spec, request, trace);
    return body instanceof Promise ? body.then((later) => this.#formatted(later)) : this.#formatted(body);
  }

  #status({ model, version }: PathModelSpec): HttpResponse {
    const versions = this.#server.getModelStatus(version === undefined ? { model } : { model, version });
    return this.#json(Buffer.from(modelStatusJson(versions)));
  }

  #finished(route: RestRoute, response: HttpResponse, trace: RequestTrace | undefined): HttpResponse {
    const status = response.status === 200 ? 'OK' : 'FAILED_PRECONDITION';
    this.#count(route, status);
    if (trace !== undefined) trace.finish(status);
    return response;
  }

  #failed(route: RestRoute, reason: unknown, trace: RequestTrace | undefined): HttpResponse {
    const error = ServingError.from(reason, 'INTERNAL');
    this.#count(route, error.code);
    if (trace !== undefined) trace.finish(error.code, error);
    // TensorFlow Serving returns before it makes the JSON error.
    if (route.kind === 'version-out-of-range') return this.#cors.allow(toResponse(400, JSON_TYPE, new Uint8Array(0)));
    return this.#cors.allow(errorResponse(error.status, error.clientMessage));
  }

  #jsonOf(body: Uint8Array | Promise<Uint8Array>): HttpResponse | Promise<HttpResponse> {
    return body instanceof Promise ? body.then((bytes) => this.#json(bytes)) : this.#json(body);
  }

  #formatted({ contentType, headers, body }: PredictResponseBody): HttpResponse {
    const response = this.#cors.allow(toResponse(200, contentType, body));
    return headers ? this.#cors.withHeaders(response, headers) : response;
  }

  #json(body: Uint8Array): HttpResponse {
    return this.#cors.allow(toResponse(200, JSON_TYPE, body));
  }

  #count(route: RestRoute, status: StatusCode): void {
    if (this.#counts) this.#counts.count(modelOf(route), status);
  }

  #trace(route: RestRoute, request: HttpRequest): RequestTrace {
    return new RequestTrace({
      server: this.#server,
      entrypoint: 'REST',
      api: apis[route.kind] ?? '',
      model: modelOf(route),
      headers: request,
      clock: this.#clock,
    });
  }
}

function modelOf(route: RestRoute): string {
  return 'spec' in route ? route.spec.model : 'model' in route ? route.model : '';
}

const apis: { readonly [K in RestRoute['kind']]?: RequestApi } = {
  predict: 'Predict',
  classify: 'Classify',
  regress: 'Regress',
  status: 'GetModelStatus',
  metadata: 'GetModelMetadata',
};

function assertNever(route: never): never {
  throw new ServingError('INTERNAL', `No answer for ${JSON.stringify(route)}`);
}
