/** The REST API for frameworks on top of `node:http` that send answers themselves: Koa, Fastify and their like. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { BufferPool } from '@serving/core/batching';
import { type Clock, systemClock } from '@serving/core/extend';
import { notePipelining } from '../connections/open-connections.js';
import { HttpHandler, type MatchedRoute } from '../http-handler.js';
import type { HttpResponse } from '../http-message.js';
import { checkRestApi, type HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { BodyPlaces } from './body-places.js';
import { CloseSignals, NodeRequest, readNodeBody, rejectBody } from './node-request.js';

/** What a framework has of one request. */
export interface FrameworkExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as they came, not decoded, below the point where the API is mounted. */
  readonly target: string;
  /**
   * The body: a stream that has not been read, or what a parser in front has made of it (bytes, text or a parsed value,
   * inflated). Used only where the request takes a body.
   */
  readonly body: unknown;
}

/**
 * Answers for the adapter to send. Bodies are read here, so that the limit and its answer are the same everywhere.
 *
 * @example
 * ```ts
 * const route = api.match(ctx.method, ctx.url);
 * if (!route) return next();
 * const answered = await api.handle(route, { request: ctx.req, response: ctx.res, target: ctx.url, body: ctx.req });
 * ```
 */
export class FrameworkHandler {
  readonly #handler: HttpHandler;
  readonly #clock: Clock;
  readonly #places: BodyPlaces;
  readonly #signals = new CloseSignals();

  /** @param what needs the server, for the error about another value: default `The REST API`. */
  constructor(server: RestModelServer, options: HttpRestApiOptions = {}, what?: string) {
    checkRestApi(server, options, {}, what);
    this.#handler = new HttpHandler(server, options);
    this.#clock = options.clock ?? systemClock;
    this.#places = new BodyPlaces(this.#clock);
  }

  /** How the targets begin that {@link match} may return a route for, for routers that need them. */
  get paths(): readonly string[] {
    return this.#handler.paths;
  }

  /** Returns the route of a request; `undefined`: the framework's next route is to answer it. */
  match(method: string, target: string): MatchedRoute | undefined {
    return this.#handler.match(method, target);
  }

  /**
   * The answer, for the framework to send. `undefined` when there is nothing left to send: the client went before its
   * body's end, or the body is too large, which is answered here because the connection has to stay open for a moment
   * after that. Never rejects.
   */
  async handle(route: MatchedRoute, exchange: FrameworkExchange): Promise<HttpResponse | undefined> {
    const { request: message, response, target, body } = exchange;
    if (response.socket === null) notePipelining(message.socket);
    const request = new NodeRequest(message, response, this.#signals, target);
    if (!route.takesBody) return this.#handler.handle(route, request);
    if (!(body instanceof Readable)) {
      const unreadable = request.takeParsed(body);
      return unreadable ? this.#handler.bodyUnreadable(unreadable) : this.#handler.handle(route, request);
    }
    const limit = route.maxBodyBytes;
    const announced = body === message ? Number(message.headers['content-length'] ?? 0) : 0;
    const outcome =
      announced > limit
        ? 'too-large'
        : await readInto(request, body, message, announced, limit, this.#handler.buffers, this.#places);
    if (outcome === 'gone') return undefined;
    if (outcome instanceof Error) return this.#handler.bodyUnreadable(outcome);
    if (outcome === 'read') {
      try {
        return await this.#handler.handle(route, request);
      } finally {
        request.place?.leave();
      }
    }
    rejectBody(this.#handler.bodyTooLarge(route), message, response, this.#clock);
    return undefined;
  }
}

/** `gone` when the client leaves before the body's end, an error when the stream fails although the client is there. */
function readInto(
  request: NodeRequest,
  body: Readable,
  message: IncomingMessage,
  announced: number,
  limit: number,
  buffers: BufferPool,
  places: BodyPlaces,
): Promise<'read' | 'too-large' | 'gone' | Error> {
  return new Promise((resolve) => {
    readNodeBody(body, announced, limit, buffers, places, (bytes, release, place) => {
      if (bytes === 'too-large') return resolve(bytes);
      request.body = bytes;
      request.releaseBody = release;
      request.place = place;
      resolve('read');
    });
    body.once('error', (reason) => resolve(message.errored ? 'gone' : reason));
    message.once('close', () => {
      if (!message.complete) resolve('gone');
    });
  });
}
