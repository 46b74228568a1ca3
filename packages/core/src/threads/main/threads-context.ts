/** The part of a server that serving threads mirror, and the calls that they may make to it. */
import type { ServerRequestLogger } from '../../request-logging/server-request-logger.js';
import type { InferenceServable } from '../../servable/inference-servable.js';
import type { ServableState } from '../../servable/servable-state.js';
import type { ServableStateMonitor } from '../../servable/servable-state-monitor.js';
import type { Version } from '../../servable/version.js';
import type { ModelConfig, ModelConfigList, ValidModelConfig } from '../../server/config/model-config.js';
import type { ValidModelServerConfig } from '../../server/config/model-server-config.js';
import type { ModelAvailability } from '../../server/model-availability.js';
import type { ServedModels } from '../../server/model-server-core.js';
import type { ModelServerState } from '../../server/model-server-events.js';
import type { VersionLookup } from '../../server/version-lookup.js';
import type { ServingError } from '../../serving-error.js';
import { fromPlainLog, type LogRequestMessage } from '../log-request-message.js';
import {
  type MirroredLifecycle,
  type MirroredModel,
  type PlainServableState,
  type SetLabelMessage,
  toPlainPoll,
  toPlainState,
} from '../mirrored-state.js';
import { fromPlainError, type PlainError } from '../plain-error.js';
import { threadShareOfServer } from '../thread-share.js';
import type { ServingThreadsContext } from './serving-threads.js';

/** The parts of a server that threads repeat. */
export interface ThreadedServer {
  readonly state: ModelServerState;
  readonly versions: VersionLookup;
  readonly monitor: ServableStateMonitor;
  readonly availability: ModelAvailability;
  readonly requestLogger: ServerRequestLogger;
  readonly models: ServedModels & { find(name: string): ValidModelConfig | undefined };
  readonly readConfiguration: (() => Promise<void>) | undefined;
  memoryOf(name: string): ReadonlyMap<Version, number>;
  whileServing(change: () => Promise<void>): Promise<void>;
}

export function mirroredLifecycle({ state, versions }: ThreadedServer): MirroredLifecycle {
  return { state, isOpen: versions.isOpen };
}

export function mirroredModels({ models, requestLogger }: ThreadedServer): MirroredModel[] {
  return models.names.map((name) => {
    const { platform, basePath, versionPolicy, versionLabels, batching } = models.find(name)!;
    const samplingRate = requestLogger.samplingRateOf(name);
    const isParked = models.isParked(name);
    return { name, platform, basePath, versionPolicy, versionLabels, batching, samplingRate, isParked };
  });
}

/** A state that the monitor has recorded, or is the newest of a version. */
export function mirroredState(server: ThreadedServer, { id }: Pick<ServableState, 'id'>): PlainServableState {
  return toPlainState(server.monitor.getState(id.name, id.version)!, server.memoryOf(id.name));
}

/** All that is known of versions: the log of changes, and the last state of those that are not in it. */
function* recordedStates(server: ThreadedServer): Generator<PlainServableState> {
  const { states, boundedLog } = server.monitor;
  const logged = new Set(boundedLog);
  for (const state of [...states.filter((each) => !logged.has(each)), ...boundedLog]) {
    yield toPlainState(state, server.memoryOf(state.state.id.name));
  }
}

/** @param server its parts are read when threads start or call, not now */
export function threadsContextOf(
  server: ThreadedServer,
  config: ValidModelServerConfig,
  onError: (error: ServingError) => void,
): ServingThreadsContext {
  const { platforms, clock } = config;
  const change =
    <Argument>(make: (argument: Argument) => Promise<void>): ((argument: Argument) => Promise<void>) =>
    (argument) =>
      server.whileServing(() => make(argument));
  return {
    platforms,
    clock,
    onError,
    config: (threads) => ({
      allowVersionLabels: config.allowVersionLabels,
      enforceSignatureShapes: config.enforceSignatureShapes,
      maxKeptBytes: Math.ceil(config.maxKeptBytes / threads),
      isBatched: config.batching !== undefined,
      hasConfigSource: config.configSource !== undefined,
      batching: threadShareOfServer(config.batching ?? {}, threads),
      threads,
    }),
    snapshot: () => ({
      lifecycle: mirroredLifecycle(server),
      models: mirroredModels(server),
      states: [...recordedStates(server)],
      polls: Array.from(server.availability.polls, ([model, outcome]) => toPlainPoll(model, outcome)),
    }),
    handlers: {
      reload: change((list: ModelConfigList) => server.models.reload(list)),
      addModel: change((model: ModelConfig) => server.models.add(model)),
      removeModel: change((name: string) => server.models.remove(name)),
      poll: change((name: string | undefined) => server.models.poll(name)),
      load: change((name: string) => server.models.load(name)),
      unload: change((name: string) => server.models.unload(name)),
      setLabel: change(({ name, label, version }: SetLabelMessage) => server.models.setLabel(name, label, version)),
      readConfiguration: change(async () => server.readConfiguration?.()),
      logRequest: (message: LogRequestMessage) => logRequest(server.requestLogger, message),
      error: (error: PlainError) => onError(fromPlainError(error)),
    },
  };
}

function logRequest(logger: ServerRequestLogger, message: LogRequestMessage): void {
  const { id, savedModelTags, signatureName } = message;
  const release = (): void => undefined;
  const servable = { ...(savedModelTags && { savedModelTags }) } as InferenceServable;
  logger.log({ id, servable, release, [Symbol.dispose]: release }, fromPlainLog(message.logged), signatureName);
}
