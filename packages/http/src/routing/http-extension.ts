/** What answers a part of the targets: TensorFlow Serving's REST API, the metrics page, health, and extensions of applications. */
import type { Clock } from '@serving/core/extend';
import type { SlicedWork } from '@serving/json-codec';
import type { HttpRequest, HttpResponse } from '../http-message.js';

/** What a request was matched to. An extension adds properties of its own, for {@link HttpExtension.handle} to read. */
export interface HttpRoute {
  /** Whether the request's body is read before `handle` is called. Default: `false`. */
  readonly takesBody?: boolean;
  /** Bytes that the body may have; a larger one is answered with 413. Default: the API's own `maxBodyBytes`. */
  readonly maxBodyBytes?: number;
}

/**
 * Answers targets beside the API's own, below the same mount point. The API's own routes win, then the first extension whose
 * `match` returns a route.
 *
 * @example
 * ```ts
 * export const createHttpExtension: CreateHttpExtension = (server) => ({
 *   paths: ['/models'],
 *   match: (method, target) => (method === 'GET' && target === '/models' ? {} : undefined),
 *   handle: () => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(server.modelNames)) }),
 * });
 * ```
 */
export interface HttpExtension<Route extends HttpRoute = HttpRoute> {
  /** How the targets begin that `match` may return a route for. Fastify's router needs them. */
  readonly paths: readonly string[];
  /**
   * Returns the route of a request, or `undefined` for a request that concerns others. Pure: the result is kept and used for further
   * requests with the same method and target. `target` is path and query, not decoded, below the mount point.
   */
  match(method: string, target: string): Route | undefined;
  /** Answers a request. What it throws or rejects with becomes `{"error": MESSAGE}` with the status of the `ServingError`. */
  handle(route: Route, request: HttpRequest): HttpResponse | Promise<HttpResponse>;
  /** Called when the listener begins to drain; requests are still to be answered. */
  drain?(): void;
}

/** The settings of the API that an extension is mounted in. */
export interface HttpExtensionContext {
  /** Milliseconds that a run may take; `false` for no limit. */
  readonly timeoutMs: number | false;
  /** Bytes that a request body may have. */
  readonly maxBodyBytes: number;
  /** Bytes that the body of an answer may have. */
  readonly maxResponseBytes: number;
  readonly clock: Clock;
  /**
   * Does work on a large body or answer in slices between which the event loop turns, one request after the other.
   *
   * @throws ServingError what the work failed with, `CANCELLED` when the client goes, `DEADLINE_EXCEEDED` when it takes too long
   */
  inSlices<T>(work: SlicedWork<T>, caller: SlicedWorkCaller): Promise<T>;
  readonly cors: CorsHeaders;
  /** Whether a request would be answered at this mount point. Called while requests are answered, when all extensions are mounted. */
  serves(method: string, target: string): boolean;
}

/** Whom work in slices is for. */
export interface SlicedWorkCaller {
  readonly signal: AbortSignal | undefined;
  /** `Clock.now()` time; `undefined` for none. */
  readonly deadline: number | undefined;
}

/** Adds CORS headers to answers where the API's `enableCorsSupport` is set, and nothing elsewhere. */
export interface CorsHeaders {
  /** Lets pages of any origin read a response, whose headers it changes. */
  allow(response: HttpResponse): HttpResponse;
  /** Adds headers to a response, and lets pages read those. */
  withHeaders(response: HttpResponse, headers: Readonly<Record<string, string>>): HttpResponse;
  /** The answer to OPTIONS. */
  preflight(request: HttpRequest): HttpResponse;
}
