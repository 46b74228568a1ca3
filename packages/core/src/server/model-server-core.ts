/** The parts behind a `ModelServer`: those of a server, or their mirror in a serving thread. */
import type { DeadlineTimer } from '../inference/call-limits.js';
import type { BufferPool } from '../memory/buffer-pool.js';
import type { RequestSampler } from '../request-logging/server-request-logger.js';
import type { EventSource } from '../servable/event-bus.js';
import type { ServableStateMonitor } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import type { ModelConfig, ModelConfigList } from './config/model-config.js';
import type { ModelAvailability } from './model-availability.js';
import type { ConfiguredModel, ModelControl } from './model-control.js';
import type { ModelServerEvents, ModelServerState } from './model-server-events.js';
import type { VersionLookup } from './version-lookup.js';

/** The list of models in place, and its changes. */
export interface ServedModels extends Pick<ModelControl, 'isParked' | 'load' | 'unload' | 'setLabel'> {
  readonly names: readonly string[];
  find(name: string): (ConfiguredModel & { readonly batching?: object | false | undefined }) | undefined;
  reload(list: ModelConfigList): Promise<void>;
  add(model: ModelConfig): Promise<void>;
  remove(name: string): Promise<void>;
  poll(name: string | undefined): Promise<void>;
}

/** See the methods of `ModelServer`. */
export interface ModelServerCore {
  readonly state: ModelServerState;
  readonly events: EventSource<ModelServerEvents>;
  readonly monitor: ServableStateMonitor;
  readonly availability: ModelAvailability;
  readonly buffers: BufferPool;
  readonly versions: VersionLookup;
  readonly deadlines: DeadlineTimer;
  readonly requestLogger: { readonly sampler: RequestSampler | undefined };
  readonly models: ServedModels;
  /** Reads the config source now; `undefined` without one. */
  readonly readConfiguration: (() => Promise<void>) | undefined;
  memoryOf(name: string): ReadonlyMap<Version, number>;
  drain(): void;
  /** @throws ServingError `UNAVAILABLE` when the server does not serve, else what `change` rejects with. */
  whileServing(change: () => Promise<void>): Promise<void>;
  close(timeoutMs: number | undefined): Promise<void>;
}
