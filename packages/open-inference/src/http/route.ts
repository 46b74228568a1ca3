/** The targets of the protocol. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { HttpRoute } from '@serving/http/adapter';
import { type RequestedModel, requestedVersion } from '../models/requested-model.js';

/** The meaning of a target. */
export type Question =
  | { readonly kind: 'server-metadata' | 'live' | 'ready' | 'models' | 'index' }
  | { readonly kind: 'statistics'; readonly spec: RequestedModel | undefined }
  | {
      readonly kind: 'model-metadata' | 'model-ready';
      readonly spec: RequestedModel;
      /** Of the query. */
      readonly signatureName: string | undefined;
    }
  | { readonly kind: 'infer'; readonly spec: RequestedModel; readonly signatureName: string | undefined }
  | { readonly kind: 'load' | 'unload'; readonly model: string }
  | { readonly kind: 'other-repository' }
  | { readonly kind: 'options' }
  | { readonly kind: 'not-allowed'; readonly allow: string }
  | { readonly kind: 'failed'; readonly error: ServingError };

/** What a request was matched to. */
export type OpenInferenceRoute = HttpRoute & Question;

/** Routes a target below `/v2`; `undefined` for any other. */
export function matchRoute(method: string, target: string): OpenInferenceRoute | undefined {
  const end = target.search(/[?#]/);
  const path = end < 0 ? target : target.slice(0, end);
  if (!isOwn.test(path)) return undefined;
  if (method === 'OPTIONS') return { kind: 'options' };
  let question: Question | undefined;
  try {
    question = questionOf(path, end < 0 ? '' : target.slice(end));
  } catch (error) {
    return { kind: 'failed', error: ServingError.from(error) };
  }
  const notFound: OpenInferenceRoute = { kind: 'failed', error: ServingError.notFound('Not Found') };
  if (question === undefined) return notFound;
  const allowed = posts.has(question.kind) ? 'POST' : 'GET';
  // A request of TensorFlow Serving's API with another version of the API.
  if (method === 'POST' && allowed === 'GET' && /:(?:predict|classify|regress)$/.test(path)) return notFound;
  if (method !== allowed && !(allowed === 'GET' && method === 'HEAD')) {
    return { kind: 'not-allowed', allow: allowed === 'GET' ? 'GET, HEAD' : 'POST' };
  }
  return allowed === 'POST' ? { ...question, takesBody: true } : question;
}

const isOwn = /^\/v2(?:\/|$)/;
const posts: ReadonlySet<string> = new Set(['infer', 'index', 'load', 'unload', 'other-repository']);

function questionOf(path: string, query: string): Question | undefined {
  const segments = path.replace(/\/$/, '').split('/').slice(2).map(decoded);
  const [area, ...rest] = segments;
  if (area === undefined) return { kind: 'server-metadata' };
  if (area === 'health' && rest.length === 1) {
    return rest[0] === 'live' || rest[0] === 'ready' ? { kind: rest[0] } : undefined;
  }
  if (area === 'models') return modelQuestion(rest, query);
  return area === 'repository' ? repositoryQuestion(rest) : undefined;
}

function modelQuestion(segments: readonly string[], query: string): Question | undefined {
  const [model, ...rest] = segments;
  if (model === undefined) return { kind: 'models' };
  if (model === '') return undefined;
  if (model === 'stats' && rest.length === 0) return { kind: 'statistics', spec: undefined };
  const hasVersion = rest[0] === 'versions';
  if (hasVersion && !rest[1]) return undefined;
  const spec = hasVersion ? requestedVersion(model, rest[1]!) : { model };
  const [action, ...more] = hasVersion ? rest.slice(2) : rest;
  if (more.length > 0) return undefined;
  const signatureName = new URLSearchParams(query.split('#')[0]).get('signature_name') ?? undefined;
  switch (action) {
    case undefined:
      return { kind: 'model-metadata', spec, signatureName };
    case 'ready':
      return { kind: 'model-ready', spec, signatureName };
    case 'infer':
      return { kind: 'infer', spec, signatureName };
    case 'stats':
      return { kind: 'statistics', spec };
    default:
      return undefined;
  }
}

function repositoryQuestion(segments: readonly string[]): Question | undefined {
  const [first, second, third, fourth] = segments;
  if (segments.length === 1 && first === 'index') return { kind: 'index' };
  if (segments.length === 2 && second === 'index') return { kind: 'other-repository' };
  if (segments.length === 3 && first === 'models' && second && (third === 'load' || third === 'unload')) {
    return { kind: third, model: second };
  }
  const isOther = segments.length === 4 && second === 'models' && (fourth === 'load' || fourth === 'unload');
  return isOther ? { kind: 'other-repository' } : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw ServingError.invalidArgument(`The path has percent-encoding that is not UTF-8 (got ${quoteName(segment)})`);
  }
}
