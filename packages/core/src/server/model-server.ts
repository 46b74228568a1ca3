/** Serves models in process: the main class of the library. */

import { serverChannel } from '../diagnostics/channels.js';
import type { ServerEvent } from '../diagnostics/events.js';
import { deriveSignatureDefs } from '../inference/derived-signature-def.js';
import { InProcessApi } from '../inference/in-process.js';
import { findModelVersionStatuses, type ModelVersionStatus } from '../inference/model-status.js';
import { attachPredictionService } from '../inference/prediction-service.js';
import { isLogged, warnOfUnavailable } from '../logging/start-warning.js';
import { attachBufferPool } from '../memory/buffer-pool.js';
import type { ClassificationRequest, ClassificationResponse } from '../messages/classification.js';
import type { ModelMetadata } from '../messages/model-metadata.js';
import type { ModelSpec } from '../messages/model-spec.js';
import type { PredictRequest, PredictResponse } from '../messages/predict.js';
import type { RegressionRequest, RegressionResponse } from '../messages/regression.js';
import { nameHint } from '../nearest-name.js';
import type { EventListener, EventSource, SubscribeOptions } from '../servable/event-bus.js';
import type { InferenceServable } from '../servable/inference-servable.js';
import type { ServableHandle } from '../servable/servable-handle.js';
import { ServingError } from '../serving-error.js';
import { attachServingThreads } from '../threads/main/serving-threads.js';
import type { ModelConfig, ModelConfigList } from './config/model-config.js';
import type { ModelServerConfig, ValidModelServerConfig } from './config/model-server-config.js';
import { validateModelServerConfig } from './config/model-server-options.js';
import { checkOptionNames } from './config/option-names.js';
import { attachModelControl } from './model-control.js';
import type { ModelServerCore } from './model-server-core.js';
import {
  type ModelServerEvents,
  type ModelServerListeners,
  type ModelServerState,
  modelServerEvents,
} from './model-server-events.js';
import { ServerCore } from './server-core.js';
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

/** The configuration of a model server in effect. */
type ModelServerFacts = Pick<ValidModelServerConfig, 'clock' | 'enforceSignatureShapes' | 'batching'>;

let create: (core: ModelServerCore, facts: ModelServerFacts) => ModelServer;

/** A model server on parts that exist. `ModelServer.start` makes its own. */
export function modelServerOn(core: ModelServerCore, facts: ModelServerFacts): ModelServer {
  return create(core, facts);
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
  readonly #core: ModelServerCore;
  readonly #inProcess: InProcessApi;

  static {
    create = (core, config) => new ModelServer(core, config);
  }

  private constructor(core: ModelServerCore, facts: ModelServerFacts) {
    if (facts === undefined)
      throw ServingError.invalidArgument('Use await ModelServer.start(…) in place of new ModelServer(…)');
    const { clock, enforceSignatureShapes, batching } = facts;
    this.#core = core;
    attachBufferPool(this, core.buffers);
    const { versions, deadlines, requestLogger } = core;
    const service = { versions, enforcesShapes: enforceSignatureShapes, deadlines, requestLogger };
    attachPredictionService(this, service);
    attachModelControl(this, {
      find: (name) => core.models.find(name),
      isBatched: (name) => Boolean(core.models.find(name)?.batching ?? batching),
      versionStates: (name) => core.monitor.getVersionStates(name),
      recentStates: () => core.monitor.boundedLog,
      problemsOf: (name) => core.availability.problemsOf(name),
      memoryOf: (name) => core.memoryOf(name),
      isParked: (name) => core.models.isParked(name),
      load: (name) => core.whileServing(() => core.models.load(name)),
      unload: (name) => core.whileServing(() => core.models.unload(name)),
      setLabel: (name, label, version) => core.whileServing(() => core.models.setLabel(name, label, version)),
      readConfiguration: core.readConfiguration && (() => core.whileServing(core.readConfiguration!)),
    });
    this.#inProcess = new InProcessApi(this, service, clock);
  }

  /**
   * Resolves when every model had its first outcome: each version found is available or has failed to load (once;
   * retries may go on), or no version was found, or the base path can't be read. No model keeps another from being
   * served, nor, unless `startPolicy` says so, the server from starting: {@link getModelStatus} tells what became of
   * each.
   *
   * When it rejects, everything is unloaded and closed. A process warning with the code `SERVING_MODELS_UNAVAILABLE` names the models that
   * are not available after the start, unless `attachLogger` logs the server, or `on` listens to `error` or `servable:end`.
   *
   * @throws ServingError `INVALID_ARGUMENT` for wrong options, naming each wrong field; `UNKNOWN` when the `startPolicy`
   * isn't met, with the reason of each failed model; what `configSource` failed with; `NOT_FOUND` for a
   * model without versions when `failIfNoModelVersionsFound`.
   */
  static async start(options: ModelServerOptions): Promise<ModelServer> {
    checkStartOptions(options);
    const { on = {}, ...rest } = options;
    const config = validateModelServerConfig(rest);
    checkOptionNames(on, Object.keys(modelServerEvents), '"on" of ModelServer.start()');
    const core = new ServerCore(config, on);
    const server = new ModelServer(core, config);
    attachServingThreads(server, core.threads);
    if (serverChannel.hasSubscribers) serverChannel.publish({ server } satisfies ServerEvent);
    await core.start();
    if (!isLogged(server, on)) warnOfUnavailable(core.unavailableModels(), core.models.names.length);
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
    checkEvent(name);
    return this.#core.events.on(name, listener, options);
  }

  once<N extends keyof ModelServerEvents>(
    name: N,
    listener: EventListener<ModelServerEvents[N]>,
    options?: SubscribeOptions,
  ): () => void {
    checkEvent(name);
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
  predict(request: PredictRequest): Promise<PredictResponse>;
  predict(request: PredictRequest, more?: unknown): Promise<PredictResponse> {
    return this.#inProcess.predict(request, more);
  }

  /**
   * Labels and scores for examples, which are plain objects of features.
   *
   * @throws ServingError as {@link predict}, `INVALID_ARGUMENT` also for a signature that isn't there or isn't of
   * Classify's form, `UNIMPLEMENTED` for a servable that takes no examples.
   */
  classify(request: ClassificationRequest): Promise<ClassificationResponse>;
  classify(request: ClassificationRequest, more?: unknown): Promise<ClassificationResponse> {
    return this.#inProcess.classify(request, more);
  }

  /**
   * One number for each example.
   *
   * @throws ServingError as {@link classify}.
   */
  regress(request: RegressionRequest): Promise<RegressionResponse>;
  regress(request: RegressionRequest, more?: unknown): Promise<RegressionResponse> {
    return this.#inProcess.regress(request, more);
  }

  /**
   * Returns a handle that keeps a version loaded, for work beyond one `predict`. For a servable of another kind than inference,
   * pass a guard that recognises it. A guard also gets a servable without its batching.
   *
   * @throws ServingError `NOT_FOUND` when the version is not available, with the error of its load as `cause` (or the problem of
   * the base path, if it has no versions). `INVALID_ARGUMENT` for an unknown label, a version that is not an int64, a version
   * together with a label, and a servable of another kind. `UNAVAILABLE` when the server is closing.
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
   * @throws ServingError `NOT_FOUND` for an unknown model or version; for a configured model with the reason why
   * it has no version. `INVALID_ARGUMENT` for a version that is not an int64.
   */
  getModelStatus({ model, version }: Omit<ModelSpec, 'label'>): ModelVersionStatus[] {
    const { monitor, availability, models } = this.#core;
    return findModelVersionStatuses(
      { model, version: version === undefined ? undefined : parseVersionOf(model, version) },
      monitor.getVersionStates(model),
      availability.problemsOf(model),
      models.names,
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
   * and changed models without an available version, with the reason for each; polls and retries continue for them.
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
   * Polls for versions of a model now, or of all models, whatever the interval of polling. Resolves when those found are
   * available or have failed to load; {@link getModelStatus} has failures.
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
   * Rejects new requests with `UNAVAILABLE` at once, waits for the requests in flight (their handles), unloads every version
   * and closes the platforms. After `timeoutMs` it gives up the runs in flight, unloads every version without a handle, and
   * resolves. An `error` event then names the versions that are still held; each is unloaded when its handles are released.
   *
   * Further calls return the same shutdown, and the shortest timeout applies. `getModelStatus` works afterwards, too.
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

function checkEvent(name: string): void {
  if (Object.hasOwn(modelServerEvents, name)) return;
  throw ServingError.invalidArgument(`Unknown event ${JSON.stringify(name)} of a model server`, {
    hint: nameHint(name, Object.keys(modelServerEvents), 'Events'),
  });
}

function checkStartOptions(options: unknown): void {
  if (typeof options === 'object' && options !== null) return;
  throw ServingError.invalidArgument(
    `ModelServer.start() needs an object of options (got ${options}), such as ` +
      "{ models: [{ name: 'digits', basePath: './models/digits' }], platforms: { tensorflow: savedModelPlatform() } }",
  );
}
