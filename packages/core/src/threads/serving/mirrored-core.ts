/** A model server's parts in a serving thread: the mirrored state of the main thread, and the versions that this thread has opened. */
import { systemClock } from '../../clock.js';
import { DeadlineTimer } from '../../inference/call-limits.js';
import type { ServingMap } from '../../manager/serving-map.js';
import type { BufferPool } from '../../memory/buffer-pool.js';
import { EventBus } from '../../servable/event-bus.js';
import type { ServableState } from '../../servable/servable-state.js';
import { LOGGED_STATES, ServableStateMonitor } from '../../servable/servable-state-monitor.js';
import type { Version } from '../../servable/version.js';
import type { ModelConfig, ModelConfigList } from '../../server/config/model-config.js';
import { ModelAvailability } from '../../server/model-availability.js';
import type { ModelServerCore, ServedModels } from '../../server/model-server-core.js';
import type { ModelServerEvents, ModelServerState } from '../../server/model-server-events.js';
import { VersionLabels } from '../../server/version-labels.js';
import { VersionLookup } from '../../server/version-lookup.js';
import { ServingError } from '../../serving-error.js';
import {
  fromPlainPoll,
  fromPlainState,
  type MirroredLifecycle,
  type MirroredModel,
  type PlainPollOutcome,
  type PlainServableState,
  type SetLabelMessage,
  type ThreadStart,
} from '../mirrored-state.js';
import { toPlainError } from '../plain-error.js';
import type { ThreadChannel } from '../thread-channel.js';
import { ForwardedRequestLogs } from './forwarded-request-logs.js';

/** Changes come from the main thread, in its order; those that requests make are made there. */
export class MirroredCore implements ModelServerCore {
  readonly events: EventBus<ModelServerEvents>;
  readonly monitor: ServableStateMonitor = new ServableStateMonitor(systemClock, {
    maxCountLogEvents: LOGGED_STATES,
  });
  readonly availability: ModelAvailability = new ModelAvailability(this.monitor);
  readonly buffers: BufferPool;
  readonly deadlines: DeadlineTimer = new DeadlineTimer(systemClock);
  readonly versions: VersionLookup;
  readonly requestLogger: ForwardedRequestLogs;
  readonly models: ServedModels;
  readonly readConfiguration: (() => Promise<void>) | undefined;
  readonly #labels: VersionLabels;
  #models: ReadonlyMap<string, MirroredModel> = new Map();
  readonly #memory = new Map<string, ReadonlyMap<Version, number>>();
  #state: ModelServerState = 'starting';

  constructor(channel: ThreadChannel, servables: ServingMap, buffers: BufferPool, start: ThreadStart) {
    this.events = new EventBus((error, name) => {
      channel.send('error', toPlainError(ServingError.from(error).prefixed(`A subscriber to ${name} failed: `)));
    });
    this.buffers = buffers;
    this.requestLogger = new ForwardedRequestLogs(channel);
    this.#labels = new VersionLabels({
      allowVersionLabels: start.config.allowVersionLabels,
      // They were checked in the main thread.
      allowVersionLabelsForUnavailableModels: true,
      forceAllowAnyVersionLabelsForUnavailableModels: true,
      isAvailable: () => true,
    });
    this.models = this.#servedModels(channel);
    this.readConfiguration = start.config.hasConfigSource ? () => channel.call('readConfiguration') : undefined;
    this.versions = new VersionLookup({
      servables,
      labels: this.#labels,
      availability: this.availability,
      modelNames: () => this.models.names,
      unavailable: () => this.#unavailable(),
    });
    this.replaceModels(start.models);
    for (const poll of start.polls) this.recordPoll(poll);
    for (const state of start.states) this.#record(state);
    this.setLifecycle(start.lifecycle);
  }

  get state(): ModelServerState {
    return this.#state;
  }

  recordState(plain: PlainServableState): void {
    const state = this.#record(plain);
    this.events.publish(`servable:${state.managerState}`, state);
  }

  recordPoll(poll: PlainPollOutcome): void {
    const outcome = fromPlainPoll(poll);
    if (outcome === undefined) this.availability.forgetLook(poll.model);
    else this.availability.recordLook(poll.model, outcome);
  }

  replaceModels(models: readonly MirroredModel[]): void {
    const isFirst = this.#models.size === 0;
    this.#models = new Map(models.map((model) => [model.name, model]));
    this.#labels.update(models);
    this.requestLogger.update(models);
    if (!isFirst) this.events.publish('config:reloaded', { models: this.models.names });
  }

  setLifecycle({ state, isOpen }: MirroredLifecycle): void {
    const wasServing = this.#state === 'serving';
    this.#state = state;
    this.versions.isOpen = isOpen;
    if (wasServing && state === 'draining') this.events.publish('server:draining', undefined);
  }

  memoryOf(name: string): ReadonlyMap<Version, number> {
    return this.#memory.get(name) ?? new Map();
  }

  /** The main thread's affair. */
  drain(): void {}

  async close(): Promise<void> {}

  async whileServing(change: () => Promise<void>): Promise<void> {
    if (!this.versions.isOpen) throw this.#unavailable();
    await change();
  }

  #record(plain: PlainServableState): ServableState {
    const state = fromPlainState(plain);
    this.monitor.record(state, plain.time);
    this.#memory.set(state.id.name, plain.memory);
    return state;
  }

  #servedModels(channel: ThreadChannel): ServedModels {
    const models = (): ReadonlyMap<string, MirroredModel> => this.#models;
    return {
      get names() {
        return [...models().keys()];
      },
      find: (name) => this.#models.get(name),
      isParked: (name) => this.#models.get(name)?.isParked ?? false,
      load: (name) => channel.call('load', name),
      unload: (name) => channel.call('unload', name),
      setLabel: (name, label, version) => channel.call('setLabel', { name, label, version } satisfies SetLabelMessage),
      poll: (name) => channel.call('poll', name),
      reload: (list: ModelConfigList) => channel.call('reload', list),
      add: (model: ModelConfig) => channel.call('addModel', model),
      remove: (name) => channel.call('removeModel', name),
    };
  }

  #unavailable(): ServingError {
    return new ServingError('UNAVAILABLE', `The model server is ${this.#state}`);
  }
}
