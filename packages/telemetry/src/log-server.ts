/** Logs what becomes of a model server's versions, configuration and requests. */
import { type ModelServerEvents, type ModelServerListeners, ServingError } from '@serving/core';
import { type ObservedServer, observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { type Logger, printableLine, systemClock } from '@serving/core/extend';
import {
  checkOptions,
  consoleLogger,
  errorText,
  idFields,
  isConsole,
  markLogged,
  type OptionsTable,
  optionKinds,
  plainError,
  printableError,
  serverSummary,
  startModelLog,
  statusesOf,
  versionToJson,
} from '@serving/core/internal';

/** What is logged. */
export interface AttachLoggerOptions {
  /**
   * Whether each request is logged when it is answered: `debug` when it succeeded, `warn` when the caller was wrong, `error` when the server
   * was. Default false.
   */
  readonly requests?: boolean;
}

/** The options by name. */
export const attachLoggerOptions: OptionsTable<AttachLoggerOptions> = {
  requests: { ...optionKinds.boolean, default: false, meaning: 'whether each request is logged when it is answered' },
};

/**
 * Logs what becomes of the versions and the configuration of each model server that starts from now on, and its requests where the
 * options say so, until the returned function is called. Called before the start, it logs the first loads. Loads and warm-ups that take over a
 * second are logged while they run.
 *
 * A logger gets objects, then a message. Fields are `model`, `version`, `signature`, `engine`, `api`, `entrypoint`, `code`, `durationMs`,
 * `models`, `unavailable`, `engines` and `err`, where they are known. `err` is the error; for a request that was the caller's fault, a plain object
 * without a stack. `console` gets one line of text for each event: time, level, message, and the fields as `key=value`.
 * Names and messages are on one line, line breaks and control characters in them escaped.
 *
 * @example
 * ```ts
 * const stop = attachLogger(pino(), { requests: true });
 * const server = await ModelServer.start(options);
 * ```
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function attachLogger(logger: Logger | Console, options?: AttachLoggerOptions): () => void;
/** As above, of one server that has started already, beginning with the states of its versions. */
export function attachLogger(
  server: ObservedServer,
  logger: Logger | Console,
  options?: AttachLoggerOptions,
): () => void;
export function attachLogger(
  first: ObservedServer | Logger | Console,
  second?: Logger | Console | AttachLoggerOptions,
  third?: AttachLoggerOptions,
): () => void {
  const isOne = typeof first === 'object' && first !== null && 'getModelStatus' in first;
  const given = (isOne ? second : first) as Logger | Console;
  checkLogger(given);
  const logger = isConsole(given) ? consoleLogger(given, systemClock) : given;
  const options = ((isOne ? third : second) ?? {}) as AttachLoggerOptions;
  checkOptions(options, attachLoggerOptions, 'attachLogger()');
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

/** @throws ServingError `INVALID_ARGUMENT` for a value without a logger's methods. */
function checkLogger(logger: unknown): void {
  const methods: (keyof Logger)[] = ['debug', 'info', 'warn', 'error'];
  const isLogger = typeof logger === 'object' && logger !== null;
  if (isLogger && methods.every((name) => typeof Reflect.get(logger, name) === 'function')) return;
  const got = isLogger && 'then' in logger ? 'a promise: await it first' : typeof logger;
  throw ServingError.invalidArgument(
    `attachLogger() needs a logger with ${methods.join(', ')}, such as pino() or console, got ${got}`,
  );
}

/** The versions that a server has, as if they had come to their states now. */
function logStates(server: ObservedServer, logger: Logger): void {
  for (const name of server.modelNames) {
    for (const { version, state, status, engine } of statusesOf(server, name)) {
      const { errorCode: code, errorMessage } = status;
      const fields = { ...idFields({ name, version }), ...(engine !== undefined && { engine }) };
      if (state === 'AVAILABLE') logger.info(fields, 'model loaded');
      else if (code !== 'OK') logger.error({ ...fields, code }, `model failed: ${printableLine(errorMessage)}`);
    }
  }
}

function logEvents(server: ObservedServer, logger: Logger): () => void {
  markLogged(server);
  const log = startModelLog({ logger, serves: (model) => server.modelNames.includes(model) });
  const listeners: ModelServerListeners = {
    ...log.listeners,
    'server:serving': () => logger.info(serverSummary(server), 'model server started'),
    'server:draining': () => logger.info({}, 'model server draining'),
  };
  const subscribe = <N extends keyof ModelServerEvents>(name: N): (() => void) => {
    const listener = listeners[name];
    return listener ? server.on(name, listener) : () => undefined;
  };
  const stops = (Object.keys(listeners) as (keyof ModelServerEvents)[]).map((name) => subscribe(name));
  return () => {
    log.stop();
    for (const stop of stops) stop();
  };
}

/** @param server whose requests; `undefined` for those of every server */
function logRequests(server: object | undefined, logger: Logger): () => void {
  return observeServing({
    onResponse: (request) => {
      if (server !== undefined && request.server !== server) return;
      const { status, error } = request;
      if (status === 'OK') logger.debug(requestFields(request), 'request answered');
      else if (error && error.status >= 500) {
        logger.error({ ...requestFields(request), err: printableError(error) }, errorText(error));
      } else {
        const fields = { ...requestFields(request), ...(error && { err: plainError(error) }) };
        logger.warn(fields, error ? errorText(error) : 'request refused');
      }
    },
  });
}

function requestFields(request: RequestTrace): object {
  const { api, entrypoint, model, version, signature, status, startTime, endTime = startTime } = request;
  return {
    api,
    entrypoint,
    model: printableLine(model),
    ...(version !== undefined && { version: versionToJson(version) }),
    ...(signature !== undefined && { signature: printableLine(signature) }),
    code: status,
    durationMs: Math.round((endTime - startTime) * 1000) / 1000,
  };
}
