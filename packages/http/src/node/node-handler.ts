/** The REST API as a `node:http` listener, which is also an Express or Connect middleware. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Readable } from 'node:stream';
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { notePipelining } from '../connections/open-connections.js';
import { HttpHandler, type MatchedRoute } from '../http-handler.js';
import type { HttpResponse } from '../http-message.js';
import { checkRestApi, type HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { BodyPlaces } from './body-places.js';
import { CloseSignals, NodeRequest, readNodeBody, rejectBody } from './node-request.js';

/** A listener of `node:http`'s `request` event. It passes requests that are not the REST API's to `next`. */
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

/** {@link createNodeHandler} for a handler that the caller also uses itself. */
export function nodeHandlerOf(handler: HttpHandler, clock: Clock = systemClock): NodeHandler {
  const signals = new CloseSignals();
  const writer = new ResponseWriter();
  const places = new BodyPlaces(clock);
  return (message, response, next) => {
    const method = message.method ?? '';
    const target = message.url ?? '';
    const matched = handler.match(method, target);
    if (next && matched === undefined) return next();
    const route = matched ?? handler.fallback(method, target);
    // Node gives the connection to one answer at a time.
    if (response.socket === null) notePipelining(message.socket);
    const request = new NodeRequest(message, response, signals, target);
    if (!route.takesBody) return answer(handler, writer, route, request, response);
    if (message.readableDidRead) {
      const { body } = message as IncomingMessage & { readonly body?: unknown };
      const unreadable = request.takeParsed(body);
      if (unreadable) return writer.send(response, handler.bodyUnreadable(unreadable));
      return answer(handler, writer, route, request, response);
    }
    const announced = Number(message.headers['content-length'] ?? 0);
    if (announced > route.maxBodyBytes) return rejectBody(handler.bodyTooLarge(route), message, response, clock);
    readNodeBody(message, announced, route.maxBodyBytes, handler.buffers, places, (body, release, place) => {
      if (body === 'too-large') return rejectBody(handler.bodyTooLarge(route), message, response, clock);
      request.body = body;
      request.releaseBody = release;
      request.place = place;
      answer(handler, writer, route, request, response);
    });
  };
}

/** Hands a request over and sees to it that the answer is sent. */
function answer(
  handler: HttpHandler,
  writer: ResponseWriter,
  route: MatchedRoute,
  request: NodeRequest,
  to: ServerResponse,
): void {
  const answered = handler.handle(route, request);
  if (answered instanceof Promise) {
    answered.then(
      (later) => {
        request.place?.leave();
        writer.send(to, later);
      },
      (reason) => {
        request.place?.leave();
        to.destroy(ServingError.from(reason));
      },
    );
  } else {
    request.place?.leave();
    writer.send(to, answered);
  }
}

/**
 * Answers that become due in one turn of the event loop leave together at its end, in their order. A client on the same
 * machine is then woken once for all of its answers, not once for each, which costs the system more than the answer itself.
 */
export class ResponseWriter {
  #due: DueResponse[] = [];

  /** Sends an answer, soon. Nothing happens when the client has gone or the host has answered by then. */
  send(response: ServerResponse, answered: HttpResponse): void {
    const count = this.#due.push({ response, answered });
    if (count === 1) setImmediate(this.#flush);
    else if (count === MAX_DUE) this.#flush();
  }

  readonly #flush = (): void => {
    const due = this.#due;
    this.#due = [];
    for (let i = 0; i < due.length; i++) write(due[i]!);
  };
}

interface DueResponse {
  readonly response: ServerResponse;
  readonly answered: HttpResponse;
}

/** As many as wait at most for runs that come after them in the same turn. */
const MAX_DUE = 16;

function write({ response, answered: { status, headers, body, stream } }: DueResponse): void {
  if (response.destroyed || response.headersSent) return;
  try {
    response.writeHead(status, headers);
    // Node sends text in one piece with the headers, but bytes in a piece of their own.
    if (stream !== undefined) streamTo(response, stream);
    else if (body.length <= SHORT) response.end(Buffer.prototype.latin1Slice.call(body), 'latin1');
    else response.end(body);
  } catch (reason) {
    response.destroy(ServingError.from(reason));
  }
}

/** A stream that fails cuts the connection, so that the client does not take the answer for complete. */
function streamTo(response: ServerResponse, stream: AsyncIterable<Uint8Array>): void {
  response.flushHeaders();
  pipeline(Readable.from(stream, { objectMode: false }), response, () => undefined);
}

/** Bytes that are copied in less time than a piece of their own takes. */
const SHORT = 2048;
