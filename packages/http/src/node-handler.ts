/** The REST API as a `node:http` listener, which is also an Express or Connect middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, ServingError, systemClock } from '@serving/core';
import { CloseSignals } from './close-signals.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { HttpRestApiHandler } from './http-rest-api-handler.js';
import type { HttpRestApiOptions } from './http-rest-api-options.js';
import { type NodeExchange, NodeRequest, parsedNodeRequest } from './node-request.js';
import { ResponseWriter } from './response-writer.js';
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
  const signals = new CloseSignals();
  const writer = new ResponseWriter();
  return (request, response, next) => {
    const method = request.method ?? '';
    const target = request.url ?? '';
    if (next && !handler.isOwn(method, target)) return next();
    const exchange: NodeExchange = { request, response, signals };
    if (!handler.takesBody(method, target)) return answer(handler, writer, new NodeRequest(exchange), response);
    if (request.readableDidRead) return answer(handler, writer, parsedNodeRequest(exchange), response);
    if (Number(request.headers['content-length'] ?? 0) > handler.maxBodyBytes) {
      return refuse(handler.bodyTooLarge(), exchange, clock);
    }
    readBody(request, handler.maxBodyBytes, (body) => {
      if (body === 'too-large') refuse(handler.bodyTooLarge(), exchange, clock);
      else answer(handler, writer, new NodeRequest(exchange, body), response);
    });
  };
}

/** Hands a request over and sees to it that the answer is sent. */
function answer(handler: HttpRestApiHandler, writer: ResponseWriter, request: HttpRequest, to: ServerResponse): void {
  const answered = handler.handle(request);
  if (answered instanceof Promise) {
    answered.then(
      (later) => writer.send(to, later),
      (reason) => to.destroy(ServingError.from(reason)),
    );
  } else {
    writer.send(to, answered);
  }
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
function refuse({ status, headers, body }: HttpResponse, { request, response }: NodeExchange, clock: Clock): void {
  response.writeHead(status, headers);
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
