/** From the events of a model server to a logger: one call for each. */
import { type Clock, systemClock } from '../clock.js';
import type { ModelProcessEvent, WarmupEvent, WarmupFileEvent } from '../diagnostics/events.js';
import { observeServing } from '../diagnostics/observe-serving.js';
import { printableLine } from '../printable-text.js';
import type { ServableId } from '../servable/servable-id.js';
import type { ServableState } from '../servable/servable-state.js';
import { versionToJson } from '../servable/version.js';
import type { ModelServerListeners } from '../server/model-server-events.js';
import type { ServingError } from '../serving-error.js';
import { modelOfError } from './error-model.js';
import { errorText } from './error-text.js';
import type { Logger } from './logger.js';
import { printableError } from './printable-error.js';
import { SlowSteps } from './slow-steps.js';
import { LOGGING } from './start-warning.js';

/** What is logged, and where. */
export interface ModelLogOptions {
  readonly logger: Logger;
  /** Whether a model is the server's: warm-ups and processes are those of all servers. Default: each is. */
  readonly serves?: (model: string) => boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
}

/** The log of one server. */
export interface ModelLog {
  /** For the server's `on`. */
  readonly listeners: ModelServerListeners;
  /** Ends timers, and what listens to the process's channels. */
  stop(): void;
}

/**
 * Logs loads, failures and unloads of versions, warm-ups, processes of isolated models and new configurations. A load or a warm-up that takes
 * over a second is logged while it runs. A failure is logged once, even where the server publishes it again when it closes.
 */
export function startModelLog({ logger, serves = () => true, clock = systemClock }: ModelLogOptions): ModelLog {
  const steps = new SlowSteps(logger, clock);
  const files = new Map<string, string>();
  const stopObserving = observeServing({
    onWarmupFile: ({ servable, file }: WarmupFileEvent) => {
      if (!serves(servable.name)) return;
      files.set(keyOf(servable), file);
      steps.end(loadOf(servable));
      steps.begin(warmupOf(servable), idFields(servable), 'model warming up');
    },
    onWarmup: ({ servable, requests, startTime, endTime, error }: WarmupEvent) => {
      const file = files.get(keyOf(servable));
      files.delete(keyOf(servable));
      steps.end(warmupOf(servable));
      if (!serves(servable.name) || requests === 0 || error) return;
      const fields = { ...idFields(servable), requests, ...(file !== undefined && { file: printableLine(file) }) };
      logger.info({ ...fields, durationMs: Math.round(endTime - startTime) }, 'model warmed up');
    },
    onModelProcess: (event) => {
      if (event.servable === undefined || serves(event.servable.name)) logProcess(event, logger);
    },
  });
  return {
    listeners: Object.assign(modelListeners(logger, steps, clock), { [LOGGING]: true }),
    stop: () => {
      stopObserving();
      steps.endAll();
    },
  };
}

function modelListeners(logger: Logger, steps: SlowSteps, clock: Clock): ModelServerListeners {
  const startTimes = new Map<string, number>();
  /** By version, what has been logged while the version may load yet. */
  const logged = new Map<string, ServingError>();
  return {
    'servable:loading': ({ id, error }) => {
      const key = keyOf(id);
      if (error) {
        steps.end(loadOf(id));
        logged.set(key, error);
        logger.warn({ ...idFields(id), ...errorFields(error) }, 'model load failed, will be tried again');
        return;
      }
      startTimes.set(key, clock.now());
      steps.begin(loadOf(id), idFields(id), 'model loading');
      logger.debug(idFields(id), 'model load begins');
    },
    'servable:available': (state) => {
      steps.end(loadOf(state.id));
      const start = startTimes.get(keyOf(state.id));
      logger.info(stateFields(state, start === undefined ? undefined : clock.now() - start), 'model loaded');
      startTimes.delete(keyOf(state.id));
      logged.delete(keyOf(state.id));
    },
    'servable:unloading': ({ id }) => logger.debug(idFields(id), 'model unloading'),
    'servable:end': ({ id, error }) => {
      const key = keyOf(id);
      steps.end(loadOf(id));
      steps.end(warmupOf(id));
      const isLogged = error !== undefined && logged.get(key) === error;
      startTimes.delete(key);
      logged.delete(key);
      if (!error) logger.info(idFields(id), 'model unloaded');
      else if (!isLogged) logger.error({ ...idFields(id), ...errorFields(error) }, 'model failed');
    },
    'config:reloaded': ({ models }) =>
      logger.info({ models: models.map(printableLine) }, 'model configuration reloaded'),
    error: (error) => logError(error, logger),
  };
}

/** Logs an error that is not of one version: text first. */
function logError(error: ServingError, logger: Logger): void {
  const model = modelOfError(error);
  const fields = { ...(model !== undefined && { model: printableLine(model) }), code: error.code };
  logger.error(fields, errorText(error));
}

function logProcess(
  { kind, servable, pid, signal, code, reason, lastLines, isRestart }: ModelProcessEvent,
  logger: Logger,
): void {
  const fields = {
    ...(servable && idFields(servable)),
    pid,
    ...(signal !== undefined && { signal }),
    ...(code !== undefined && { exitCode: code }),
    ...(reason !== undefined && { reason: printableLine(reason) }),
    ...(lastLines.length > 0 && { stderr: lastLines.map(printableLine) }),
  };
  if (kind === 'ended') logger.warn(fields, 'model process ended');
  else logger.info(fields, isRestart ? 'model process started again' : 'model process started');
}

function stateFields({ id, engine }: ServableState, durationMs: number | undefined): object {
  return {
    ...idFields(id),
    ...(engine !== undefined && { engine }),
    ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
  };
}

/** A version's name and number, as log fields. */
export function idFields({ name, version }: ServableId): { readonly model: string; readonly version: number | string } {
  return { model: printableLine(name), version: versionToJson(version) };
}

/** An error's code, and itself. */
export function errorFields(error: ServingError): object {
  return { code: error.code, err: printableError(error) };
}

const keyOf = ({ name, version }: ServableId): string => `${version} ${name}`;
const loadOf = (id: ServableId): string => `load ${keyOf(id)}`;
const warmupOf = (id: ServableId): string => `warmup ${keyOf(id)}`;
