/** Mounts the REST API in a Fastify app. */
import { Readable } from 'node:stream';
import type { HttpRestApiOptions, RestModelServer } from '@serving/http';
import { FrameworkHandler } from '@serving/http/adapter';
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest, RegisterOptions } from 'fastify';

export interface ServingPluginOptions extends HttpRestApiOptions {
  /** It stays the caller's, who closes it when the app has closed, for example in an `onClose` hook. */
  readonly server: RestModelServer;
}

/**
 * A plugin that answers `/v1/models…` (and the metrics page and health endpoints that the options name) below the prefix that it is
 * registered with. It is encapsulated: its content-type parser, which takes bodies of any type up to `maxBodyBytes`
 * whatever the app's `bodyLimit`, concerns its own routes only. Hooks of the app run for them; before the handler
 * `request.body` is the unread stream, as a `preParsing` hook may have replaced it. Fastify's router minds the case of
 * `/v1/models`, which TensorFlow Serving doesn't, unless the app has `caseSensitive: false`.
 *
 * Answers, errors too, are sent by `reply.send`. Only a body that is too large is answered past it (`reply.hijack`), as its
 * connection has to stay open for a moment.
 *
 * @example
 * ```ts
 * const app = fastify();
 * app.register(servingPlugin, { server }); // POST /v1/models/digits:predict
 * app.register(servingPlugin, { server, prefix: '/ml' }); // POST /ml/v1/models/digits:predict
 * app.addHook('onClose', () => server.close());
 * ```
 */
export const servingPlugin: FastifyPluginCallback<ServingPluginOptions> = Object.assign(
  ((app, options, done) => {
    try {
      mount(app, options);
    } catch (reason) {
      // What a plugin with a callback throws ends the process.
      return done(reason as Error);
    }
    done();
  }) satisfies FastifyPluginCallback<ServingPluginOptions>,
  { [Symbol.for('plugin-meta')]: { name: '@serving/fastify', fastify: '5.x' } },
);

function mount(app: FastifyInstance, { server, ...options }: ServingPluginOptions): void {
  const api = new FrameworkHandler(server, ownOptions(options), 'The option "server" of servingPlugin');
  const depth = depthOf(app.prefix);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const target = below(depth, request.raw.url ?? '');
    const route = api.match(request.method, target);
    if (!route) {
      reply.callNotFound();
      return reply;
    }
    const exchange = { request: request.raw, response: reply.raw, target, body: request.body ?? request.raw };
    const answered = await api.handle(route, exchange);
    if (!answered) return reply.hijack();
    const { status, headers, body, stream } = answered;
    return reply
      .code(status)
      .headers(headers)
      .send(stream ? Readable.from(stream) : body);
  };
  for (const path of api.paths) {
    app.route({ method: [...METHODS], url: `${path}*`, handler, exposeHeadRoute: false });
  }
}

/** All that the REST API has an answer for, if only that it is malformed. */
const METHODS = ['GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;

/** Without the options of `app.register` itself. */
function ownOptions(options: HttpRestApiOptions & Partial<RegisterOptions>): HttpRestApiOptions {
  const { prefix: _prefix, logLevel: _logLevel, logSerializers: _logSerializers, ...own } = options;
  return own;
}

/** How many segments a prefix has; they may be parameters. */
function depthOf(prefix: string): number {
  return prefix.split('/').filter((segment) => segment !== '').length;
}

/** The target without its first segments. */
function below(depth: number, target: string): string {
  let start = 0;
  for (let i = 0; i < depth; i++) start = target.indexOf('/', start + 1);
  return target.slice(start);
}
