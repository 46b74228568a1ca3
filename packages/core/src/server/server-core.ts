/** What a model server is made of, and its life (TensorFlow Serving's `model_servers/server_core.h`). */

import { DeadlineTimer } from '../inference/call-limits.js';
import { withModel } from '../logging/error-model.js';
import type { UnavailableModel } from '../logging/start-warning.js';
import { BufferPool } from '../memory/buffer-pool.js';
import { ServerRequestLogger } from '../request-logging/server-request-logger.js';
import { EventBus, type EventListener } from '../servable/event-bus.js';
import { LOGGED_STATES, ServableStateMonitor } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import { ServingThreads } from '../threads/main/serving-threads.js';
import { mirroredLifecycle, mirroredModels, mirroredState, threadsContextOf } from '../threads/main/threads-context.js';
import { toPlainPoll } from '../threads/mirrored-state.js';
import { ConditionWaits } from './condition.js';
import type { ValidModelServerConfig } from './config/model-server-config.js';
import { ConfigSourcePoller } from './config-source-poller.js';
import { ConfiguredModels } from './configured-models.js';
import { ModelAvailability } from './model-availability.js';
import type { ModelServerCore } from './model-server-core.js';
import type { ModelServerEvents, ModelServerListeners, ModelServerState } from './model-server-events.js';
import { ModelServerChain } from './servable-pipeline.js';
import { CloseSequence } from './shutdown.js';
import { VersionLabels } from './version-labels.js';
import { VersionLookup } from './version-lookup.js';

/** One server's parts, put together. Nothing moves before {@link ServerCore.start}. */
export class ServerCore implements ModelServerCore {
  readonly events: EventBus<ModelServerEvents>;
  readonly monitor: ServableStateMonitor;
  readonly availability: ModelAvailability;
  readonly labels: VersionLabels;
  readonly buffers: BufferPool;
  readonly chain: ModelServerChain;
  readonly models: ConfiguredModels;
  readonly versions: VersionLookup;
  readonly deadlines: DeadlineTimer;
  readonly requestLogger: ServerRequestLogger;
  readonly threads: ServingThreads;
  readonly #config: ValidModelServerConfig;
  readonly #configSource: ConfigSourcePoller | undefined;
  readonly #waits = new ConditionWaits();
  #lifecycle: Lifecycle = { kind: 'starting' };

  constructor(config: ValidModelServerConfig, listeners: ModelServerListeners) {
    const { clock, configSource } = config;
    this.#config = config;
    this.events = new EventBus((error, name) => this.#onSubscriberError(error, name));
    subscribeAll(this.events, listeners);
    this.monitor = new ServableStateMonitor(clock, { maxCountLogEvents: LOGGED_STATES });
    this.availability = new ModelAvailability(this.monitor, (model, outcome) =>
      this.threads.broadcast('poll', toPlainPoll(model, outcome)),
    );
    this.deadlines = new DeadlineTimer(clock);
    const onError = (error: ServingError): void => this.#tell(error);
    this.buffers = new BufferPool(config.maxKeptBytes);
    this.threads = new ServingThreads(threadsContextOf(this, config, (error) => this.#tell(error)));
    this.chain = new ModelServerChain(config, this.buffers, this.threads.leases, {
      publish: (state) => {
        this.monitor.record(state);
        this.threads.broadcast('state', mirroredState(this, state));
        this.#waits.somethingChanged();
        this.events.publish(`servable:${state.managerState}`, state);
      },
      onError,
      onPolled: (model, outcome) => {
        for (const problem of this.availability.recordLook(model, outcome)) onError(withModel(problem, model));
      },
    });
    this.labels = new VersionLabels({
      ...config,
      isAvailable: (model, version) => this.monitor.getState(model, version)?.state.managerState === 'available',
    });
    this.requestLogger = new ServerRequestLogger({ ...config, collectors: config.logCollectors, onError });
    this.models = new ConfiguredModels({
      config,
      chain: this.chain,
      labels: this.labels,
      requestLogger: this.requestLogger,
      monitor: this.monitor,
      availability: this.availability,
      waits: this.#waits,
      onChanged: () => this.threads.broadcast('models', mirroredModels(this)),
      onReloaded: (list) => this.events.publish('config:reloaded', list),
    });
    this.versions = new VersionLookup({
      servables: this.chain.manager.servables,
      labels: this.labels,
      availability: this.availability,
      modelNames: () => this.models.names,
      unavailable: () => this.#unavailable(),
    });
    if (configSource) {
      const replace = this.models.replace.bind(this.models);
      this.#configSource = new ConfigSourcePoller({ source: configSource, context: config, clock, replace, onError });
    }
  }

  get state(): ModelServerState {
    const { kind } = this.#lifecycle;
    return kind === 'closing' ? 'draining' : kind;
  }

  /** The models without a version to answer with, and why. */
  unavailableModels(): UnavailableModel[] {
    return this.models.names.flatMap((model) => {
      if (this.availability.failureOf(model) === undefined) return [];
      const cause = this.availability.causeOfAbsence(model, undefined);
      return { model, error: cause ?? ServingError.notFound('none of its versions was loaded') };
    });
  }

  /** Reads the config source now; `undefined` without one. */
  get readConfiguration(): (() => Promise<void>) | undefined {
    const source = this.#configSource;
    return source && (() => source.readNow());
  }

  /** Estimated bytes that the versions of a model hold. */
  memoryOf(name: string): ReadonlyMap<Version, number> {
    const { holders } = this.chain.manager.ram;
    return new Map(holders.filter(({ id }) => id.name === name).map(({ id, quantity }) => [id.version, quantity]));
  }

  /** See `ModelServer.drain`. */
  drain(): void {
    if (this.#lifecycle.kind !== 'serving') return;
    this.#lifecycle = { kind: 'draining' };
    this.#tellLifecycle();
    this.events.publish('server:draining', undefined);
  }

  /** Resolves when requests may come. When it rejects, everything is closed. */
  async start(): Promise<void> {
    try {
      const models = this.#config.models ?? (await this.#configSource?.readFirst()) ?? [];
      await this.models.start(models);
      this.#lifecycle = { kind: 'serving' };
      this.versions.isOpen = true;
      this.#tellLifecycle();
      this.#configSource?.begin(models);
      this.events.publish('server:serving', undefined);
    } catch (error) {
      await this.close(undefined);
      throw error;
    }
  }

  /**
   * Resolves when serving threads have the change, too.
   *
   * @throws ServingError `UNAVAILABLE` before the start and from the call of close, else what `change` rejects with.
   */
  async whileServing(change: () => Promise<void>): Promise<void> {
    if (!this.versions.isOpen) throw this.#unavailable();
    try {
      await change();
      await this.threads.flush();
    } catch (error) {
      throw this.versions.isOpen ? error : this.#unavailable();
    }
  }

  /** See `ModelServer.close`. */
  close(timeoutMs: number | undefined): Promise<void> {
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      const message = `timeoutMs: must be a non-negative number (got ${timeoutMs})`;
      return Promise.reject(new ServingError('INVALID_ARGUMENT', message));
    }
    const { sequence, done } = this.#closing();
    if (timeoutMs !== undefined) sequence.limit(timeoutMs);
    return done;
  }

  #closing(): Closing {
    if (this.#lifecycle.kind === 'closing' || this.#lifecycle.kind === 'closed') return this.#lifecycle;
    const { kind: before } = this.#lifecycle;
    this.versions.isOpen = false;
    this.#configSource?.close();
    const sequence = new CloseSequence({
      chain: this.chain,
      deadlines: {
        giveUpAll: () => {
          this.deadlines.giveUpAll();
          this.threads.broadcast('giveUp');
        },
      },
      requestLogger: this.requestLogger,
      clock: this.#config.clock,
      waits: this.#waits,
      onError: (error) => this.#tell(error),
    });
    const done = sequence.over.then(() => {
      this.#lifecycle = { kind: 'closed', sequence, done };
      this.#tellLifecycle();
    });
    const closing: Closing = { kind: 'closing', sequence, done };
    this.#lifecycle = closing;
    this.#tellLifecycle();
    if (before === 'serving') this.events.publish('server:draining', undefined);
    return closing;
  }

  #tellLifecycle(): void {
    this.threads.broadcast('lifecycle', mirroredLifecycle(this));
  }

  #unavailable(): ServingError {
    return new ServingError('UNAVAILABLE', `The model server is ${this.state}`);
  }

  #tell(error: ServingError): void {
    this.events.publish('error', error);
  }

  #onSubscriberError(error: unknown, eventName: string): void {
    if (eventName === 'error') return;
    this.#tell(ServingError.from(error).prefixed(`A subscriber to ${eventName} failed: `));
  }
}

interface Closing {
  readonly kind: 'closing' | 'closed';
  readonly sequence: CloseSequence;
  readonly done: Promise<void>;
}

type Lifecycle = { readonly kind: 'starting' | 'serving' | 'draining' } | Closing;

function subscribeAll(events: EventBus<ModelServerEvents>, listeners: ModelServerListeners): void {
  const subscribe = <N extends keyof ModelServerEvents>(name: N): void => {
    const listener: EventListener<ModelServerEvents[N]> | undefined = listeners[name];
    if (listener) events.on(name, listener);
  };
  for (const name of Object.keys(listeners)) subscribe(name as keyof ModelServerEvents);
}
