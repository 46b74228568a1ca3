/** Takes one loader through its life, and lets no step happen out of turn (TensorFlow Serving's `core/loader_harness.h`). */
import type { Clock } from '../clock.js';
import { loadChannel } from '../diagnostics/channels.js';
import type { LoadEvent } from '../diagnostics/events.js';
import { formatServableId, type ServableId } from '../servable/servable-id.js';
import { ServingError } from '../serving-error.js';
import type { Loader, ResourceEstimate } from './loader.js';

/**
 * ```
 * new → load-requested → load-approved → loading → ready → unload-requested → quiescing → quiesced → unloading → disabled
 *                                           └→ unloading (its load was cancelled meanwhile) → disabled
 * any → error
 * ```
 */
export type LoaderHarnessState =
  | { readonly kind: 'new' }
  /** `lastError` is the failure of the last estimate, after which another is waited for or made, or why the load has to wait. */
  | { readonly kind: 'load-requested'; readonly lastError?: ServingError }
  | { readonly kind: 'load-approved' }
  /** `lastError` is the failure of the attempt before this one, or of the one after which a retry is waited for. */
  | { readonly kind: 'loading'; readonly lastError?: ServingError }
  | { readonly kind: 'ready'; readonly servable: unknown }
  | { readonly kind: 'unload-requested' }
  | { readonly kind: 'quiescing' }
  | { readonly kind: 'quiesced' }
  | { readonly kind: 'unloading' }
  /** `error` when its load was cancelled. */
  | { readonly kind: 'disabled'; readonly error?: ServingError }
  | { readonly kind: 'error'; readonly error: ServingError };

/** The name of a {@link LoaderHarnessState}, without what it carries. */
export type LoaderHarnessStateKind = LoaderHarnessState['kind'];

/** How a harness retries a load. */
export interface LoaderHarnessOptions {
  readonly clock: Clock;
  /** Attempts after the first failed one, estimates of resources and loads together. */
  readonly maxNumLoadRetries: number;
  /** Milliseconds before each of them. */
  readonly loadRetryIntervalMs: number;
  /** Whether a load that failed so may be tried again. Default: always. */
  readonly shouldRetryModelLoad?: ((error: ServingError) => boolean) | undefined;
  /** Runs one attempt, at once or when there is room. The wait before a retry is outside of it. */
  readonly runAttempt?: (attempt: () => Promise<void>) => Promise<void>;
  /** Called before each retry of a load with the new estimate. What it throws is a failed attempt. */
  readonly adjustResources?: (estimate: ResourceEstimate) => void;
  /** Called synchronously on every state change, so that the state and the event cannot be observed apart. */
  readonly onStateChanged?: (state: LoaderHarnessState) => void;
  /** Called when the servable has ended by itself: it is to be unloaded, and ends in `error`. */
  readonly onServableEnded?: () => void;
}

/** Each method makes one step and throws when the state doesn't allow it. */
export class LoaderHarness {
  readonly id: ServableId;
  readonly #loader: Loader | undefined;
  readonly #options: LoaderHarnessOptions;
  readonly #cancellation = new AbortController();
  #retries = 0;
  #retryNow: (() => void) | undefined;
  /** Why the servable ended by itself. */
  #servableError: ServingError | undefined;
  #state: LoaderHarnessState = { kind: 'new' };

  /** Given an error in place of a loader, the harness starts out in `error`. */
  constructor(id: ServableId, loader: Loader | ServingError, options: LoaderHarnessOptions) {
    this.id = id;
    this.#options = options;
    if (loader instanceof ServingError) this.#state = { kind: 'error', error: loader };
    else this.#loader = loader;
  }

  get state(): LoaderHarnessState {
    return this.#state;
  }

  /** @throws ServingError `FAILED_PRECONDITION` at a second call; the harness's own error when it is in `error`. */
  loadRequested(): void {
    if (this.#state.kind === 'error') throw this.#state.error;
    if (this.#state.kind !== 'new') throw new ServingError('FAILED_PRECONDITION', 'Duplicate load request');
    this.#enter({ kind: 'load-requested' });
  }

  /**
   * The loader's estimate, made in `load-requested`, with retries. Rejects in `error` with the last failure.
   */
  async estimateResources(): Promise<ResourceEstimate> {
    if (this.#state.kind !== 'load-requested') throw this.#illegal('load-approved');
    const id = formatServableId(this.id);
    return await this.#retry(
      'load-requested',
      () => this.#usableLoader().estimateResources(),
      (reason) =>
        ServingError.from(reason).prefixed(`Error while attempting to reserve resources to load servable ${id}: `),
    );
  }

  /** Why a load has to wait for its approval, to be seen in the state. */
  delayed(error: ServingError): void {
    if (this.#state.kind !== 'load-requested') throw this.#illegal('load-requested');
    if (this.#state.lastError?.message !== error.message) this.#enter({ kind: 'load-requested', lastError: error });
  }

  loadApproved(): void {
    this.#step('load-requested', 'load-approved');
  }

  /**
   * Loads, with retries. Resolves in `ready`; rejects in `error` with the last failure, or in `disabled` with
   * `CANCELLED` when the load succeeded after {@link cancelLoadRetry}, and was undone.
   */
  async load(): Promise<void> {
    this.#step('load-approved', 'loading');
    const { runAttempt = (attempt) => attempt() } = this.#options;
    const { signal } = this.#cancellation;
    await this.#retry(
      'loading',
      () => runAttempt(() => this.#attempt()),
      (reason) => this.#explained(reason),
    );
    if (!signal.aborted) {
      this.#enterReady();
      return;
    }
    this.#step('loading', 'unloading');
    const cancelled = new ServingError('CANCELLED', 'Loading of servable cancelled');
    await this.#unloadLoader(cancelled);
    throw cancelled;
  }

  /** No attempt follows any more, and a load that succeeds all the same is undone. Does nothing after the load. */
  cancelLoadRetry(): void {
    const { kind } = this.#state;
    const isBeforeReady = kind === 'new' || kind === 'load-requested' || kind === 'load-approved' || kind === 'loading';
    if (isBeforeReady) this.#cancellation.abort();
  }

  /** The engine that runs what was loaded, if the loader has one. */
  get engine(): string | undefined {
    return this.#usableLoader().engine;
  }

  /** Aborts with {@link cancelLoadRetry}. */
  get cancellation(): AbortSignal {
    return this.#cancellation.signal;
  }

  /** Ends the wait before a retry, if there is one, and has all retries again. */
  retryNow(): void {
    this.#retryNow?.();
  }

  /** @throws ServingError `FAILED_PRECONDITION` when it isn't ready; the state stays. */
  unloadRequested(): void {
    if (this.#state.kind !== 'ready') {
      throw new ServingError('FAILED_PRECONDITION', 'Servable not loaded, or unload already requested/ongoing');
    }
    this.#enter({ kind: 'unload-requested' });
  }

  startQuiescing(): void {
    this.#step('unload-requested', 'quiescing');
  }

  doneQuiescing(): void {
    this.#step('quiescing', 'quiesced');
  }

  /** Resolves in `disabled`; rejects in `error` when the loader's unload fails, or when the servable had ended by itself. */
  async unload(): Promise<void> {
    this.#step('quiesced', 'unloading');
    await this.#unloadLoader();
  }

  /** To `error`, from any state. Returns the error, to be thrown. */
  error(error: ServingError): ServingError {
    this.#enter({ kind: 'error', error });
    return error;
  }

  #usableLoader(): Loader {
    if (this.#loader) return this.#loader;
    throw this.#state.kind === 'error' ? this.#state.error : this.#illegal('loading');
  }

  async #retry<T>(
    kind: 'load-requested' | 'loading',
    attempt: () => Promise<T>,
    explain: (reason: unknown) => ServingError,
  ): Promise<T> {
    const { maxNumLoadRetries, shouldRetryModelLoad } = this.#options;
    const { signal } = this.#cancellation;
    for (;;) {
      try {
        return await attempt();
      } catch (reason) {
        const error = explain(reason);
        const isLast = this.#retries >= maxNumLoadRetries || signal.aborted;
        if (isLast || shouldRetryModelLoad?.(error) === false) throw this.error(error);
        this.#retries += 1;
        this.#enter({ kind, lastError: error });
        await this.#waitForRetry();
        if (signal.aborted) throw this.error(error);
      }
    }
  }

  async #attempt(): Promise<void> {
    if (this.#cancellation.signal.aborted) throw new ServingError('CANCELLED', 'Loading of servable cancelled');
    const loader = this.#usableLoader();
    const { adjustResources } = this.#options;
    const isRetry = this.#state.kind === 'loading' && this.#state.lastError !== undefined;
    if (isRetry && adjustResources) adjustResources(await loader.estimateResources());
    const startTime = this.#options.clock.now();
    try {
      await loader.load({
        id: this.id,
        signal: this.#cancellation.signal,
        onEnded: (error) => this.#onServableEnded(error),
      });
    } catch (reason) {
      this.#tellLoad(loader, startTime, ServingError.from(reason));
      throw reason;
    }
    this.#tellLoad(loader, startTime);
  }

  #tellLoad({ path, engine }: Loader, startTime: number, error?: ServingError): void {
    if (!loadChannel.hasSubscribers) return;
    const event: LoadEvent = {
      servable: this.id,
      startTime,
      endTime: this.#options.clock.now(),
      ...(path !== undefined && { path }),
      ...(engine !== undefined && !error && { engine }),
      ...(error && { error }),
    };
    loadChannel.publish(event);
  }

  #enterReady(): void {
    if (this.#state.kind !== 'loading') throw this.#illegal('ready');
    let servable: unknown;
    try {
      servable = this.#usableLoader().getServable();
    } catch (reason) {
      throw this.error(this.#explained(reason));
    }
    this.#enter({ kind: 'ready', servable });
  }

  #onServableEnded(error: ServingError): void {
    if (this.#state.kind !== 'ready') return;
    this.#servableError = error;
    this.#options.onServableEnded?.();
  }

  #waitForRetry(): Promise<void> {
    const { signal } = this.#cancellation;
    return new Promise((resolve) => {
      const done = (): void => {
        cancelTimer();
        signal.removeEventListener('abort', done);
        this.#retryNow = undefined;
        resolve();
      };
      this.#retryNow = () => {
        this.#retries = 0;
        done();
      };
      const cancelTimer = this.#options.clock.setTimer(done, this.#options.loadRetryIntervalMs);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  async #unloadLoader(reason?: ServingError): Promise<void> {
    try {
      await this.#usableLoader().unload();
    } catch (error) {
      throw this.error(
        ServingError.from(error, 'INTERNAL').prefixed(`Failed to unload ${formatServableId(this.id)}: `),
      );
    }
    if (this.#state.kind !== 'unloading') throw this.#illegal('disabled');
    if (this.#servableError !== undefined) throw this.error(this.#servableError);
    this.#enter(reason ? { kind: 'disabled', error: reason } : { kind: 'disabled' });
  }

  /** What went wrong, with the model and version named, by the loader or else by us. */
  #explained(reason: unknown): ServingError {
    const error = ServingError.from(reason);
    const { name, version } = this.id;
    const id = formatServableId(this.id);
    const isNamed = error.message.includes(id) || error.message.includes(`${name} version ${version}`);
    return isNamed ? error : error.prefixed(`Failed to load ${id}: `);
  }

  #step(from: LoaderHarnessStateKind, to: Exclude<LoaderHarnessStateKind, 'ready' | 'error'>): void {
    if (this.#state.kind !== from) throw this.#illegal(to);
    this.#enter({ kind: to });
  }

  #enter(state: LoaderHarnessState): void {
    this.#state = state;
    this.#options.onStateChanged?.(state);
  }

  #illegal(to: LoaderHarnessStateKind): ServingError {
    return this.error(
      new ServingError('INTERNAL', `Illegal request to transition from state ${this.#state.kind} to ${to}`),
    );
  }
}
