/** TensorFlow Serving's REST API, framework-neutral: a request with its body in, a response out. */
import { type Clock, ServingError, type StatusCode, systemClock } from '@serving/core';
import { type RequestApi, RequestTrace, requestsAreObserved } from '@serving/core/diagnostics';
import { encodeError } from '@serving/json-codec';
import { trackConnections } from '../connections/open-connections.js';
import { PredictBodyFormats } from '../formats/predict-body-formats.js';
import { htmlPage } from '../html-page.js';
import type { HttpRequest, HttpResponse } from '../http-message.js';
import { metadataJson } from '../json/metadata-json.js';
import { modelStatusJson } from '../json/model-status-json.js';
import { healthReport } from '../operations/health-report.js';
import { DEFAULT_PROMETHEUS_PATH, type MetricsPage } from '../operations/metrics-page.js';
import type { PathModelSpec } from '../routing/parse-path.js';
import { isOwnTarget, type Route, type SidePaths } from '../routing/route.js';
import { RouteCache } from '../routing/route-cache.js';
import { BodyFormatPredictHandler, type FormattedAnswer } from './body-format-predict-handler.js';
import { ExamplesHandler } from './examples-handler.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import { PredictHandler } from './predict-handler.js';
import { RequestMetrics } from './request-metrics.js';
import type { RestModelServer } from './rest-model-server.js';
import { RunLimits } from './run-limits.js';

/**
 * Answers predict, classify, regress, status and metadata requests, OPTIONS, and whatever is none of these, as TensorFlow Serving does.
 * Adapters ask {@link isOwn} where the host serves more than this API, {@link takesBody} before they read a body, then
 * {@link handle}.
 *
 * @example
 * ```ts
 * const handler = new HttpRestApiHandler(server);
 * const { status, body } = await handler.handle({
 *   method: 'POST',
 *   target: '/v1/models/half_plus_two:predict',
 *   header: () => undefined,
 *   body: Buffer.from('{"instances": [1]}'),
 * });
 * ```
 */
export class HttpRestApiHandler {
  /** Bytes that a body may have; adapters answer a larger one with {@link bodyTooLarge}. */
  readonly maxBodyBytes: number;
  readonly #server: RestModelServer;
  readonly #formats: PredictBodyFormats | undefined;
  readonly #predicts: PredictHandler;
  readonly #bodyFormatPredicts: BodyFormatPredictHandler | undefined;
  readonly #examples: ExamplesHandler;
  readonly #corsHeaders: Readonly<Record<string, string>> | undefined;
  readonly #routes: RouteCache;
  readonly #paths: SidePaths;
  readonly #clock: Clock;
  readonly #counts: RequestMetrics | undefined;
  readonly #page: MetricsPage | undefined;
  #isDraining = false;

  constructor(server: RestModelServer, options: HttpRestApiOptions = {}) {
    trackConnections();
    this.#server = server;
    this.#clock = options.clock ?? systemClock;
    const limits = new RunLimits(options.timeoutMs ?? 30_000, this.#clock);
    const encoding = { maxBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES };
    this.#formats = options.extensions === false ? undefined : new PredictBodyFormats(options.formats ?? [], encoding);
    this.#predicts = new PredictHandler(server, limits, encoding);
    this.#bodyFormatPredicts = this.#formats && new BodyFormatPredictHandler(server, limits, this.#formats, encoding);
    this.#examples = new ExamplesHandler(server, limits, encoding);
    this.maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024;
    this.#corsHeaders = options.enableCorsSupport ? corsHeaders : undefined;
    const { prometheusPath, metrics } = options;
    this.#paths = { metrics: prometheusPath ?? (metrics && DEFAULT_PROMETHEUS_PATH), health: options.healthPath };
    this.#routes = new RouteCache(this.#paths);
    this.#counts = prometheusPath !== undefined && !metrics ? new RequestMetrics() : undefined;
    this.#page = metrics ?? this.#counts;
  }

  /** Whether a request concerns this API at all: `/v1/models…` or the metrics page. A host goes on with its own routes otherwise. */
  isOwn(method: string, target: string): boolean {
    const route = this.#routes.route(method, target);
    if (route.kind === 'html-page') return route.status === 400 && isOwnTarget(target, this.#paths);
    if (route.kind === 'malformed' || route.kind === 'options') {
      return isOwnTarget(target, this.#paths);
    }
    return true;
  }

  /** Where targets begin that may concern this API, for routers that have to be told; {@link isOwn} knows which of them do. */
  get paths(): readonly string[] {
    return ['/v1/models', this.#paths.metrics, this.#paths.health].filter((path) => path !== undefined);
  }

  /** Whether {@link handle} will look at the body of such a request. */
  takesBody(method: string, target: string): boolean {
    const { kind } = this.#routes.route(method, target);
    return kind === 'predict' || kind === 'classify' || kind === 'regress';
  }

  /** The answer, at once where nothing has to be waited for. Never throws or rejects: whatever fails becomes a response. */
  handle(request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    const route = this.#routes.route(request.method, request.target);
    const trace = requestsAreObserved() ? this.#trace(route, request) : undefined;
    try {
      const response = this.#answer(route, request, trace);
      if (!(response instanceof Promise)) return this.#counted(route, response, trace);
      return response.then(
        (later) => this.#counted(route, later, trace),
        (reason) => this.#failed(route, reason, trace),
      );
    } catch (reason) {
      return this.#failed(route, reason, trace);
    }
  }

  /** From now on the health endpoints report "not ready", whatever the model server's own state. */
  drain(): void {
    this.#isDraining = true;
  }

  /** The answer to a body of more than {@link maxBodyBytes}. The connection is to be closed after it. */
  bodyTooLarge(): HttpResponse {
    const { status, headers, body } = this.#error(413, `Request body is larger than ${this.maxBodyBytes} bytes`);
    return { status, headers: { ...headers, Connection: 'close' }, body };
  }

  /** The answer to a body whose stream failed for another reason than that its client has gone. */
  bodyUnreadable(reason: unknown): HttpResponse {
    return this.#error(400, `Request body can't be read: ${ServingError.from(reason).message}`);
  }

  #answer(route: Route, request: HttpRequest, trace: RequestTrace | undefined): HttpResponse | Promise<HttpResponse> {
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
        return this.#preflight(request);
      case 'metrics':
        return this.#metricsPage();
      case 'metrics-malformed': {
        const text = `Unexpected path: ${route.target}. Should be ${this.#paths.metrics}`;
        return respond(400, 'text/plain', Buffer.from(text));
      }
      case 'health':
        return healthReport(this.#server, route.question, this.#isDraining);
      case 'html-page':
        return htmlPage(route.status);
      default:
        return assertNever(route);
    }
  }

  #predict(
    spec: PathModelSpec,
    request: HttpRequest,
    trace: RequestTrace | undefined,
  ): HttpResponse | Promise<HttpResponse> {
    const format = this.#formats?.of(request);
    if (!format || !this.#bodyFormatPredicts) return this.#jsonOf(this.#predicts.handle(spec, request, trace));
    const answer = this.#bodyFormatPredicts.handle(spec, request, format, trace);
    return answer instanceof Promise ? answer.then((later) => this.#formatted(later)) : this.#formatted(answer);
  }

  #status({ model, version }: PathModelSpec): HttpResponse {
    const versions = this.#server.getModelStatus(version === undefined ? { model } : { model, version });
    return this.#json(Buffer.from(modelStatusJson(versions)));
  }

  #metricsPage(): HttpResponse | Promise<HttpResponse> {
    const { contentType = 'text/plain' }: Partial<MetricsPage> = this.#page ?? {};
    const page = this.#page?.page() ?? '';
    const toResponse = (text: string): HttpResponse => respond(200, contentType, Buffer.from(text));
    return page instanceof Promise ? page.then(toResponse) : toResponse(page);
  }

  #counted(route: Route, response: HttpResponse, trace: RequestTrace | undefined): HttpResponse {
    const status = response.status === 200 ? 'OK' : 'FAILED_PRECONDITION';
    this.#count(route, status);
    if (trace !== undefined) trace.finish(status);
    return response;
  }

  #failed(route: Route, reason: unknown, trace: RequestTrace | undefined): HttpResponse {
    const error = ServingError.from(reason, 'INTERNAL');
    this.#count(route, error.code);
    if (trace !== undefined) trace.finish(error.code, error);
    // Upstream returns before it makes the JSON error.
    if (route.kind === 'version-out-of-range') return this.#respond(400, JSON_TYPE, noBytes);
    return this.#error(error.httpStatus, error.clientMessage);
  }

  #preflight(request: HttpRequest): HttpResponse {
    const origin = request.header('origin') ?? '';
    const allowed = origin.includes('http://') || origin.includes('https://');
    const response = this.#respond(allowed ? 200 : 400, 'text/html; charset=ISO-8859-1', noBytes);
    const asked = request.header('access-control-request-headers');
    if (!this.#corsHeaders || !this.#formats || !asked?.toLowerCase().includes('serving-')) return response;
    return { ...response, headers: { ...response.headers, 'Access-Control-Allow-Headers': extensionHeaders } };
  }

  #jsonOf(body: Uint8Array | Promise<Uint8Array>): HttpResponse | Promise<HttpResponse> {
    return body instanceof Promise ? body.then((bytes) => this.#json(bytes)) : this.#json(body);
  }

  #formatted({ contentType, headers, body }: FormattedAnswer): HttpResponse {
    const response = this.#respond(200, contentType, body);
    if (!headers) return response;
    const exposed = this.#corsHeaders && { 'Access-Control-Expose-Headers': Object.keys(headers).join(', ') };
    return { ...response, headers: { ...response.headers, ...headers, ...exposed } };
  }

  #json(body: Uint8Array): HttpResponse {
    return this.#respond(200, JSON_TYPE, body);
  }

  #error(status: number, message: string): HttpResponse {
    return this.#respond(status, JSON_TYPE, encodeError(message));
  }

  #respond(status: number, contentType: string, body: Uint8Array): HttpResponse {
    const response = respond(status, contentType, body);
    if (this.#corsHeaders) Object.assign(response.headers, this.#corsHeaders);
    return response;
  }

  /** One per request under `/v1/`; the pages of the HTTP layer and the metrics page itself are not counted. */
  #count(route: Route, status: StatusCode): void {
    if (this.#counts && isCounted(route)) this.#counts.count(modelOf(route), status);
  }

  #trace(route: Route, request: HttpRequest): RequestTrace | undefined {
    if (!isCounted(route)) return undefined;
    const api = apis[route.kind] ?? '';
    const model = modelOf(route);
    return new RequestTrace({
      server: this.#server,
      entrypoint: 'REST',
      api,
      model,
      headers: request,
      clock: this.#clock,
    });
  }
}

function isCounted({ kind }: Route): boolean {
  return kind !== 'metrics' && kind !== 'metrics-malformed' && kind !== 'html-page' && kind !== 'health';
}

function modelOf(route: Route): string {
  return 'spec' in route ? route.spec.model : 'model' in route ? route.model : '';
}

const apis: { readonly [K in Route['kind']]?: RequestApi } = {
  predict: 'Predict',
  classify: 'Classify',
  regress: 'Regress',
  status: 'GetModelStatus',
  metadata: 'GetModelMetadata',
};

function respond(status: number, contentType: string, body: Uint8Array): HttpResponse {
  return { status, headers: { 'Content-Type': contentType, 'Content-Length': String(body.length) }, body };
}

function assertNever(route: never): never {
  throw new ServingError('INTERNAL', `No answer for ${JSON.stringify(route)}`);
}

/** Four times what a body may have by default. */
const DEFAULT_MAX_RESPONSE_BYTES: number = 256 * 1024 * 1024;

const noBytes = new Uint8Array(0);
const JSON_TYPE = 'application/json';
/** What pages of other origins may send when they ask to. */
const extensionHeaders = 'Content-Type, Serving-Shape, Serving-Dtype, Serving-Signature, Serving-Output';
const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'POST, GET',
  'Access-Control-Allow-Headers': 'Content-Type',
};
