/** The REST API for frameworks on top of `node:http` that send answers themselves: Koa, Fastify and their like. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { type Clock, ServingError, systemClock } from '@serving/core';
import { notePipelining } from '../connections/open-connections.js';
import type { BodyBytes, HttpRequest, HttpResponse } from '../http-message.js';
import { HttpRestApiHandler } from '../rest/http-rest-api-handler.js';
import type { HttpRestApiOptions } from '../rest/http-rest-api-options.js';
import type { RestModelServer } from '../rest/rest-model-server.js';
import { CloseSignals } from './close-signals.js';
import { NodeRequest, parsedNodeRequest } from './node-request.js';
import { readNodeBody } from './read-node-body.js';
import { refuseBody } from './reject-body.js';

/** What a framework has of one request. */
export interface FrameworkExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as they came, not decoded, below the point where the API is mounted. */
  readonly target: string;
  /**
   * The body: a stream that has not been read, or what a parser in front has made of it (bytes, text or a parsed value,
   * inflated). Looked at only where the request takes a body.
   */
  readonly body: unknown;
}

/**
 * Answers for the adapter to send. Bodies are read here, so that the limit and its answer are the same everywhere.
 *
 * @example
 * ```ts
 * if (!api.isOwn(ctx.method, ctx.url)) return next();
 * const answered = await api.answer({ request: ctx.req, response: ctx.res, target: ctx.url, body: ctx.req });
 * ```
 */
export class FrameworkHandler {
  readonly #handler: HttpRestApiHandler;
  readonly #clock: Clock;
  readonly #signals = new CloseSignals();

  constructor(server: RestModelServer, options: HttpRestApiOptions = {}) {
    this.#handler = new HttpRestApiHandler(server, options);
    this.#clock = options.clock ?? systemClock;
  }

  /** Where targets begin that may concern the API, for routers that have to be told; {@link isOwn} knows which of them do. */
  get paths(): readonly string[] {
    return this.#handler.paths;
  }

  /** Whether a request concerns the API; the framework's next route is to answer it otherwise. */
  isOwn(method: string, target: string): boolean {
    return this.#handler.isOwn(method, target);
  }

  /**
   * The answer, for the framework to send. `undefined` when there is nothing left to send: the client went before its
   * body's end, or the body is too large, which is answered here because the connection has to stay open for a moment
   * after that. Never rejects.
   */
  async answer(exchange: FrameworkExchange): Promise<HttpResponse | undefined> {
    const { request, response, target, body } = exchange;
    notePipelining(request, response);
    if (!this.#handler.takesBody(request.method ?? '', target)) {
      return this.#handler.handle(this.#request(exchange));
    }
    if (!(body instanceof Readable)) {
      const parsed = this.#parsedRequest(exchange);
      return parsed instanceof ServingError ? this.#handler.bodyUnreadable(parsed) : this.#handler.handle(parsed);
    }
    const limit = this.#handler.maxBodyBytes;
    const announced = body === request ? Number(request.headers['content-length'] ?? 0) : 0;
    const read = announced > limit ? 'too-large' : await readWhole(body, request, announced, limit);
    if (read === 'gone') return undefined;
    if (read instanceof Error) return this.#handler.bodyUnreadable(read);
    if (read !== 'too-large') return this.#handler.handle(this.#request(exchange, read));
    refuseBody(this.#handler.bodyTooLarge(), exchange, this.#clock);
    return undefined;
  }

  #request({ request, response, target }: FrameworkExchange, body?: ReadBody): HttpRequest {
    const exchange = { request, response, target, signals: this.#signals };
    return new NodeRequest(exchange, body?.bytes, undefined, body?.release);
  }

  #parsedRequest({ request, response, target, body }: FrameworkExchange): HttpRequest | ServingError {
    return parsedNodeRequest({ request, response, target, signals: this.#signals }, body);
  }
}

interface ReadBody {
  readonly bytes: BodyBytes;
  readonly release: (() => void) | undefined;
}

/** `gone` when the client leaves before the body's end, an error when the stream fails although the client is there. */
function readWhole(
  body: Readable,
  request: IncomingMessage,
  announced: number,
  limit: number,
): Promise<ReadBody | 'too-large' | 'gone' | Error> {
  return new Promise((resolve) => {
    readNodeBody(body, announced, limit, (bytes, release) =>
      resolve(bytes === 'too-large' ? bytes : { bytes, release }),
    );
    body.once('error', (reason) => resolve(request.errored ? 'gone' : reason));
    request.once('close', () => {
      if (!request.complete) resolve('gone');
    });
  });
}
