/** The REST API as a `node:http` listener, which is also an Express or Connect middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, ServingError, systemClock } from '@serving/core';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { HttpRestApiHandler } from './http-rest-api-handler.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import type { RestModelServer } from './rest-model-server.js';

/** A listener of `node:http`'s `request` event. With `next` it hands over whatever isn't the REST API's. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

/**
 * Makes the listener. Without `next` it answers every request, with TensorFlow Serving's HTML pages where the target is
 * not the API's. It reads bodies itself, or takes what a body parser in front has made of them (`request.body`).
 *
 * @example
 * ```ts
 * http.createServer(createNodeHandler(server)).listen(8501);
 * ```
 */
export function createNodeHandler(server: RestModelServer, options: HttpRestApiOptions = {}): NodeHandler {
  const handler = new HttpRestApiHandler(server, options);
  const clock = options.clock ?? systemClock;
  return (request, response, next) => {
    const method = request.method ?? '';
    const target = request.url ?? '';
    if (next && !handler.isOwn(method, target)) return next();
    if (!handler.takesBody(method, target)) return answer(handler, new NodeRequest(request, response), response);
    if (request.readableDidRead) return answer(handler, withParsedBody(request, response), response);
    if (Number(request.headers['content-length'] ?? 0) > handler.maxBodyBytes) {
      return refuse(handler.bodyTooLarge(), request, response, clock);
    }
    readBody(request, handler.maxBodyBytes, (body) => {
      if (body === 'too-large') return refuse(handler.bodyTooLarge(), request, response, clock);
      answer(handler, new NodeRequest(request, response, body), response);
    });
  };
}

type IncomingMessageWithBody = IncomingMessage & { readonly body?: unknown };

/** The request as the handler reads it. Nothing is made before it is asked for. */
class NodeRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly body: Uint8Array | undefined;
  readonly parsedBody: unknown;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #controller: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, body?: Uint8Array, parsedBody?: unknown) {
    this.method = request.method ?? '';
    this.target = request.url ?? '';
    this.body = body;
    this.parsedBody = parsedBody;
    this.#request = request;
    this.#response = response;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      const controller = new AbortController();
      const response = this.#response;
      response.on('close', () => {
        if (!response.writableFinished) controller.abort();
      });
      if (response.destroyed) controller.abort();
      this.#controller = controller;
    }
    return this.#controller.signal;
  }
}

/** A body that a parser in front has read, and inflated where it was compressed. */
class ParsedNodeRequest extends NodeRequest {
  override header(name: string): string | undefined {
    return name === 'content-encoding' ? undefined : super.header(name);
  }
}

function withParsedBody(request: IncomingMessageWithBody, response: ServerResponse): HttpRequest {
  const { body } = request;
  if (body instanceof Uint8Array) return new ParsedNodeRequest(request, response, body);
  if (typeof body === 'string') return new ParsedNodeRequest(request, response, Buffer.from(body));
  return new ParsedNodeRequest(request, response, undefined, body);
}

function answer(handler: HttpRestApiHandler, request: HttpRequest, response: ServerResponse): void {
  handler.handle(request).then(
    (answered) => send(answered, response),
    (reason) => response.destroy(ServingError.from(reason)),
  );
}

function send({ status, headers, body }: HttpResponse, response: ServerResponse): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'Content-Length': body.length });
  response.end(body);
}

/** Calls `done` once: with the body, or as soon as it turns out too large. Not at all when the client goes before its end. */
function readBody(request: IncomingMessage, limit: number, done: (body: Uint8Array | 'too-large') => void): void {
  let chunks: Buffer[] | undefined;
  let single: Buffer | undefined;
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    if (length > limit) return;
    length += chunk.length;
    if (length > limit) {
      chunks = undefined;
      done('too-large');
    } else if (single === undefined) {
      single = chunk;
    } else {
      chunks ??= [single];
      chunks.push(chunk);
    }
  });
  request.on('end', () => {
    if (length <= limit) done(chunks ? Buffer.concat(chunks, length) : (single ?? noBytes));
  });
}

/**
 * Answers before the body has come, then closes the connection. What the client still sends is thrown away for a moment:
 * closing with unread data would reset the connection, and the client might never see the answer.
 */
function refuse(answered: HttpResponse, request: IncomingMessage, response: ServerResponse, clock: Clock): void {
  const { status, headers, body } = answered;
  response.writeHead(status, { ...headers, 'Content-Length': body.length });
  response.write(body);
  const cancel = clock.setTimer(() => response.end(), LINGER_MS);
  request.on('close', () => {
    cancel();
    response.end();
  });
  request.resume();
}

const noBytes = new Uint8Array(0);
const LINGER_MS = 1000;
