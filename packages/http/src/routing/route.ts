/** Which route of TensorFlow Serving's REST API a request goes to. */
import type { HttpRoute } from './http-extension.js';
import { malformed, type ParsedPath, parsePath } from './parse-path.js';
import { isKnownMethod, normalizeTarget } from './request-target.js';

/** A pattern that the target matched, or why it can't be served. */
export type RestRoute = HttpRoute & (ParsedPath | { readonly kind: 'options' });

/** Routes a normalized target below `/v1/`. */
export function restRoute(method: string, target: string): RestRoute {
  if (method === 'OPTIONS') return { kind: 'options' };
  if (method === 'GET') return parsePath(method, target);
  if (method !== 'POST') return malformed(method, target);
  const path = parsePath(method, target);
  return 'spec' in path ? { ...path, takesBody: true } : path;
}

/** Whether a target is the API's alone. Others below `/v1/` may belong to the host that the API is mounted in. */
export function isModelsTarget(target: string): boolean {
  return modelsPrefix.test(target);
}

/** The page with which the HTTP layer answers what never reaches the REST API; `undefined` for a target below `/v1/`. */
export function pageStatus(method: string, rawTarget: string): 400 | 404 | 501 | undefined {
  if (!isKnownMethod(method)) return 501;
  const target = normalizeTarget(rawTarget);
  if (target === undefined) return 400;
  return restPrefix.test(target) ? undefined : 404;
}

const restPrefix = /^\/v1\//i;
const modelsPrefix = /^\/v1\/models(?:[/:?#]|$)/i;
