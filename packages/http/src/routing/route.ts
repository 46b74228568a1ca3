/** Where a request goes: the REST API, the metrics page, a health endpoint, or one of the HTTP layer's own pages. */

import type { HtmlPageStatus } from '../html-page.js';
import { type HealthQuestion, parseHealthPath } from '../operations/health-report.js';
import { malformed, type ParsedPath, parsePath } from './parse-path.js';
import { normalizeTarget, pathOf } from './request-target.js';

/** What to do with a request. */
export type Route =
  | ParsedPath
  | { readonly kind: 'options' }
  | { readonly kind: 'metrics' }
  /** The metrics path with a query or fragment behind it. */
  | { readonly kind: 'metrics-malformed'; readonly target: string }
  | { readonly kind: 'health'; readonly question: HealthQuestion }
  | { readonly kind: 'html-page'; readonly status: HtmlPageStatus };

/** Paths beside the API's own; what has none isn't there. */
export interface SidePaths {
  readonly metrics?: string | undefined;
  readonly health?: string | undefined;
}

/** Routes a method and a raw target. */
export function routeRequest(method: string, rawTarget: string, paths: SidePaths): Route {
  if (!methods.has(method)) return { kind: 'html-page', status: 501 };
  const target = normalizeTarget(rawTarget);
  if (target === undefined) return { kind: 'html-page', status: 400 };
  if (paths.metrics !== undefined && pathOf(target) === paths.metrics) {
    return target === paths.metrics ? { kind: 'metrics' } : { kind: 'metrics-malformed', target };
  }
  const question = healthQuestion(target, paths);
  if (question) return { kind: 'health', question };
  if (!restPrefix.test(target)) return { kind: 'html-page', status: 404 };
  if (method === 'OPTIONS') return { kind: 'options' };
  return method === 'GET' || method === 'POST' ? parsePath(method, target) : malformed(method, target);
}

/**
 * Whether a host that serves more than this API should hand a request over: it concerns `/v1/models`, the metrics page or
 * health. Anything else below `/v1/` may be the host's.
 */
export function isOwnTarget(rawTarget: string, paths: SidePaths): boolean {
  const target = normalizeTarget(rawTarget) ?? rawTarget;
  if (modelsPrefix.test(target)) return true;
  return (
    (paths.metrics !== undefined && pathOf(target) === paths.metrics) || healthQuestion(target, paths) !== undefined
  );
}

function healthQuestion(target: string, { health }: SidePaths): HealthQuestion | undefined {
  return health === undefined ? undefined : parseHealthPath(pathOf(target), health);
}

const methods: ReadonlySet<string> = new Set(['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']);
const restPrefix = /^\/v1\//i;
const modelsPrefix = /^\/v1\/models(?:[/:?#]|$)/i;
