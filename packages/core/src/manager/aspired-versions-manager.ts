/** Loads and unloads versions until those that are aspired are available (TensorFlow Serving's `core/aspired_versions_manager.h`). */
import type { Loader } from '../loader/loader.js';
import type { LoaderHarnessState } from '../loader/loader-harness.js';
import type { ServableData } from '../servable/servable-data.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { canonicalServableId, formatServableId, type ServableId } from '../servable/servable-id.js';
import type { ServableRequest } from '../servable/servable-request.js';
import type { Version } from '../servable/version.js';
import { ServingError } from '../serving-error.js';
import type { AspiredVersionsCallback, Target } from '../source/source.js';
import type { AspiredVersionPolicy, ServableAction } from './aspired-version-policy.js';
import { BasicManager, type BasicManagerOptions, type ManagedServable } from './basic-manager.js';
import type { Manager } from './manager.js';

/** How it loads and unloads ({@link BasicManagerOptions}), and what decides when. */
export interface AspiredVersionsManagerOptions extends BasicManagerOptions {
  readonly aspiredVersionPolicy: AspiredVersionPolicy;
  /**
   * Retries a failed version each time that it is aspired, not only when its revision differs.
   * Default: false.
   */
  readonly enableReloadServablesWithError?: boolean;
  /**
   * Orders the actions that the policies of all streams return, the most urgent first. Only the first is performed;
   * then all policies are called again. Default: all unloads or, when there are none, all loads are performed.
   */
  readonly compareActions?: (a: ServableAction, b: ServableAction) => number;
  /** Called with errors outside of any version: rejected aspired versions, a policy that throws or returns an impossible action. */
  readonly onError: (error: ServingError) => void;
}

/**
 * After each change (new aspired versions, a load or unload that ended) the manager repeats these steps until nothing is left to do:
 *
 * 1. Stop managing versions that are not aspired and are new, disabled or in error.
 * 2. Apply the pending aspired versions of each stream. A set that names a version which is unloading waits until that version
 *    is gone. A version that had left the set and is still served is kept (TensorFlow Serving would unload and load it).
 *    Versions that are not in the set are no longer aspired, and retries of their loads end. Versions that are not managed
 *    yet are added. Others stay as they are, in error too. A failed version with another revision is managed from the start
 *    again, or its waiting retry happens at once.
 * 3. Call the policy of each stream for an action, and perform the unloads or, if there are none, the loads.
 *
 * Streams without a change are skipped.
 */
export class AspiredVersionsManager implements Manager, Target<Loader> {
  readonly #basic: BasicManager;
  readonly #policy: AspiredVersionPolicy;
  readonly #onError: (error: ServingError) => void;
  readonly #enableReloadServablesWithError: boolean;
  readonly #compareActions: AspiredVersionsManagerOptions['compareActions'];
  readonly #streams = new Map<string, Stream>();
  readonly #settledWaits = new Map<string, (() => void)[]>();
  /** Streams in which something has changed. */
  readonly #changed = new Set<string>();
  #closing: { readonly done: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(options: AspiredVersionsManagerOptions) {
    this.#policy = options.aspiredVersionPolicy;
    this.#onError = options.onError;
    this.#enableReloadServablesWithError = options.enableReloadServablesWithError ?? false;
    this.#compareActions = options.compareActions;
    this.#basic = new BasicManager({
      ...options,
      publish: (state) => {
        options.publish(state);
        this.#look(state.id.name);
      },
    });
  }

  /** @private The map behind {@link getServableHandle}, for a caller that uses it for every request. */
  get servables(): BasicManager['servables'] {
    return this.#basic.servables;
  }

  getServableHandle(request: ServableRequest): ServableHandle {
    return this.#basic.getServableHandle(request);
  }

  listAvailableServableIds(): ServableId[] {
    return this.#basic.listAvailableServableIds();
  }

  /** What it has taken on, in whatever state: `quiescing` versions wait for handles to be released. */
  listManagedServables(): ManagedServable[] {
    return this.#basic.listManagedServables();
  }

  /** What is held of the machine's memory, in bytes, and by which versions. */
  get ram(): BasicManager['ram'] {
    return this.#basic.ram;
  }

  /** Whether the last attempt to load a version failed, for good or until its retry. */
  hasFailed(id: ServableId): boolean {
    const state = this.#basic.getState(id);
    return state !== undefined && failureOf(state) !== undefined;
  }

  /** Changes how many loads run at once, from the next load on; loads that run are left alone. 0 means 1. */
  setNumLoadThreads(numLoadThreads: number): void {
    this.#basic.setNumLoadThreads(numLoadThreads);
  }

  /** Aspired versions of another stream, or beyond int64, are refused with the whole list, and `onError` is called. */
  getAspiredVersionsCallback(): AspiredVersionsCallback<Loader> {
    return (streamName, items) => {
      if (this.#closing) return;
      let versions: readonly ServableData<Loader>[];
      try {
        versions = items.map((item) => ({ ...item, id: canonicalServableId(item.id) }));
      } catch (reason) {
        this.#onError(
          ServingError.from(reason).prefixed(`The aspired versions of servable stream ${streamName} were refused: `),
        );
        return;
      }
      const stranger = versions.find(({ id }) => id.name !== streamName);
      if (stranger) {
        this.#onError(
          new ServingError(
            'INVALID_ARGUMENT',
            `Aspired versions of servable stream ${streamName} rejected: they include ${formatServableId(stranger.id)}`,
          ),
        );
        return;
      }
      this.#stream(streamName).pending = versions;
      this.#look(streamName);
    };
  }

  /**
   * Resolves when a stream is settled: no aspired versions are pending, and every version is available, has failed (once is
   * enough, even with a retry to come), or is left alone by the policy. An unknown stream is settled.
   */
  waitUntilSettled(streamName: string): Promise<void> {
    return new Promise((resolve) => {
      const waits = this.#settledWaits.get(streamName);
      if (waits) waits.push(resolve);
      else this.#settledWaits.set(streamName, [resolve]);
      this.#look(streamName);
    });
  }

  /** Ignores further aspired versions, cancels loads, and resolves when every version is unloaded, after its handles are released. */
  close(): Promise<void> {
    if (!this.#closing) {
      let resolve = (): void => {};
      const done = new Promise<void>((resolver) => {
        resolve = resolver;
      });
      this.#closing = { done, resolve };
      for (const stream of this.#streams.values()) {
        this.#apply(stream, []);
        this.#look(stream.name);
      }
      if (this.#streams.size === 0) resolve();
    }
    return this.#closing.done;
  }

  /** Soon, not at once: several changes are handled together, and never from within a subscriber or a source. */
  #look(streamName: string): void {
    if (this.#changed.size === 0) queueMicrotask(() => this.#manage());
    this.#changed.add(streamName);
  }

  #manage(): void {
    const names = [...this.#changed];
    this.#changed.clear();
    const streams = names.flatMap((name) => this.#streams.get(name) ?? []);
    do {
      for (const stream of streams) {
        this.#flush(stream);
        this.#takePending(stream);
      }
    } while (this.#performActions(streams));
    for (const name of names) this.#tellSettled(name);
    if (this.#streams.size === 0) this.#closing?.resolve();
  }

  #flush(stream: Stream): void {
    for (const { id, state } of this.#basic.getManagedServables(stream.name)) {
      if (stream.aspired.has(id.version)) continue;
      if (state.kind === 'new' || state.kind === 'disabled' || state.kind === 'error') {
        this.#basic.stopManagingServable(id);
      }
    }
    if (!stream.pending && this.#basic.getManagedServables(stream.name).length === 0) this.#streams.delete(stream.name);
  }

  #takePending(stream: Stream): void {
    const next = stream.pending;
    if (!next) return;
    const wanted = new Map(next.map(({ id, revision }) => [id.version, revision]));
    const leaving = this.#basic
      .getManagedServables(stream.name)
      .filter(({ id }) => wanted.has(id.version) && !stream.aspired.has(id.version));
    if (leaving.some(({ state }) => state.kind !== 'ready')) return;
    for (const { id } of leaving) stream.aspired.set(id.version, wanted.get(id.version));
    this.#apply(stream, next);
    // Versions that were never loaded and have just left the set need no unload.
    this.#flush(stream);
  }

  #apply(stream: Stream, next: readonly ServableData<Loader>[]): void {
    stream.pending = undefined;
    const managed = new Set<Version>();
    const wanted = new Set(next.map(({ id }) => id.version));
    for (const { id } of this.#basic.getManagedServables(stream.name)) {
      managed.add(id.version);
      if (wanted.has(id.version)) continue;
      stream.aspired.delete(id.version);
      this.#basic.cancelLoadRetry(id);
    }
    for (const item of next) {
      const { version } = item.id;
      if (managed.has(version)) {
        this.#aspireAgain(stream, item);
        continue;
      }
      managed.add(version);
      stream.aspired.set(version, item.revision);
      this.#basic.manageServable(item);
    }
  }

  /** For a version that is managed and was aspired before. */
  #aspireAgain(stream: Stream, item: ServableData<Loader>): void {
    const { id, revision } = item;
    const state = this.#basic.getState(id);
    if (!state || failureOf(state) === undefined) return;
    const isChanged = revision !== undefined && revision !== stream.aspired.get(id.version);
    if (state.kind === 'error' && (isChanged || this.#enableReloadServablesWithError)) {
      this.#basic.stopManagingServable(id);
      this.#basic.manageServable(item);
    } else if (isChanged) {
      this.#basic.retryLoadNow(id);
    }
    if (isChanged) stream.aspired.set(id.version, revision);
  }

  #performActions(streams: readonly Stream[]): boolean {
    const actions = streams.flatMap((stream) => this.#nextAction(stream) ?? []);
    const chosen = this.#choose(actions);
    for (const { action, id } of chosen) {
      const done = action === 'load' ? this.#basic.loadServable(id) : this.#basic.unloadServable(id);
      // What goes wrong is in the state that the manager publishes.
      done.catch(() => {});
    }
    return chosen.length > 0;
  }

  #choose(actions: readonly ServableAction[]): readonly ServableAction[] {
    if (this.#compareActions) return [...actions].sort(this.#compareActions).slice(0, 1);
    const unloads = actions.filter(({ action }) => action === 'unload');
    return unloads.length > 0 ? unloads : actions;
  }

  #nextAction(stream: Stream): ServableAction | undefined {
    const versions = this.#basic.getManagedServables(stream.name);
    if (this.#closing) {
      const loaded = versions.find(({ state }) => state.kind === 'ready');
      return loaded && { action: 'unload', id: loaded.id };
    }
    let action: ServableAction | undefined;
    try {
      action = this.#policy.getNextAction(
        versions.map(({ id, state }) => ({ id, state: state.kind, isAspired: stream.aspired.has(id.version) })),
      );
    } catch (reason) {
      this.#onError(ServingError.from(reason, 'INTERNAL').prefixed(`The version policy failed for ${stream.name}: `));
      return undefined;
    }
    if (!action) return undefined;
    const { version } = action.id;
    const state = versions.find(({ id }) => id.version === version)?.state.kind;
    if (state === (action.action === 'load' ? 'new' : 'ready')) return action;
    this.#onError(
      new ServingError(
        'INTERNAL',
        `The version policy asked to ${action.action} ${formatServableId(action.id)}, which is ${state ?? 'not managed'}`,
      ),
    );
    return undefined;
  }

  #tellSettled(name: string): void {
    const waits = this.#settledWaits.get(name);
    if (!waits || this.#streams.get(name)?.pending) return;
    if (!this.#basic.getManagedServables(name).every(isSettledOnce)) return;
    this.#settledWaits.delete(name);
    for (const resolve of waits) resolve();
  }

  #stream(name: string): Stream {
    let stream = this.#streams.get(name);
    if (!stream) {
      stream = { name, aspired: new Map(), pending: undefined };
      this.#streams.set(name, stream);
    }
    return stream;
  }
}

interface Stream {
  readonly name: string;
  /** The aspired versions, and the revision of each. */
  readonly aspired: Map<Version, string | undefined>;
  pending: readonly ServableData<Loader>[] | undefined;
}

function isSettledOnce({ state }: ManagedServable): boolean {
  const isAtRest =
    state.kind === 'new' || state.kind === 'ready' || state.kind === 'error' || state.kind === 'disabled';
  return isAtRest || failureOf(state) !== undefined;
}

/** What the last attempt to load failed with, if it did. */
function failureOf(state: LoaderHarnessState): ServingError | undefined {
  switch (state.kind) {
    case 'load-requested':
    case 'loading':
      return state.lastError;
    case 'error':
      return state.error;
    default:
      return undefined;
  }
}
