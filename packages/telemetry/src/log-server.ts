/** Tells a logger what becomes of a model server's versions, configuration and requests. */
import type { ModelServerEvents, ModelServerListeners, ServableState } from '@serving/core';
import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import type { EventSource } from '@serving/core/extend';
import { printableLine } from '@serving/core/extend';
import { checkOptionNames, versionToJson } from '@serving/core/internal';
import { printableError } from './printable-error.js';

/** What is called of a logger: fields, then a message. Pino fits, and so does any of its children. */
export interface Logger {
  /** For requests that succeeded, and steps of a version's life. */
  debug(fields: object, message: string): void;
  /** For what an operator wants to know: versions that come and go, lists of models that take effect. */
  info(fields: object, message: string): void;
  /** For what may mend itself or is a caller's fault. */
  warn(fields: object, message: string): void;
  /** For what somebody has to look at. */
  error(fields: object, message: string): void;
}

/** What is told. */
export interface AttachLoggerOptions {
  /** Whether the server's events are told of. Default true; false where `modelServerLog` does so already. */
  readonly events?: boolean;
  /**
   * Whether each request is told of when it is answered: `debug` when it succeeded, `warn` when the caller was wrong, `error` when the server was.
   * Default false.
   */
  readonly requests?: boolean;
}

/**
 * Logs a server's events, and its requests where the options say so, until the returned function is called. Fields are `model`, `version`, `signature`,
 * `api`, `entrypoint`, `code`, `durationMs`, `models` and `err`, where they are known; names and messages are on one line, line breaks
 * and control characters in them escaped. What happened while the server started is
 * past: {@link modelServerLog} hears of that.
 *
 * @example
 * ```ts
 * const logger = pino();
 * const server = await ModelServer.start({ ...options, on: modelServerLog(logger) });
 * const stop = attachLogger(server, logger, { events: false, requests: true });
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function attachLogger(
  server: EventSource<ModelServerEvents>,
  logger: Logger,
  options: AttachLoggerOptions = {},
): () => void {
  checkOptionNames(options, ['events', 'requests'], 'attachLogger()');
  const { events = true, requests = false } = options;
  const listeners = modelServerLog(logger);
  const subscribe = <N extends keyof ModelServerEvents>(name: N): (() => void) => {
    const listener = listeners[name];
    return listener ? server.on(name, listener) : () => undefined;
  };
  const names = events ? Object.keys(listeners) : [];
  const stops = (names as (keyof ModelServerEvents)[]).map((name) => subscribe(name));
  if (requests) stops.push(logRequests(server, logger));
  return () => {
    for (const stop of stops) stop();
  };
}

/** Listeners for `ModelServer.start`'s `on`, which hear of the first loads too. */
export function modelServerLog(logger: Logger): ModelServerListeners {
  const since = new Map<string, number>();
  const keyOf = ({ id }: ServableState): string => `${id.name}/${id.version}`;
  const fields = ({ id, error, engine }: ServableState): object => ({
    model: printableLine(id.name),
    version: versionToJson(id.version),
    ...(engine !== undefined && { engine }),
    ...(error && { code: error.code, err: printableError(error) }),
  });
  return {
    'servable:loading': (state) => {
      if (state.error) {
        logger.warn(fields(state), 'model version failed to load and will be tried again');
        return;
      }
      since.set(keyOf(state), performance.now());
      logger.info(fields(state), 'model version is loading');
    },
    'servable:available': (state) => {
      const start = since.get(keyOf(state));
      since.delete(keyOf(state));
      const durationMs = start === undefined ? {} : { durationMs: Math.round(performance.now() - start) };
      logger.info({ ...fields(state), ...durationMs }, 'model version is available');
    },
    'servable:unloading': (state) => logger.info(fields(state), 'model version is unloading'),
    'servable:end': (state) => {
      since.delete(keyOf(state));
      if (state.error) logger.error(fields(state), 'model version has failed');
      else logger.info(fields(state), 'model version is unloaded');
    },
    'config:reloaded': ({ models }) => logger.info({ models: models.map(printableLine) }, 'models are configured anew'),
    error: (error) => logger.error({ code: error.code, err: printableError(error) }, printableLine(error.message)),
  };
}

function logRequests(server: object, logger: Logger): () => void {
  return observeServing({
    onResponse: (request) => {
      if (request.server !== server) return;
      const { status, error } = request;
      if (status === 'OK') logger.debug(requestFields(request), 'request answered');
      else if (error && error.status >= 500) logger.error(requestFields(request), printableLine(error.message));
      else logger.warn(requestFields(request), printableLine(error?.message ?? 'request refused'));
    },
  });
}

function requestFields(request: RequestTrace): object {
  const { api, entrypoint, model, version, signature, status, startTime, endTime = startTime, error } = request;
  return {
    api,
    entrypoint,
    model: printableLine(model),
    ...(version !== undefined && { version: versionToJson(version) }),
    ...(signature !== undefined && { signature: printableLine(signature) }),
    code: status,
    durationMs: Math.round((endTime - startTime) * 1000) / 1000,
    ...(error && { err: printableError(error) }),
  };
}
