/** Mounts the REST API in a Koa app. */
import { Readable } from 'node:stream';
import type { HttpRestApiOptions, RestModelServer } from '@serving/http';
import { FrameworkHandler } from '@serving/http/adapter';
import type { Context, Middleware } from 'koa';

/**
 * A middleware that answers `/v1/models…` (and the metrics page and health endpoints that the options name), and leaves every other
 * request to the middleware behind it. It works with Koa 2.15 and 3, below a path with `koa-mount`, and with or without a
 * body parser in front. One that keeps `ctx.request.rawBody`, as koa-bodyparser does, costs time only; behind others the body
 * no longer distinguishes `1` from `1.0`, has lost digits of large integers, and can't hold NaN and Infinity.
 *
 * Answers, errors too, are `ctx.status` and `ctx.body` (a `Buffer`), for middleware in front to see. Nothing is thrown.
 * Only a body that is too large is answered past them, as its connection has to stay open for a moment.
 *
 * The model server stays the caller's, who closes it after the app's listener: `drain(listener, server)`.
 *
 * @example
 * ```ts
 * const app = new Koa();
 * app.use(servingMiddleware(server)); // POST /v1/models/digits:predict
 * app.use(mount('/ml', servingMiddleware(server))); // POST /ml/v1/models/digits:predict
 * ```
 */
export function servingMiddleware(server: RestModelServer, options: HttpRestApiOptions = {}): Middleware {
  const api = new FrameworkHandler(server, options);
  return async (ctx, next) => {
    const { method, url: target, req: request, res: response } = ctx;
    const route = api.match(method, target);
    if (!route) return next();
    const answered = await api.handle(route, { request, response, target, body: bodyOf(ctx) });
    if (!answered) {
      ctx.respond = false;
      return;
    }
    ctx.status = answered.status;
    const { body, stream } = answered;
    if (stream) expectClose(ctx);
    ctx.body = stream ? Readable.from(stream) : Buffer.from(body.buffer, body.byteOffset, body.length);
    ctx.set(answered.headers);
  };
}

/** A client that goes ends a stream of events; for Koa 3 that is an error of the app, which it prints. */
function expectClose(ctx: Context): void {
  const { onerror } = ctx;
  ctx.onerror = (error) => {
    if ((error as NodeJS.ErrnoException | null)?.code !== 'ERR_STREAM_PREMATURE_CLOSE') onerror.call(ctx, error);
  };
}

/** The stream, unless a parser has read it. A parser that left it alone may have set an empty `body` all the same. */
function bodyOf({ req, request }: Context): unknown {
  if (!req.readableDidRead) return req;
  const { body, rawBody } = request as { readonly body?: unknown; readonly rawBody?: unknown };
  return rawBody ?? body;
}
