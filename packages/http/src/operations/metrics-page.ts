/** The page for Prometheus. */
import { type HttpResponse, toResponse } from '../http-message.js';
import type { HttpExtension, HttpRoute } from '../routing/http-extension.js';
import { pathOf } from '../routing/request-target.js';

/**
 * `servingMetrics()` of `@serving/telemetry` is one, and so is a `Registry` of prom-client.
 */
export interface MetricsPage {
  /** Returns the page in Prometheus' text format. Called at each request. */
  metrics(): string | Promise<string>;
  /** Default `text/plain`. */
  readonly contentType?: string;
}

/** Where TensorFlow Serving has the page. */
export const DEFAULT_PROMETHEUS_PATH = '/monitoring/prometheus/metrics';

/** Answers any method at exactly the page's path. */
export class MetricsEndpoint implements HttpExtension<MetricsRoute> {
  readonly paths: readonly string[];
  readonly #path: string;
  readonly #page: MetricsPage | undefined;

  constructor(path: string, page: MetricsPage | undefined) {
    this.paths = [path];
    this.#path = path;
    this.#page = page;
  }

  match(_method: string, target: string): MetricsRoute | undefined {
    return pathOf(target) === this.#path ? { target } : undefined;
  }

  handle({ target }: MetricsRoute): HttpResponse | Promise<HttpResponse> {
    if (target !== this.#path)
      return textResponse(400, 'text/plain', `Unexpected path: ${target}. Should be ${this.#path}`);
    const { contentType = 'text/plain' }: Partial<MetricsPage> = this.#page ?? {};
    const page = this.#page?.metrics() ?? '';
    return page instanceof Promise
      ? page.then((text) => textResponse(200, contentType, text))
      : textResponse(200, contentType, page);
  }
}

/** The target may have a query or fragment behind the path, which TensorFlow Serving refuses. */
interface MetricsRoute extends HttpRoute {
  readonly target: string;
}

function textResponse(status: number, contentType: string, text: string): HttpResponse {
  return toResponse(status, contentType, Buffer.from(text));
}
