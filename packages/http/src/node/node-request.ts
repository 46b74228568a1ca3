/** A `node:http` request, with its body read, as the REST API reads it. */
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServingError } from '@serving/core';
import type { BodyBytes, HttpRequest } from '../http-message.js';

/** One request and the response that is due. */
export interface NodeExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query below the mount point. Default: the request's own. */
  readonly target?: string;
  readonly signals: CloseSignals;
}

/** Nothing is made before it is asked for. */
export class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly body: BodyBytes | undefined;
  readonly parsedBody: unknown;
  readonly releaseBody: (() => void) | undefined;
  readonly #exchange: NodeExchange;

  constructor(exchange: NodeExchange, body?: BodyBytes, parsedBody?: unknown, releaseBody?: () => void) {
    this.method = exchange.request.method ?? '';
    this.target = exchange.target ?? exchange.request.url ?? '';
    this.body = body;
    this.parsedBody = parsedBody;
    this.releaseBody = releaseBody;
    this.#exchange = exchange;
  }

  header(name: string): string | undefined {
    const value = this.#exchange.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get signal(): AbortSignal {
    const { request, response, signals } = this.#exchange;
    return signals.of(request.httpVersionMajor === 1 ? request.socket : response);
  }
}

/**
 * A request whose body a parser in front has read: the bytes that the host keeps in `request.rawBody`, or else the body as it
 * was parsed, as bytes or as text. Inflated where it was compressed. An error when only the fields of a form are left of it.
 */
export function parsedNodeRequest(exchange: NodeExchange, body: unknown): HttpRequest | ServingError {
  const { rawBody } = exchange.request as IncomingMessage & { readonly rawBody?: unknown };
  const kept = isText(rawBody) ? rawBody : body;
  if (isText(kept)) {
    return new InflatedNodeRequest(exchange, typeof kept === 'string' ? Buffer.from(kept) : kept);
  }
  if (kept !== undefined && isForm(exchange.request)) return new ServingError('INVALID_ARGUMENT', FORM_PARSED);
  return new InflatedNodeRequest(exchange, undefined, kept);
}

function isText(body: unknown): body is Uint8Array | string {
  return body instanceof Uint8Array || typeof body === 'string';
}

function isForm({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.toLowerCase().startsWith('application/x-www-form-urlencoded') ?? false;
}

const FORM_PARSED =
  'A form parser has consumed it, as its Content-Type is "application/x-www-form-urlencoded". Send "Content-Type: application/json", mount the REST API in front of the form parser, or have the parser keep the bytes in "request.rawBody".';

class InflatedNodeRequest extends NodeRequest {
  override header(name: string): string | undefined {
    return name === 'content-encoding' ? undefined : super.header(name);
  }
}

/** A connection, or a stream of HTTP/2. */
export type Closeable = EventEmitter & { readonly destroyed: boolean };

/** One signal per connection, shared by all of its requests: making one costs as much as a small run. */
export class CloseSignals {
  readonly #signals = new WeakMap<Closeable, AbortSignal>();

  /** Aborted when the connection closes, or when it has closed already. */
  of(closeable: Closeable): AbortSignal {
    const known = this.#signals.get(closeable);
    if (known) return known;
    const controller = new AbortController();
    if (closeable.destroyed) controller.abort();
    else closeable.once('close', () => controller.abort());
    this.#signals.set(closeable, controller.signal);
    return controller.signal;
  }
}
