/** What wire APIs read of the configuration of a server's models, and how they load and unload one. */
import type { ServableStateAndTime } from '../servable/servable-state-monitor.js';
import type { Version } from '../servable/version.js';
import type { VersionPolicy } from '../source/version-policy.js';

/** What wire APIs read of a model's configuration. */
export interface ConfiguredModel {
  readonly platform: string;
  readonly basePath: string;
  readonly versionPolicy: VersionPolicy;
  readonly versionLabels: ReadonlyMap<string, Version>;
}

/** One per server; wire APIs find it with {@link modelControlOf}. */
export interface ModelControl {
  /** The configuration of a model; `undefined` for one that is not configured. */
  find(name: string): ConfiguredModel | undefined;
  /** Whether requests to a model are merged into batches. */
  isBatched(name: string): boolean;
  /** The last state of each version of a model, highest first. */
  versionStates(name: string): readonly ServableStateAndTime[];
  /** The newest changes of state of all versions, oldest first. */
  recentStates(): readonly ServableStateAndTime[];
  /** What is wrong with a model's base path, the main reason first. */
  problemsOf(name: string): readonly string[];
  /** Estimated bytes that the loaded versions of a model hold. */
  memoryOf(name: string): ReadonlyMap<Version, number>;
  /** Whether {@link ModelControl.unload} has unloaded a model. */
  isParked(name: string): boolean;
  /**
   * Polls the base path of a model, and resolves when each version found had its first outcome.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not configured, `UNKNOWN` when no version is available.
   */
  load(name: string): Promise<void>;
  /**
   * Unloads a model, which stays configured, and resolves when its handles are released and its versions unloaded.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not configured.
   */
  unload(name: string): Promise<void>;
  /**
   * Moves a version label, or removes it where `version` is `undefined`.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not configured, `FAILED_PRECONDITION` for a version that is not available.
   */
  setLabel(name: string, label: string, version: Version | undefined): Promise<void>;
  /** Reads the config source now; `undefined` for a server without one. */
  readonly readConfiguration: (() => Promise<void>) | undefined;
}

/** Recognised across two copies of the package. */
const CONTROL = Symbol.for('@serving/core/model-control');

/** Has {@link modelControlOf} find the control of a server. */
export function attachModelControl(server: object, control: ModelControl): void {
  Object.defineProperty(server, CONTROL, { value: control });
}

/** The control of a server; `undefined` for an object that has none, as in tests. */
export function modelControlOf(server: object): ModelControl | undefined {
  return Reflect.get(server, CONTROL) as ModelControl | undefined;
}
