/** What wire APIs read of the configuration of a server's models, and how they load and unload one. */
import type { Version } from '../servable/version.js';

/** One per server; wire APIs find it with {@link modelControlOf}. */
export interface ModelControl {
  /** The platform and the version labels of a model; `undefined` for one that is not configured. */
  find(name: string): { readonly platform: string; readonly versionLabels: ReadonlyMap<string, Version> } | undefined;
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
