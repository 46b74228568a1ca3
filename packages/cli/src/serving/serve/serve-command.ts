/** `serving serve`: serves the models of a folder until it is stopped. */
import { resolve } from 'node:path';
import { ServingError } from '@serving/core';
import { type Logger, localPath } from '@serving/core/extend';
import { errorText } from '@serving/core/internal';
import type { Output } from '@serving/engine/command';
import { commandWords } from '../../flags/hint-words.js';
import { commandLog } from '../../model-server/command-log.js';
import { type RunningModelServer, startModelServer } from '../../model-server/tensorflow-model-server.js';
import { serveSettings } from './serve-settings.js';
import type { ServeFlags } from './serve-spec.js';
import { serveSummary } from './serve-summary.js';

/**
 * Serves until `signal` aborts, then drains. Resolves with the exit code: 0 after a complete shutdown, 1 when the start failed or requests
 * were given up.
 *
 * @param onLogger called with the log before anything is logged
 */
export async function serve(
  folder: string,
  flags: ServeFlags,
  output: Output,
  signal: AbortSignal = new AbortController().signal,
  onLogger: (logger: Logger) => void = () => undefined,
): Promise<number> {
  const isText = flags.log_format === 'text';
  const logger = commandLog(output.stderr, flags.log_format, commandWords);
  onLogger(logger);
  const warn = (line: string): void => logger.warn({}, line);
  const path = resolve(localPath(folder));
  let running: RunningModelServer;
  try {
    const settings = await serveSettings(path, flags, warn);
    const startLogger = isText ? withoutAddresses(logger) : logger;
    running = await startModelServer(settings, startLogger, { rest: 'port', grpc: 'grpc_port' });
  } catch (error) {
    const reason = ServingError.from(error, 'INTERNAL');
    logger.error({}, `serving serve: ${reason.code}: ${errorText(reason)}`);
    return FAILURE;
  }
  if (isText) output.stdout.write(await serveSummary(path, running));
  await aborted(signal);
  logger.info({}, 'draining: requests in flight are answered');
  return (await running.shutDown()) === 'complete' ? 0 : FAILURE;
}

const FAILURE = 1;

/** For text, where addresses are in the summary. */
function withoutAddresses(logger: Logger): Logger {
  return {
    ...logger,
    info: (fields, message) => {
      if (!/^(?:REST API at |gRPC API at |listening$)/.test(message)) logger.info(fields, message);
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolved) => {
    signal.addEventListener('abort', () => resolved(), { once: true });
  });
}
