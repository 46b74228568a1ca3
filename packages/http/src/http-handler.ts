/** Everything that one mount point serves: matches a request once, then has it answered. */
import { ServingError } from '@serving/core';
import type { BufferPool } from '@serving/core/batching';
import { type Clock, systemClock } from '@serving/core/extend';
import { bufferPoolOf, loadExtensions, sliceQueue } from '@serving/core/internal';
import { trackConnections } from './connections/open-connections.js';
import { type HtmlPageStatus, htmlPage } from './html-page.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { HealthEndpoints } from './operations/health-report.js';
import { DEFAULT_PROMETHEUS_PATH, MetricsEndpoint } from './operations/metrics-page.js';
import { HttpRestApiHandler } from './rest/http-rest-api-handler.js';
import {
  DEFAULT_MAX_RESPONSE_BYTES,
  DEFAULT_TIMEOUT_MS,
  type HttpRestApiOptions,
} from './rest/http-rest-api-options.js';
import { type RequestCounter, RequestCounts } from './rest/request-counts.js';
import { Cors, errorResponse } from './rest/responses.js';
import type { RestModelServer } from './rest/rest-model-server.js';
import type { HttpExtension, HttpExtensionContext, HttpRoute, SlicedWorkCaller } from './routing/http-extension.js';
import { isKnownMethod, normalizeTarget } from './routing/request-target.js';
import { pageStatus } from './routing/route.js';

/** The function `createHttpExtension` that the module of an extension exports. `options` are a copy of those given beside the module. */
export type CreateHttpExtension = (
  server: RestModelServer,
  options: unknown,
  context: HttpExtensionContext,
) => HttpExtension;

/** A route, and what answers it. */
export interface MatchedRoute {
  readonly extension: HttpExtension;
  readonly route: HttpRoute;
  /** Whether {@link HttpHandler.handle} reads the body. */
  readonly takesBody: boolean;
  /** Bytes that the body may have; adapters answer a larger one with {@link HttpHandler.bodyTooLarge}. */
  readonly maxBodyBytes: number;
}

/**
 * TensorFlow Serving's REST API, the metrics page, the health endpoints and the application's extensions, framework-neutral: a request
 * with its body in, a response out. Adapters call {@link match}, read the body where the route takes one, then call {@link handle}.
 *
 * @example
 * ```ts
 * const handler = new HttpHandler(server);
 * const target = '/v1/models/half_plus_two:predict';
 * const request = { method: 'POST', target, header: () => undefined, body: Buffer.from('{"instances": [1]}') };
 * const { status, body } = await handler.handle(handler.match('POST', target)!, request);
 * ```
 */
export class HttpHandler {
  /** Memory of the server for bodies. */
  readonly buffers: BufferPool;
  readonly #extensions: readonly HttpExtension[];
  readonly #api: HttpRestApiHandler;
  readonly #cors: Cors;
  readonly #maxBodyBytes: number;
  readonly #gets: RouteCache = new Map();
  readonly #posts: RouteCache = new Map();

  /**
   * @param counter counts the requests; default: they are counted for a metrics page without `metrics`
   * @throws ServingError `INVALID_ARGUMENT` for an extension that can't be loaded or constructed.
   */
  constructor(server: RestModelServer, options: HttpRestApiOptions = {}, counter?: RequestCounter) {
    trackConnections();
    this.buffers = bufferPoolOf(server);
    const { prometheusPath, metrics, healthPath, extensions = [] } = options;
    this.#maxBodyBytes = options.maxBodyBytes ?? 64 * 1024 * 1024;
    this.#cors = new Cors(options.enableCorsSupport ?? false, options.binaryFormats ?? true);
    const counts = prometheusPath !== undefined && !metrics ? new RequestCounts() : undefined;
    const metricsPath = prometheusPath ?? (metrics && DEFAULT_PROMETHEUS_PATH);
    this.#api = new HttpRestApiHandler(server, options, this.#cors, counter ?? counts);
    const clock = options.clock ?? systemClock;
    const context: HttpExtensionContext = {
      timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      maxBodyBytes: this.#maxBodyBytes,
      maxResponseBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
      clock,
      inSlices: (work, caller) => sliceQueue.run(work, () => checkGoesOn(caller, clock)),
      cors: this.#cors,
      serves: (method, target) => this.match(method, target) !== undefined,
    };
    this.#extensions = [
      ...(metricsPath === undefined ? [] : [new MetricsEndpoint(metricsPath, metrics ?? counts)]),
      ...(healthPath === undefined ? [] : [new HealthEndpoints(() => server, healthPath)]),
      this.#api,
      ...loadExtensions<RestModelServer, HttpExtension, HttpExtensionContext>(
        extensions,
        'createHttpExtension',
        EXTENSIONS_HINT,
      ).map((create) => this.#guarded(create(server, context))),
    ];
  }

  /** How the targets begin that {@link match} may return a route for, for routers that need them. */
  get paths(): readonly string[] {
    return [...new Set(this.#extensions.flatMap(({ paths }) => paths))];
  }

  /**
   * Returns the route of a request: below `/v1/models`, the metrics page, health, or an extension's. `undefined`: the host's next route
   * is to answer it, or {@link fallback}.
   */
  match(method: string, target: string): MatchedRoute | undefined {
    const cache = method === 'POST' ? this.#posts : method === 'GET' ? this.#gets : undefined;
    const known = cache?.get(target);
    if (known !== undefined) return known ?? undefined;
    const matched = this.#match(method, target);
    if (cache && target.length <= MAX_TARGET_LENGTH) {
      if (cache.size >= MAX_TARGETS) cache.clear();
      cache.set(target, matched ?? null);
    }
    return matched;
  }

  /** The route of a request that {@link match} has none for, where the host has no routes of its own: what TensorFlow Serving answers. */
  fallback(method: string, target: string): MatchedRoute {
    const status = pageStatus(method, target);
    if (status !== undefined) return pages[status];
    return this.#matched(this.#api, this.#api.fallback(method, normalizeTarget(target) ?? target));
  }

  /** The answer, at once where nothing has to be waited for. Never throws or rejects: every failure becomes a response. */
  handle({ extension, route }: MatchedRoute, request: HttpRequest): HttpResponse | Promise<HttpResponse> {
    return extension.handle(route, request);
  }

  /** From now on the health endpoints report "not ready", whatever the model server's own state. */
  drain(): void {
    for (const extension of this.#extensions) extension.drain?.();
  }

  /** The answer to a body of more than the route's `maxBodyBytes`. The connection is to be closed after it. */
  bodyTooLarge({ maxBodyBytes }: MatchedRoute): HttpResponse {
    const response = this.#error(413, `Request body is larger than ${maxBodyBytes} bytes`);
    return { ...response, headers: { ...response.headers, Connection: 'close' } };
  }

  /** The answer to a body whose stream failed although its client is still there. */
  bodyUnreadable(reason: unknown): HttpResponse {
    return this.#error(400, `Request body can't be read: ${ServingError.from(reason).message}`);
  }

  #match(method: string, rawTarget: string): MatchedRoute | undefined {
    if (!isKnownMethod(method)) return undefined;
    const target = normalizeTarget(rawTarget);
    for (const extension of this.#extensions) {
      const route = extension.match(method, target ?? rawTarget);
      if (route === undefined) continue;
      return target === undefined ? pages[400] : this.#matched(extension, route);
    }
    return undefined;
  }

  #matched(extension: HttpExtension, route: HttpRoute): MatchedRoute {
    const { takesBody = false, maxBodyBytes = this.#maxBodyBytes } = route;
    return { extension, route, takesBody, maxBodyBytes };
  }

  #guarded(extension: HttpExtension): HttpExtension {
    const failed = (reason: unknown): HttpResponse => {
      const { status, clientMessage } = ServingError.from(reason, 'INTERNAL');
      return this.#error(status, clientMessage);
    };
    return {
      paths: extension.paths,
      match: (method, target) => extension.match(method, target),
      handle(route, request) {
        try {
          const answer = extension.handle(route, request);
          return answer instanceof Promise ? answer.catch(failed) : answer;
        } catch (reason) {
          return failed(reason);
        }
      },
      drain: () => extension.drain?.(),
    };
  }

  #error(status: number, message: string): HttpResponse {
    return this.#cors.allow(errorResponse(status, message));
  }
}

function checkGoesOn({ signal, deadline = Number.POSITIVE_INFINITY }: SlicedWorkCaller, clock: Clock): void {
  if (signal?.aborted) throw new ServingError('CANCELLED', 'The client went before its request was answered');
  if (clock.now() >= deadline) throw new ServingError('DEADLINE_EXCEEDED', 'Timed out waiting for notification');
}

function pageRoute(status: HtmlPageStatus): MatchedRoute {
  const extension = { paths: [], match: () => undefined, handle: () => htmlPage(status) };
  return { extension, route: {}, takesBody: false, maxBodyBytes: 0 };
}

const pages = { 400: pageRoute(400), 404: pageRoute(404), 501: pageRoute(501) } as const;

const EXTENSIONS_HINT = '; binaryFormats: false turns binary bodies off';

/** By target; `null` for one that concerns others. Bounded: a full one is emptied, and long targets are never kept. */
type RouteCache = Map<string, MatchedRoute | null>;
const MAX_TARGETS = 1024;
const MAX_TARGET_LENGTH = 512;
