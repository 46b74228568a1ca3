/** TensorFlow Serving's REST API: predict, classify, regress, status, metadata and OPTIONS. */
import { type ModelVersionStatus, ServingError, type StatusCode } from '@serving/core';
import { type RequestApi, RequestTrace, requestChannel } from '@serving/core/diagnostics';
import { type Clock, type ExtensionModule, type PredictBodyFormat, systemClock } from '@serving/core/extend';
import { bufferPoolOf, loadExtensions, predictionServiceOf, sliceQueue } from '@serving/core/internal';
import type { PredictResponseBody } from '../formats/rest-predict-format.js';
import { type HttpRequest, type HttpResponse, toResponse } from '../http-message.js';
import { metadataJson, modelListJson, modelStatusJson } from '../json/model-json.js';
import type { HttpExtension } from '../routing/http-extension.js';
import { isModelsTarget, type RestRoute, restRoute } from '../routing/route.js';
import { MISSING_MODEL_HINT, malformedTargetHint } from '../routing/target-hint.js';
import { ExamplesHandler } from './examples.js';
import { DEFAULT_MAX_RESPONSE_BYTES, DEFAULT_TIMEOUT_MS, type HttpRestApiOptions } from './http-rest-api-options.js';
import { PredictHandler } from './predict.js';
import type { RequestCounter } from './request-counts.js';
import { type Cors, errorResponse, JSON_TYPE } from './responses.js';
import type { RestModelServer } from './rest-model-server.js';

/** A body for a response with status 200, or a whole response. */
type Answer = PredictResponseBody | HttpResponse;

/** Never throws or rejects: every failure becomes a response. */
export class HttpRestApiHandler implements HttpExtension<RestRoute> {
  readonly paths: readonly string[] = ['/v1/models'];
  readonly #server: RestModelServer;
  readonly #predicts: PredictHandler;
  readonly #examples: ExamplesHandler;
  readonly #cors: Cors;
  readonly #clock: Clock;
  readonly #counts: RequestCounter | undefined;
  readonly #listsModels: boolean;

  /** @param counts counts each request; `undefined`: they are not counted. */
  constructor(server: RestModelServer, options: HttpRestApiOptions, cors: Cors, counts: RequestCounter | undefined) {
    this.#server = server;
    this.#clock = options.clock ?? systemClock;
    this.#cors = cors;
    this.#counts = counts;
    this.#listsModels = options.listModels ?? false;
    const { timeoutMs = DEFAULT_TIMEOUT_MS, binaryFormats = true, formats = [] } = options;
    const context = {
      service: predictionServiceOf(server, this.#clock),
      clock: this.#clock,
      timeoutMs,
      queue: sliceQueue,
    };
    const maxBytes = options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES;
    const encoding = { maxBytes, buffers: bufferPoolOf(server) };
    const loaded = binaryFormats ? formats.map((format) => loadFormat(server, format)) : undefined;
    this.#predicts = new PredictHandler(context, encoding, loaded);
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
    const trace = requestChannel.hasSubscribers ? this.#trace(route, request) : undefined;
    try {
      const answer = this.#answer(route, request, trace);
      if (!(answer instanceof Promise)) return this.#finished(route, answer, trace);
      return answer.then(
        (later) => this.#finished(route, later, trace),
        (reason) => this.#failed(route, reason, trace),
      );
    } catch (reason) {
      return this.#failed(route, reason, trace);
    }
  }

  #answer(route: RestRoute, request: HttpRequest, trace: RequestTrace | undefined): Answer | Promise<Answer> {
    switch (route.kind) {
      case 'predict':
        return this.#predicts.handle(route.spec, request, trace);
      case 'status':
        return json(modelStatusJson(this.#server.getModelStatus(route.spec)));
      case 'metadata':
        return json(metadataJson(this.#server.getModelMetadata(route.spec)));
      case 'classify':
      case 'regress':
        return this.#examples.handle(route.kind, route.spec, request, trace);
      case 'malformed':
        throw ServingError.invalidArgument(`Malformed request: ${route.request}`, {
          clientHint: malformedTargetHint(request.method, request.target),
        });
      case 'missing-model':
        if (this.#listsModels && modelsPath.test(request.target)) return json(this.#modelList());
        throw ServingError.invalidArgument('Missing model name in request.', { clientHint: MISSING_MODEL_HINT });
      case 'version-out-of-range':
        throw new ServingError('INVALID_ARGUMENT', 'Failed to convert version to numeric');
      case 'options':
        return this.#cors.preflight(request);
      default:
        return assertNever(route);
    }
  }

  #modelList(): string {
    const { modelNames = [] } = this.#server;
    return modelListJson(modelNames.map((name) => [name, statusesOf(this.#server, name)]));
  }

  #finished(route: RestRoute, answer: Answer, trace: RequestTrace | undefined): HttpResponse {
    const response = 'status' in answer ? answer : this.#responseOf(answer);
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
    return this.#cors.allow(errorResponse(error.status, error.clientMessage, error.clientHint));
  }

  #responseOf({ contentType, headers, body }: PredictResponseBody): HttpResponse {
    const own = { 'Content-Type': contentType, 'Content-Length': String(body.length) };
    const response = { status: 200, headers: own, body };
    if (this.#cors.isEnabled) this.#cors.allow(response);
    return headers ? this.#cors.withHeaders(response, headers) : response;
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

/** @throws ServingError `INVALID_ARGUMENT` for a module that can't be loaded, or makes no format */
function loadFormat(server: RestModelServer, format: PredictBodyFormat | ExtensionModule): PredictBodyFormat {
  if (!('module' in format)) return format;
  return loadExtensions<RestModelServer, PredictBodyFormat>([format], 'createPredictBodyFormat')[0]!(server);
}

function json(text: string): PredictResponseBody {
  return { contentType: JSON_TYPE, body: Buffer.from(text) };
}

const modelsPath = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/]*)?\/v1\/models$/i;

/** None for a model without versions. */
function statusesOf(server: RestModelServer, model: string): readonly ModelVersionStatus[] {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
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
