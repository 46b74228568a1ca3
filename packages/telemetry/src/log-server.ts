/** Tells a logger what becomes of a model server's versions, configuration and requests. */
import type { ModelServerEvents, ModelServerListeners, ServableState } from '@serving/core';
import { type ObservedServer, observeServing, type RequestTrace } from '@serving/core/diagnostics';
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

/** What is logged. */
export interface AttachLoggerOptions {
  /**
   * Whether each request is logged when it is answered: `debug` when it succeeded, `warn` when the caller was wrong, `error` when the server
   * was. Default false.
   */
  readonly requests?: boolean;
}

/**
 * Logs what becomes of the versions and the configuration of each model server that starts from now on, and its requests where the
 * options say so, until the returned function is called. Called before the start, it logs the first loads. Fields are `model`,
 * `version`, `signature`, `api`, `entrypoint`, `code`, `durationMs`, `models` and `err`, where they are known; names and messages are
 * on one line, line breaks and control characters in them escaped.
 *
 * @example
 * ```ts
 * const stop = attachLogger(pino(), { requests: true });
 * const server = await ModelServer.start(options);
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function attachLogger(logger: Logger, options?: AttachLoggerOptions): () => void;
/** As above, of one server that has started already, beginning with the states of its versions. */
export function attachLogger(server: ObservedServer, logger: Logger, options?: AttachLoggerOptions): () => void;
export function attachLogger(
  first: ObservedServer | Logger,
  second?: Logger | AttachLoggerOptions,
  third?: AttachLoggerOptions,
): () => void {
  const isOne = 'getModelStatus' in first;
  const logger = (isOne ? second : first) as Logger;
  const options = ((isOne ? third : second) ?? {}) as AttachLoggerOptions;
  checkOptionNames(options, ['requests'], 'attachLogger()');
  const stops: (() => void)[] = [];
  const attach = (server: ObservedServer): void => void stops.push(logEvents(server, logger));
  if (isOne) {
    logStates(first, logger);
    attach(first);
  } else stops.push(observeServing({ onServer: ({ server }) => attach(server) }));
  if (options.requests) stops.push(logRequests(isOne ? first : undefined, logger));
  return () => {
    for (const stop of stops.splice(0)) stop();
  };
}

/** The versions that a server has, as if they had come to their states now. */
function logStates(server: ObservedServer, logger: Logger): void {
  for (const name of server.modelNames) {
    for (const { version, state, status, engine } of statusesOf(server, name)) {
      const { errorCode: code, errorMessage } = status;
      const fields = {
        model: printableLine(name),
        version: versionToJson(version),
        ...(engine !== undefined && { engine }),
      };
      if (state === 'AVAILABLE') logger.info(fields, 'model version is available');
      else if (code !== 'OK') {
        logger.error({ ...fields, code }, `model version has failed: ${printableLine(errorMessage)}`);
      }
    }
  }
}

/** A model without any version is an error to ask about. */
function statusesOf(server: ObservedServer, model: string): ReturnType<ObservedServer['getModelStatus']> {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
  }
}

function logEvents(server: ObservedServer, logger: Logger): () => void {
  const listeners = listenersFor(logger);
  const subscribe = <N extends keyof ModelServerEvents>(name: N): (() => void) => {
    const listener = listeners[name];
    return listener ? server.on(name, listener) : () => undefined;
  };
  const stops = (Object.keys(listeners) as (keyof ModelServerEvents)[]).map((name) => subscribe(name));
  return () => {
    for (const stop of stops) stop();
  };
}

function listenersFor(logger: Logger): ModelServerListeners {
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
    'config:reloaded': ({ models }) =>
      logger.info({ models: models.map(printableLine) }, 'model configuration reloaded'),
    error: (error) => logger.error({ code: error.code, err: printableError(error) }, printableLine(error.message)),
  };
}

/** @param server whose requests; `undefined` for those of every server */
function logRequests(server: object | undefined, logger: Logger): () => void {
  return observeServing({
    onResponse: (request) => {
      if (server !== undefined && request.server !== server) return;
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
