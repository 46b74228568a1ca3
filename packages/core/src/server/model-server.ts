/** Serves models in process: the front door of the library. */

import { serverChannel } from '../diagnostics/channels.js';
import type { ServerEvent } from '../diagnostics/events.js';
import { deriveSignatureDefs } from '../inference/derived-signature-def.js';
import { InProcessApi } from '../inference/in-process.js';
import { findModelVersionStatuses, type ModelVersionStatus } from '../inference/model-status.js';
import { attachPredictionService } from '../inference/prediction-service.js';
import { attachBufferPool } from '../memory/buffer-pool.js';
import type { ClassificationRequest, ClassificationResponse } from '../messages/classification.js';
import type { ModelMetadata } from '../messages/model-metadata.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { PredictRequest, PredictResponse } from '../messages/predict.js';
import type { RegressionRequest, RegressionResponse } from '../messages/regression.js';
import type { EventListener, EventSource, SubscribeOptions } from '../servable/event-bus.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import type { ModelConfig, ModelConfigList } from './config/model-config.js';
import type { ModelServerConfig, ValidModelServerConfig } from './config/model-server-config.js';
import { validateModelServerConfig } from './config/model-server-options.js';
import { checkOptionNames } from './config/option-names.js';
import { attachModelControl } from './model-control.js';
import { type ModelServerEvents, type ModelServerState, modelServerEvents } from './model-server-events.js';
import { type ModelServerListeners, ServerCore } from './server-core.js';
import { parseVersionOf } from './version-lookup.js';

/** {@link ModelServerConfig}, and who listens from the beginning. */
export interface ModelServerOptions extends ModelServerConfig {
  /** Subscribed before anything happens, so that they see the first loads. */
  readonly on?: ModelServerListeners;
}

/** How long a closing server waits. */
export interface CloseOptions {
  /**
   * Milliseconds after which runs with a signal or a deadline, as all over REST have, are given up with `UNAVAILABLE`,
   * and handles are no longer waited for. Default: no limit.
   */
  readonly timeoutMs?: number;
}

/**
 * Finds versions of models, loads and unloads them, and answers requests with them. Its timers don't keep the process
 * alive.
 *
 * @example
 * ```ts
 * const server = await ModelServer.start({
 *   models: [{ name: 'digits', basePath: './models/digits' }],
 *   platforms: { tensorflow: savedModelPlatform() },
 * });
 * const { outputs } = await server.predict({ model: 'digits', inputs: { image: pixels } });
 * await server.close();
 * ```
 */
export class ModelServer implements AsyncDisposable, EventSource<ModelServerEvents> {
  readonly #core: ServerCore;
  readonly #inProcess: InProcessApi;

  private constructor(core: ServerCore, { clock, enforceSignatureShapes }: ValidModelServerConfig) {
    this.#core = core;
    attachBufferPool(this, core.buffers);
    const { versions, deadlines, requestLogger } = core;
    const service = { versions, enforcesShapes: enforceSignatureShapes, deadlines, requestLogger };
    attachPredictionService(this, service);
    attachModelControl(this, {
      find: (name) => core.models.find(name),
      isParked: (name) => core.models.isParked(name),
      load: (name) => core.whileServing(() => core.models.load(name)),
      unload: (name) => core.whileServing(() => core.models.unload(name)),
    });
    this.#inProcess = new InProcessApi(this, service, clock);
  }

  /**
   * Resolves when every model had its first outcome: each version found is available or has failed to load (once;
   * retries may go on), or no version was found, or the base path can't be read. No model keeps another from being
   * served, nor, unless `startPolicy` says so, the server from starting: {@link getModelStatus} tells what became of
   * each.
   *
   * When it rejects, everything is unloaded and closed.
   *
   * @throws ServingError `INVALID_ARGUMENT` for wrong options, naming each wrong field; `UNKNOWN` when the `startPolicy`
   * isn't met, with the reason of each failed model; what `configSource` failed with; `NOT_FOUND` for a
   * model without versions when `failIfNoModelVersionsFound`.
   */
  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const { on = {}, ...rest } = options;
    const config = validateModelServerConfig(rest);
    checkOptionNames(on, Object.keys(modelServerEvents), '"on" of ModelServer.start()');
    const core = new ServerCore(config, on);
    const server = new ModelServer(core, config);
    if (serverChannel.hasSubscribers) serverChannel.publish({ server } satisfies ServerEvent);
    await core.start();
    return server;
  }

  /** Where the server is in its life; `starting` only for listeners of the channel `serving:server`. */
  get state(): ModelServerState {
    return this.#core.state;
  }

  /** The names of the configured models, in their order. */
  get modelNames(): readonly string[] {
    return this.#core.models.names;
  }

  on<N extends keyof ModelServerEvents>(
    name: N,
    listener: EventListener<ModelServerEvents[N]>,
    options?: SubscribeOptions,
  ): () => void {
    return this.#core.events.on(name, listener, options);
  }

  once<N extends keyof ModelServerEvents>(
    name: N,
    listener: EventListener<ModelServerEvents[N]>,
    options?: SubscribeOptions,
  ): () => void {
    return this.#core.events.once(name, listener, options);
  }

  off<N extends keyof ModelServerEvents>(name: N, listener: EventListener<ModelServerEvents[N]>): void {
    this.#core.events.off(name, listener);
  }

  /**
   * Converts the inputs to the signature's data types, runs, and gives the outputs as tensors that are the caller's own.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT` for the model, version or label, `FAILED_PRECONDITION` for the
   * signature, `INVALID_ARGUMENT` for inputs and output filter, `CANCELLED`, `DEADLINE_EXCEEDED`, `UNAVAILABLE` when the
   * server is closing, or what the run failed with.
   */
  predict(request: PredictRequest): Promise<PredictResponse> {
    return this.#inProcess.predict(request);
  }

  /**
   * Labels and scores for examples, which are plain objects of features.
   *
   * @throws ServingError as {@link predict}, `INVALID_ARGUMENT` also for a signature that isn't there or isn't of
   * Classify's form, `UNIMPLEMENTED` for a servable that takes no examples.
   */
  classify(request: ClassificationRequest): Promise<ClassificationResponse> {
    return this.#inProcess.classify(request);
  }

  /**
   * One number for each example.
   *
   * @throws ServingError as {@link classify}.
   */
  regress(request: RegressionRequest): Promise<RegressionResponse> {
    return this.#inProcess.regress(request);
  }

  /**
   * A hold on a version, for work that goes beyond one predict. A servable that isn't for inference is had by a guard
   * that recognises it; so is one whose requests are batched, as what it is without batching.
   *
   * @throws ServingError `NOT_FOUND` when there is no such version available, with what its load failed of as `cause`
   * (where nothing was found, what is wrong with the base path), `INVALID_ARGUMENT` for an unknown label,
   * for a version that is not an int64 or comes together with a label, and for a servable of another kind, `UNAVAILABLE` when the server is closing.
   */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
  getServableHandle<T>(spec: ModelSpec, isExpected?: (servable: unknown) => servable is T): ServableHandle<unknown> {
    const { versions } = this.#core;
    return isExpected ? versions.getServableHandle(spec, isExpected) : versions.getServableHandle(spec);
  }

  /**
   * The versions known of a model, highest first; those that were unloaded or failed too.
   *
   * @throws ServingError `NOT_FOUND` for a model or version never heard of; for a configured model with the reason why
   * it has no version. `INVALID_ARGUMENT` for a version that is not an int64.
   */
  getModelStatus({ model, version }: Omit<ModelSpec, 'label'>): ModelVersionStatus[] {
    const { monitor, availability } = this.#core;
    return findModelVersionStatuses(
      { model, version: version === undefined ? undefined : parseVersionOf(model, version) },
      monitor.getVersionStates(model),
      availability.problemsOf(model),
    );
  }

  /**
   * The signatures of a version, as the model's author exported them; for a servable without SignatureDefs they are made of its signatures.
   *
   * @throws ServingError as {@link getServableHandle}.
   */
  getModelMetadata(spec: ModelSpec): ModelMetadata {
    const handle = this.getServableHandle(spec);
    try {
      const { signatureDefs, signatures } = handle.servable;
      const { name, version } = handle.id;
      return { model: name, version, signatureDef: signatureDefs ?? deriveSignatureDefs(signatures) };
    } finally {
      handle.release();
    }
  }

  /**
   * Replaces the list of models, whole or not at all. What is new or has another base path or version policy is looked
   * at now, what is listed no more is unloaded, labels are replaced, and a model that is listed as before notices
   * nothing. A version that is loaded stays so when only the base path changes.
   *
   * The new list is in place when the call returns, so that reloads take effect in the order of their calls. The promise
   * resolves when it is in effect: each version found of a new or changed model had its first outcome, and models listed
   * no more are unloaded (their handles released). Where a later call changes the same model again, only that one waits
   * for it.
   *
   * @throws ServingError with nothing changed, `INVALID_ARGUMENT` for a wrong list, naming each wrong field, such as a
   * name that is listed twice or another platform for a model; `FAILED_PRECONDITION` for a label that is new or moves to
   * a version that is not available; `UNAVAILABLE` when the server is closing. With the list in place, `UNKNOWN` for new
   * and changed models without an available version, with the reason for each; looks and retries go on for them.
   */
  reload(config: ModelConfigList): Promise<void> {
    return this.#core.whileServing(() => this.#core.models.reload(config));
  }

  /** {@link reload} with one more model. @throws ServingError also `ALREADY_EXISTS`. */
  addModel(model: ModelConfig): Promise<void> {
    return this.#core.whileServing(() => this.#core.models.add(model));
  }

  /** {@link reload} without a model. @throws ServingError also `NOT_FOUND`. */
  removeModel(name: string): Promise<void> {
    return this.#core.whileServing(() => this.#core.models.remove(name));
  }

  /**
   * Looks for versions of a model now, or of all models, whatever the interval of polling. Resolves when those found are
   * available or have failed to load; failures are for {@link getModelStatus} to tell.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not configured, `UNAVAILABLE` when the server is closing.
   */
  poll(model?: string): Promise<void> {
    return this.#core.whileServing(() => this.#core.models.poll(model));
  }

  /**
   * Announces the close: readiness and the health services report "not serving", `server:draining` is published, and requests
   * are still answered. Call it some time before {@link close}, so that load balancers stop sending. Ignored when called
   * again, and after `close`.
   */
  drain(): void {
    this.#core.drain();
  }

  /**
   * Refuses new requests with `UNAVAILABLE` at once, waits for those under way (their handles), unloads every version
   * and closes the platforms. After `timeoutMs` it gives up the runs under way, unloads what isn't held, and resolves;
   * an `error` event tells what is still held, which is unloaded, and its platform closed, when it is released.
   *
   * May be called again: it is the same closing, and the shortest time counts. Status can still be asked afterwards.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a wrong `timeoutMs`, and for unknown options.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      checkOptionNames(options, ['timeoutMs'], 'ModelServer.close()');
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#core.close(options.timeoutMs);
  }

  /** {@link ModelServer.close} without a limit, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
