/** A `node:http` request, with its body read, as the REST API reads it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CloseSignals } from './close-signals.js';
import type { BodyBytes, HttpRequest } from './http-message.js';

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

/** A request whose body a parser in front has read: parsed, as bytes or as text, and inflated where it was compressed. */
export function parsedNodeRequest(exchange: NodeExchange, body: unknown): HttpRequest {
  if (body instanceof Uint8Array) return new InflatedNodeRequest(exchange, body);
  if (typeof body === 'string') return new InflatedNodeRequest(exchange, Buffer.from(body));
  return new InflatedNodeRequest(exchange, undefined, body);
}

class InflatedNodeRequest extends NodeRequest {
  override header(name: string): string | undefined {
    return name === 'content-encoding' ? undefined : super.header(name);
  }
}
