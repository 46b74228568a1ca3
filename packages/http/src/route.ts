/** Where a request goes: the REST API, the metrics page, or one of the HTTP layer's own pages. */
import type { HtmlPageStatus } from './html-page.js';
import { malformed, type ParsedPath, parsePath } from './parse-path.js';
import { normalizeTarget, pathOf } from './request-target.js';

/** What to do with a request. */
export type Route =
  | ParsedPath
  | { readonly kind: 'options' }
  | { readonly kind: 'metrics' }
  /** The metrics path with a query or fragment behind it. */
  | { readonly kind: 'metrics-malformed'; readonly target: string }
  | { readonly kind: 'html-page'; readonly status: HtmlPageStatus };

/** Routes a method and a raw target. Without a `metricsPath` there is no metrics page. */
export function routeRequest(method: string, rawTarget: string, metricsPath: string | undefined): Route {
  if (!methods.has(method)) return { kind: 'html-page', status: 501 };
  const target = normalizeTarget(rawTarget);
  if (target === undefined) return { kind: 'html-page', status: 400 };
  if (metricsPath !== undefined && pathOf(target) === metricsPath) {
    return target === metricsPath ? { kind: 'metrics' } : { kind: 'metrics-malformed', target };
  }
  if (!restPrefix.test(target)) return { kind: 'html-page', status: 404 };
  if (method === 'OPTIONS') return { kind: 'options' };
  return method === 'GET' || method === 'POST' ? parsePath(method, target) : malformed(method, target);
}

/**
 * Whether a host that serves more than this API should hand a request over: it concerns `/v1/models` or the metrics page.
 * Anything else below `/v1/` may be the host's.
 */
export function isOwnTarget(rawTarget: string, metricsPath: string | undefined): boolean {
  const target = normalizeTarget(rawTarget) ?? rawTarget;
  return modelsPrefix.test(target) || (metricsPath !== undefined && pathOf(target) === metricsPath);
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
const restPrefix = /^\/v1\//i;
const modelsPrefix = /^\/v1\/models(?:[/:?#]|$)/i;
