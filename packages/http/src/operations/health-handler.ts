/** Health endpoints by themselves, for a listener that answers before and after the models do. */
import { ServingError } from '@serving/core';
import { checkOptionNames } from '@serving/core/internal';
import { trackConnections } from '../connections/open-connections.js';
import type { NodeHandler } from '../node/node-handler.js';
import { HealthEndpoints, type HealthSource } from './health-report.js';

/** Where a health handler answers. */
export interface HealthHandlerOptions {
  /** Where the endpoints are. Default `/health`. */
  readonly path?: string;
}

/**
 * A `node:http` listener and Express middleware that answers `/health/live`, `/health/ready` and `/health/ready/MODEL`. Unlike `healthPath` of the
 * REST API it can be mounted before the model server has started: until `current` gives one, live is 200 and ready 503. Without `next` it
 * answers any other path with 404.
 *
 * @example
 * ```ts
 * let server: ModelServer | undefined;
 * http.createServer(createHealthHandler(() => server)).listen(8080);
 * server = await ModelServer.start(options);
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options, and for anything but a function in the place of `current`.
 */
export function createHealthHandler(
  current: () => HealthSource | undefined,
  options: HealthHandlerOptions = {},
): NodeHandler {
  if (typeof current !== 'function') {
    throw ServingError.invalidArgument(
      `createHealthHandler() needs a function that returns the model server, such as () => server (got ${typeof current})`,
    );
  }
  checkOptionNames(options, ['path'], 'createHealthHandler()');
  const { path = DEFAULT_HEALTH_PATH } = options;
  trackConnections();
  const endpoints = new HealthEndpoints(current, path);
  return (request, response, next) => {
    const question = endpoints.match(request.method ?? '', request.url ?? '');
    if (question === undefined) {
      if (next) return next();
      response.writeHead(404, { 'Content-Length': '0' }).end();
      return;
    }
    const { status, headers, body } = endpoints.handle(question);
    response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
  };
}

const DEFAULT_HEALTH_PATH = '/health';
