import type { BatchingOptions } from '../../batching/batching-options.js';
import { type Clock, systemClock } from '../../clock.js';
import type { Platform } from '../../loader/platform.js';
import type { AspiredVersionPolicy } from '../../manager/aspired-version-policy.js';
import { availabilityPreservingPolicy } from '../../manager/availability-preserving-policy.js';
import type { LogCollectorRegistry } from '../../request-logging/log-collector-registry.js';
import type { ServerTask } from '../../request-logging/logging-config.js';
import type { InsufficientResourcesPolicy } from '../../resources/reservation-queue.js';
import type { ResourceLimits } from '../../resources/resource-quantity.js';
import type { ServableId } from '../../servable/servable-id.js';
import type { ServingError } from '../../serving-error.js';
import type { PollInterval } from '../../source/file-system-storage-path-source.js';
import type { Storage } from '../../source/storage.js';
import type { ModelConfig, ModelConfigContext, ValidModelConfig } from './model-config.js';
import type { ModelConfigSource } from './model-config-source.js';

/**
 * Which models must have a version available when every model had its first outcome, for a start to succeed.
 *
 * * `all`: every one.
 * * `any`: one at least, if any is configured.
 * * `none`: the server starts whatever became of them.
 */
export type StartPolicy = 'all' | 'any' | 'none';

/** Everything about a server but its listeners. */
export interface ModelServerConfig {
  /** May be empty. May be left out when there is a `configSource`, which is then read at the start. */
  readonly models?: readonly ModelConfig[];
  /** Where changes of the list of models come from while the server runs. Default: from `reload` and its like alone. */
  readonly configSource?: ModelConfigSource;
  /** What the models' `platform` names. */
  readonly platforms: Readonly<Record<string, Platform>>;
  /** Which models must have loaded for the start to succeed. Default `none`. */
  readonly startPolicy?: StartPolicy;
  /**
   * Whether a start fails, before anything is loaded, when the base path of a model is missing or has no version.
   * Default false.
   */
  readonly failIfNoModelVersionsFound?: boolean;
  /**
   * Whether a model always has versions: a start fails as by `failIfNoModelVersionsFound`, and a later look that finds
   * none is taken for a mistake and unloads nothing. Default false: the deletion of the last version unloads it.
   */
  readonly servableVersionsAlwaysPresent?: boolean;
  /** Where base paths lie. Default: the machine's own file system. */
  readonly storage?: Storage;
  /** Milliseconds between polls of the base paths; `'once'` polls at the start alone, `false` never. Default: 1000. */
  readonly pollIntervalMs?: PollInterval;
  /** Further attempts to load a version after a failed one. Default 5. */
  readonly maxNumLoadRetries?: number;
  /** Milliseconds before each of them. Default: 60,000. */
  readonly loadRetryIntervalMs?: number;
  /** Versions that load at once, after the start. Default: 1. At the start more do, so that it is quick. */
  readonly numLoadThreads?: number;
  /** Versions that unload at once. Default: 1. */
  readonly numUnloadThreads?: number;
  /** Whether a load that failed so is tried again. Default: always. */
  readonly shouldRetryModelLoad?: (error: ServingError) => boolean;
  /** Called just before the first attempt of each load. What it throws is a failed attempt. */
  readonly preLoadHook?: (id: ServableId) => void;
  /**
   * Whether each look that finds a failed version tries it again, not only one that finds its content changed. Default
   * false.
   */
  readonly enableReloadServablesWithError?: boolean;
  /** What all versions together may hold. Default: no limit. */
  readonly resourceLimits?: ResourceLimits;
  /**
   * What a load does that does not fit, once no load or unload in flight can free resources: `fail` with
   * `RESOURCE_EXHAUSTED`, or `wait`. Default: `fail`.
   */
  readonly insufficientResources?: InsufficientResourcesPolicy;
  /** Enables version labels. With `false`, configurations and requests with labels are rejected. Default: true. */
  readonly allowVersionLabels?: boolean;
  /**
   * Whether a reload may give a model a new label for a version that is not available. Default false. The labels that a
   * model is first listed with may always be.
   */
  readonly allowVersionLabelsForUnavailableModels?: boolean;
  /** Whether a reload may also move a label to a version that is not available. Default false. */
  readonly forceAllowAnyVersionLabelsForUnavailableModels?: boolean;
  /**
   * Whether inputs must have the rank and the known dimensions that their signature declares, for models of every platform;
   * others are `INVALID_ARGUMENT`. Default true; `false` leaves it to the model, as TensorFlow Serving does.
   */
  readonly enforceSignatureShapes?: boolean;
  /**
   * Requests are merged into batches by these options, `{}` for the defaults; a model may have its own. Default: no
   * batching, but for models that have their own.
   */
  readonly batching?: BatchingOptions;
  /**
   * Bytes of buffers that are kept for the next request bodies and batches while none needs them. Default: 32 MiB. 0 keeps
   * none.
   */
  readonly maxKeptBytes?: number;
  /** Where logs of requests may go: what the models' `loggingConfig` names. Default: nothing but collectors of one's own. */
  readonly logCollectors?: LogCollectorRegistry;
  /** Which of several servers this is, for logging configurations that they share. Default: none that these could name. */
  readonly task?: ServerTask;
  /** What is loaded and unloaded in which order. Default {@link availabilityPreservingPolicy}. */
  readonly aspiredVersionPolicy?: AspiredVersionPolicy;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
}

/** A {@link ModelServerConfig} with its defaults. */
export interface ValidModelServerConfig extends ModelConfigContext {
  /** Absent when the config source is to be read. */
  readonly models?: readonly ValidModelConfig[];
  readonly configSource?: ModelConfigSource;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly startPolicy: StartPolicy;
  readonly failIfNoModelVersionsFound: boolean;
  readonly storage: Storage;
  readonly pollIntervalMs: PollInterval;
  readonly maxNumLoadRetries: number;
  readonly loadRetryIntervalMs: number;
  readonly numLoadThreads: number;
  readonly numUnloadThreads: number;
  readonly servableVersionsAlwaysPresent: boolean;
  readonly shouldRetryModelLoad?: (error: ServingError) => boolean;
  readonly preLoadHook?: (id: ServableId) => void;
  readonly enableReloadServablesWithError: boolean;
  readonly resourceLimits: ResourceLimits;
  readonly insufficientResources: InsufficientResourcesPolicy;
  readonly allowVersionLabels: boolean;
  readonly allowVersionLabelsForUnavailableModels: boolean;
  readonly forceAllowAnyVersionLabelsForUnavailableModels: boolean;
  readonly enforceSignatureShapes: boolean;
  readonly batching?: BatchingOptions;
  readonly maxKeptBytes: number;
  readonly logCollectors: LogCollectorRegistry;
  readonly task: ServerTask;
  readonly aspiredVersionPolicy: AspiredVersionPolicy;
  readonly clock: Clock;
}
