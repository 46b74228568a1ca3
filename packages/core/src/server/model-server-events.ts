/** The events of a model server. */
import type { EventListener } from '../servable/event-bus.js';
import type { ServableState } from '../servable/servable-state.js';
import type { ServingError } from '../serving-error.js';
import type { OptionNames } from './config/option-names.js';

/**
 * `starting` until `start` resolves, `draining` from the first call of `drain` or `close`, `closed` when `close` has
 * resolved. Requests are refused from the call of `close`.
 */
export type ModelServerState = 'starting' | 'serving' | 'draining' | 'closed';

/** A list of models that has taken effect: its names, in order. */
export interface ConfigReloaded {
  readonly models: readonly string[];
}

/** Events by name. Of one version they come in the order of its {@link ServableState}s. */
export interface ModelServerEvents {
  /** The server has taken a version on. */
  'servable:start': ServableState;
  /** Its load begins; or, with an `error`, has failed and will be tried again, or has to wait for resources. */
  'servable:loading': ServableState;
  /** It answers requests. */
  'servable:available': ServableState;
  /** It is about to get no more requests. */
  'servable:unloading': ServableState;
  /** It is unloaded, or with an `error`, has failed for good. */
  'servable:end': ServableState;
  /**
   * Another list of models is in place, by `reload`, `addModel`, `removeModel` or the config source; loads and unloads
   * follow.
   */
  'config:reloaded': ConfigReloaded;
  /** The start is over: every model had its first outcome, and requests are taken. */
  'server:serving': undefined;
  /** The server is about to close, by the first call of `drain` or `close`: its health services report "not serving". */
  'server:draining': undefined;
  /**
   * What went wrong outside of any request and any version: an unreadable base path, a refused configuration of the
   * config source, a close that ran out of time, a subscriber that threw. Emitted when it is new.
   */
  error: ServingError;
}

/** Listeners by event. */
export type ModelServerListeners = { readonly [N in keyof ModelServerEvents]?: EventListener<ModelServerEvents[N]> };

/** By name, for what checks the listeners of a start. */
export const modelServerEvents: OptionNames<ModelServerEvents> = {
  'servable:start': true,
  'servable:loading': true,
  'servable:available': true,
  'servable:unloading': true,
  'servable:end': true,
  'config:reloaded': true,
  'server:serving': true,
  'server:draining': true,
  error: true,
};
