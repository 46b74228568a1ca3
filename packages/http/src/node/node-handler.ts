/** The REST API as a `node:http` listener, which is also an Express or Connect middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { notePipelining } from '../connections/open-connections.js';
import { HttpHandler, type MatchedRoute } from '../http-handler.js';
import type { HttpRequest } from '../http-message.js';
import { checkRestApi, type HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { CloseSignals, type NodeExchange, NodeRequest, parsedNodeRequest } from './node-request.js';
import { readNodeBody, rejectBody } from './read-node-body.js';
import { ResponseWriter } from './response-writer.js';

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
  checkRestApi(server, options, {});
  return nodeHandlerOf(new HttpHandler(server, options), options.clock);
}

/** {@link createNodeHandler} for a handler that the caller goes on using. */
export function nodeHandlerOf(handler: HttpHandler, clock: Clock = systemClock): NodeHandler {
  const signals = new CloseSignals();
  const writer = new ResponseWriter();
  return (request, response, next) => {
    const method = request.method ?? '';
    const target = request.url ?? '';
    const matched = handler.match(method, target);
    if (next && matched === undefined) return next();
    const route = matched ?? handler.fallback(method, target);
    notePipelining(request, response);
    const exchange: NodeExchange = { request, response, signals };
    if (!route.takesBody) return answer(handler, writer, route, new NodeRequest(exchange), response);
    if (request.readableDidRead) {
      const { body } = request as IncomingMessage & { readonly body?: unknown };
      const parsed = parsedNodeRequest(exchange, body);
      if (parsed instanceof ServingError) return writer.send(response, handler.bodyUnreadable(parsed));
      return answer(handler, writer, route, parsed, response);
    }
    const announced = Number(request.headers['content-length'] ?? 0);
    if (announced > route.maxBodyBytes) {
      return rejectBody(handler.bodyTooLarge(route), exchange, clock);
    }
    readNodeBody(request, announced, route.maxBodyBytes, handler.buffers, (body, release) => {
      if (body === 'too-large') rejectBody(handler.bodyTooLarge(route), exchange, clock);
      else answer(handler, writer, route, new NodeRequest(exchange, body, undefined, release), response);
    });
  };
}

/** Hands a request over and sees to it that the answer is sent. */
function answer(
  handler: HttpHandler,
  writer: ResponseWriter,
  route: MatchedRoute,
  request: HttpRequest,
  to: ServerResponse,
): void {
  const answered = handler.handle(route, request);
  if (answered instanceof Promise) {
    answered.then(
      (later) => writer.send(to, later),
      (reason) => to.destroy(ServingError.from(reason)),
    );
  } else {
    writer.send(to, answered);
  }
}
