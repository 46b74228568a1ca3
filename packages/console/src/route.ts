/** The targets of the console. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import type { HttpRoute } from '@serving/http/adapter';

/** What a request was matched to. */
export type ConsoleRoute = HttpRoute & ConsoleQuestion;

/** What a target asks for. */
export type ConsoleQuestion =
  | { readonly kind: 'redirect'; readonly location: string }
  /** A file of the pages; `''` for the first one. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'snapshot' | 'events' }
  | { readonly kind: 'history'; readonly model: string }
  | { readonly kind: 'signatures' | 'examples'; readonly model: string; readonly version: string }
  | { readonly kind: 'action'; readonly action: string }
  | { readonly kind: 'not-allowed'; readonly allow: string }
  | { readonly kind: 'failed'; readonly error: ServingError };

/** Matches targets below the console's path. */
export class ConsoleRoutes {
  readonly #path: string;
  readonly #redirectsRoot: boolean;

  constructor(path: string, redirectsRoot: boolean) {
    this.#path = path;
    this.#redirectsRoot = redirectsRoot;
  }

  /** `undefined` for a target that concerns others. */
  match(method: string, target: string): ConsoleRoute | undefined {
    const path = target.replace(/[?#].*$/s, '');
    const question = this.#question(path);
    if (question === undefined) return undefined;
    const allowed = question.kind === 'action' ? 'POST' : 'GET';
    if (method !== allowed && !(allowed === 'GET' && method === 'HEAD')) {
      return path === '/' ? undefined : { kind: 'not-allowed', allow: allowed === 'GET' ? 'GET, HEAD' : 'POST' };
    }
    return allowed === 'POST' ? { ...question, takesBody: true, maxBodyBytes: MAX_ACTION_BYTES } : question;
  }

  #question(path: string): ConsoleQuestion | undefined {
    // Relative, as the server does not know what is in front of its mount point.
    if (path === '/') return this.#redirectsRoot ? { kind: 'redirect', location: `.${this.#path}/` } : undefined;
    if (path === this.#path) return { kind: 'redirect', location: `${path.slice(path.lastIndexOf('/') + 1)}/` };
    if (!path.startsWith(`${this.#path}/`)) return undefined;
    const name = path.slice(this.#path.length + 1);
    if (!name.startsWith('api/')) return { kind: 'file', name };
    try {
      return apiQuestion(name.split('/').slice(1).map(decoded)) ?? notFound(name);
    } catch (error) {
      return { kind: 'failed', error: ServingError.from(error) };
    }
  }
}

/** Of the few fields that an action has. */
const MAX_ACTION_BYTES = 65_536;

function apiQuestion([area, first, second, third, fourth, ...more]: readonly string[]): ConsoleQuestion | undefined {
  if (more.length > 0) return undefined;
  if (area === 'snapshot' || area === 'events') return first === undefined ? { kind: area } : undefined;
  if (area === 'actions') return first && second === undefined ? { kind: 'action', action: first } : undefined;
  if (area !== 'models' || !first) return undefined;
  if (second === 'history') return third === undefined ? { kind: 'history', model: first } : undefined;
  if (second !== 'versions' || !third) return undefined;
  return fourth === 'signatures' || fourth === 'examples' ? { kind: fourth, model: first, version: third } : undefined;
}

function notFound(name: string): ConsoleQuestion {
  return { kind: 'failed', error: ServingError.notFound(`The console has no ${quoteName(name)}`) };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw ServingError.invalidArgument(`The path has percent-encoding that is not UTF-8 (got ${quoteName(segment)})`);
  }
}
