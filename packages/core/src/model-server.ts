/** Serves models in process: the front door of the library. */

import { answerExampleRequest } from './apis/answer-example-request.js';
import type { ClassificationRequest, ClassificationResponse } from './apis/classification.js';
import { classify, toClassifications } from './apis/classify.js';
import { deriveSignatureDefs } from './apis/derived-signature-def.js';
import type { ModelMetadata } from './apis/get-model-metadata.js';
import { type ModelVersionStatus, modelVersionStatus } from './apis/get-model-status.js';
import type { ModelSpec } from './apis/model-spec.js';
import type { PredictRequest, PredictResponse } from './apis/predict.js';
import { checkOutputFilter, toNamedTensors } from './apis/predict-inputs.js';
import { regress } from './apis/regress.js';
import type { RegressionRequest, RegressionResponse } from './apis/regression.js';
import { CloseSequence } from './close-sequence.js';
import { ConditionWaits } from './condition-waits.js';
import type { ModelConfig, ModelConfigList } from './config/model-config.js';
import {
  type ModelServerConfig,
  type ValidModelServerConfig,
  validateModelServerConfig,
} from './config/model-server-config.js';
import { ConfigSourcePoller } from './config-source-poller.js';
import { ConfiguredModels } from './configured-models.js';
import { DeadlineTimer } from './deadline-timer.js';
import { runWithLimits } from './limited-run.js';
import { ModelAvailability } from './model-availability.js';
import { ModelServerChain } from './model-server-chain.js';
import type { ModelServerEvents } from './model-server-events.js';
import { EventBus, type EventListener, type EventSource, type SubscribeOptions } from './servable/event-bus.js';
import { type InferenceServable, isInferenceServable, type RunOptions } from './servable/inference-servable.js';
import type { ServableHandle } from './servable/servable-handle.js';
import { ServableStateMonitor } from './servable/servable-state-monitor.js';
import { DEFAULT_SIGNATURE_NAME, type Signature } from './servable/signature.js';
import { ServingError } from './serving-error.js';
import type { NamedTensors } from './tensor/tensor.js';
import { VersionLabels } from './version-labels.js';

/** {@link ModelServerConfig}, and who listens from the beginning. */
export interface ModelServerOptions extends ModelServerConfig {
  /** Subscribed before anything happens, so that they see the first loads. */
  readonly on?: { readonly [N in keyof ModelServerEvents]?: EventListener<ModelServerEvents[N]> };
}

/** `starting` until `start` resolves, `draining` from the call of `close`, `closed` when that has resolved. */
export type ModelServerState = 'starting' | 'serving' | 'draining' | 'closed';

export interface CloseOptions {
  /**
   * Milliseconds after which runs with a signal or a deadline, as all over REST have, are given up with `UNAVAILABLE`, and
   * handles are no longer waited for. Default: no limit.
   */
  readonly timeoutMs?: number;
}

/**
 * Finds versions of models, loads and unloads them, and answers requests with them. Its timers don't keep the process alive.
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
  readonly #config: ValidModelServerConfig;
  readonly #events: EventBus<ModelServerEvents>;
  readonly #monitor: ServableStateMonitor;
  readonly #availability: ModelAvailability;
  readonly #labels: VersionLabels;
  readonly #chain: ModelServerChain;
  readonly #models: ConfiguredModels;
  readonly #configSource: ConfigSourcePoller | undefined;
  readonly #deadlines: DeadlineTimer;
  readonly #waits = new ConditionWaits();
  #lifecycle: Lifecycle = { kind: 'starting' };

  private constructor(config: ValidModelServerConfig, listeners: ModelServerOptions['on']) {
    this.#config = config;
    this.#events = new EventBus((error, name) => this.#onSubscriberError(error, name));
    this.#monitor = new ServableStateMonitor(config.clock);
    this.#availability = new ModelAvailability(this.#monitor);
    this.#deadlines = new DeadlineTimer(config.clock);
    subscribeAll(this.#events, listeners ?? {});
    const onError = (error: ServingError): void => this.#events.publish('error', error);
    this.#chain = new ModelServerChain(config, {
      publish: (state) => {
        this.#monitor.record(state);
        this.#waits.somethingChanged();
        this.#events.publish(`servable:${state.managerState}`, state);
      },
      onError,
      onPolled: (model, outcome) => this.#availability.recordLook(model, outcome).forEach(onError),
    });
    this.#labels = new VersionLabels({
      ...config,
      isAvailable: (model, version) => this.#monitor.getState(model, version)?.state.managerState === 'available',
    });
    this.#models = new ConfiguredModels({
      config,
      chain: this.#chain,
      labels: this.#labels,
      monitor: this.#monitor,
      availability: this.#availability,
      waits: this.#waits,
      onReloaded: (list) => this.#events.publish('config:reloaded', list),
    });
    this.#configSource =
      config.configSource &&
      new ConfigSourcePoller({
        source: config.configSource,
        context: config,
        clock: config.clock,
        replace: (models) => this.#models.replace(models),
        onError,
      });
  }

  /**
   * Resolves when every model had its first outcome: each version found is available or has failed to load (once; retries
   * may go on), or no version was found, or the base path can't be read. No model keeps another from being served, nor,
   * unless `startPolicy` says so, the server from starting: {@link getModelStatus} tells what became of each.
   *
   * When it rejects, everything is unloaded and closed.
   *
   * @throws ServingError `INVALID_ARGUMENT` for wrong options, naming each wrong field; `UNKNOWN` when the `startPolicy` isn't
   * met, with the reason of each failed model; what `configSource` failed with; `NOT_FOUND` or `INVALID_ARGUMENT` for a model without
   * versions when `failIfNoModelVersionsFound`.
   */
  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const { on, ...config } = options;
    const server = new ModelServer(validateModelServerConfig(config), on);
    try {
      await server.#start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  async #start(): Promise<void> {
    const models = this.#config.models ?? (await this.#configSource?.readFirst()) ?? [];
    await this.#models.start(models);
    this.#lifecycle = { kind: 'serving' };
    this.#configSource?.begin(models);
  }

  get state(): ModelServerState {
    return this.#lifecycle.kind;
  }

  /** The names of the configured models, in their order. */
  get models(): readonly string[] {
    return this.#models.names;
  }

  on<N extends keyof ModelServerEvents>(
    name: N,
    listener: EventListener<ModelServerEvents[N]>,
    options?: SubscribeOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  once<N extends keyof ModelServerEvents>(
    name: N,
    listener: EventListener<ModelServerEvents[N]>,
    options?: SubscribeOptions,
  ): () => void {
    return this.#events.once(name, listener, options);
  }

  off<N extends keyof ModelServerEvents>(name: N, listener: EventListener<ModelServerEvents[N]>): void {
    this.#events.off(name, listener);
  }

  /**
   * Converts the inputs to the signature's data types, runs, and gives the outputs as tensors that are the caller's own.
   *
   * @throws ServingError `NOT_FOUND` or `INVALID_ARGUMENT` for the model, version or label, `FAILED_PRECONDITION` for the
   * signature, `INVALID_ARGUMENT` for inputs and output filter, `CANCELLED`, `DEADLINE_EXCEEDED`, `UNAVAILABLE` when the
   * server is closing, or what the run failed with.
   */
  async predict(request: PredictRequest): Promise<PredictResponse> {
    const handle = this.getServableHandle(request);
    try {
      const signatureName = request.signatureName || DEFAULT_SIGNATURE_NAME;
      const signature = handle.servable.signatures.get(signatureName);
      if (!signature) {
        throw new ServingError('FAILED_PRECONDITION', `Serving signature key "${signatureName}" not found.`);
      }
      let inputs: NamedTensors;
      try {
        inputs = toNamedTensors(request.inputs, signature);
        if (request.outputFilter) checkOutputFilter(request.outputFilter, signature);
      } catch (error) {
        const { name, version } = handle.id;
        throw ServingError.from(error).prefixed(`Model ${name} version ${version}, signature "${signatureName}": `);
      }
      const outputs =
        (request.signal?.aborted ? undefined : this.runNow(handle, signature, inputs, request.outputFilter)) ??
        (await this.run(handle, signature, inputs, this.#runOptions(request)));
      return { modelSpec: { name: handle.id.name, version: handle.id.version, signatureName }, outputs };
    } finally {
      handle.release();
    }
  }

  /**
   * Labels and scores for examples, which are plain objects of features.
   *
   * @throws ServingError as {@link predict}, `INVALID_ARGUMENT` also for a signature that isn't there or isn't of Classify's
   * form, `UNIMPLEMENTED` for a servable that takes no examples.
   */
  async classify(request: ClassificationRequest): Promise<ClassificationResponse> {
    const { modelSpec, result } = await answerExampleRequest(this, request, this.#runOptions(request), classify);
    return { modelSpec, classifications: toClassifications(result) };
  }

  /**
   * One number for each example.
   *
   * @throws ServingError as {@link classify}.
   */
  async regress(request: RegressionRequest): Promise<RegressionResponse> {
    const { modelSpec, result } = await answerExampleRequest(this, request, this.#runOptions(request), regress);
    return { modelSpec, values: result.values };
  }

  /**
   * A hold on a version, for work that goes beyond one predict. A servable that isn't for inference is had by a guard
   * that recognises it.
   *
   * @throws ServingError `NOT_FOUND` when there is no such version available, `INVALID_ARGUMENT` for an unknown label,
   * for a version together with a label, and for a servable of another kind, `UNAVAILABLE` when the server is closing.
   */
  getServableHandle(spec: ModelSpec): ServableHandle<InferenceServable>;
  getServableHandle<T>(spec: ModelSpec, isExpected: (servable: unknown) => servable is T): ServableHandle<T>;
  getServableHandle(
    spec: ModelSpec,
    isExpected: (servable: unknown) => boolean = isInferenceServable,
  ): ServableHandle<unknown> {
    if (this.#lifecycle.kind !== 'serving') throw this.#unavailable();
    const handle = this.#chain.manager.getServableHandle({ name: spec.model, version: this.#version(spec) });
    if (isExpected(handle.servable)) return handle;
    handle.release();
    throw new ServingError('INVALID_ARGUMENT', "Servable type doesn't match the asked for type.");
  }

  /**
   * The one way by which requests of every API run. Inputs are complete and of the signature's data types, and the handle
   * stays the caller's. When a signal or deadline ends the wait, the version is held on until the servable is done.
   *
   * @throws ServingError whatever went wrong.
   */
  async run(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    inputs: NamedTensors,
    options?: RunOptions,
  ): Promise<NamedTensors> {
    try {
      if (options?.signal === undefined && options?.deadline === undefined) {
        return await handle.servable.run(signature, inputs, options);
      }
      return await runWithLimits(handle, signature, inputs, options, this.#deadlines);
    } catch (error) {
      throw ServingError.from(error);
    }
  }

  /**
   * {@link run} for servables that know this run to take microseconds: the outputs are there when it returns. `undefined`,
   * with nothing done, when that isn't so and `run` is the way.
   *
   * @throws ServingError what `run` rejects with.
   */
  runNow(
    handle: ServableHandle<InferenceServable>,
    signature: Signature,
    inputs: NamedTensors,
    outputs?: readonly string[],
  ): NamedTensors | undefined {
    try {
      return handle.servable.runNow?.(signature, inputs, outputs);
    } catch (error) {
      throw ServingError.from(error);
    }
  }

  /**
   * The versions known of a model, highest first; those that were unloaded or failed too.
   *
   * @throws ServingError `NOT_FOUND` for a model or version never heard of; for a configured model with the reason why
   * it has no version.
   */
  getModelStatus({ model, version }: { readonly model: string; readonly version?: number }): ModelVersionStatus[] {
    const states = this.#monitor.getVersionStates(model).map(({ state }) => state);
    if (states.length === 0) {
      const text = [`Could not find any versions of model ${model}`, ...this.#availability.problemsOf(model)].join(
        ': ',
      );
      throw new ServingError('NOT_FOUND', text);
    }
    if (version === undefined) return states.map(modelVersionStatus);
    const state = states.find(({ id }) => id.version === version);
    if (!state) throw new ServingError('NOT_FOUND', `Could not find version ${version} of model ${model}`);
    return [modelVersionStatus(state)];
  }

  /** @throws ServingError as {@link getServableHandle}. */
  getModelMetadata(spec: ModelSpec): ModelMetadata {
    const handle = this.getServableHandle(spec);
    try {
      const { signatureDefs, signatures } = handle.servable;
      const { name, version } = handle.id;
      return { modelSpec: { name, version }, signatureDef: signatureDefs ?? deriveSignatureDefs(signatures) };
    } finally {
      handle.release();
    }
  }

  /**
   * Replaces the list of models, whole or not at all. What is new or has another base path or version policy is looked at now,
   * what is listed no more is unloaded, labels are replaced, and a model that is listed as before notices nothing. A version that
   * is loaded stays so when only the base path changes.
   *
   * The new list is in place when the call returns, so that reloads take effect in the order of their calls. The promise
   * resolves when it is in effect: each version found of a new or changed model had its first outcome, and models listed
   * no more are unloaded (their handles released). Where a later call changes the same model again, only that one waits for it.
   *
   * @throws ServingError with nothing changed, `INVALID_ARGUMENT` for a wrong list, naming each wrong field, such as a name that
   * is listed twice or another platform for a model; `FAILED_PRECONDITION` for a label that is new or moves to a version that is not
   * available; `UNAVAILABLE` when the server is closing. With the list in place, `UNKNOWN` for new and changed models without an available
   * version, with the reason for each; looks and retries go on for them.
   */
  reload(config: ModelConfigList): Promise<void> {
    return this.#whileServing(() => this.#models.reload(config));
  }

  /** {@link reload} with one more model. @throws ServingError also `ALREADY_EXISTS`. */
  addModel(model: ModelConfig): Promise<void> {
    return this.#whileServing(() => this.#models.add(model));
  }

  /** {@link reload} without a model. @throws ServingError also `NOT_FOUND`. */
  removeModel(name: string): Promise<void> {
    return this.#whileServing(() => this.#models.remove(name));
  }

  /**
   * Looks for versions of a model now, or of all models, whatever the interval of polling. Resolves when those found are available
   * or have failed to load; failures are for {@link getModelStatus} to tell.
   *
   * @throws ServingError `NOT_FOUND` for a model that is not configured, `UNAVAILABLE` when the server is closing.
   */
  poll(model?: string): Promise<void> {
    return this.#whileServing(() => this.#models.poll(model));
  }

  /**
   * Refuses new requests with `UNAVAILABLE` at once, waits for those under way (their handles), unloads every version and
   * closes the platforms. After `timeoutMs` it gives up the runs under way, unloads what isn't held, and resolves; an `error`
   * event tells what is still held, which is unloaded, and its platform closed, when it is released.
   *
   * May be called again: it is the same closing, and the shortest time counts. Status can still be asked afterwards.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a wrong `timeoutMs`.
   */
  close({ timeoutMs }: CloseOptions = {}): Promise<void> {
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      const message = `timeoutMs: expected a number from 0, got ${timeoutMs}`;
      return Promise.reject(new ServingError('INVALID_ARGUMENT', message));
    }
    if (this.#lifecycle.kind === 'starting' || this.#lifecycle.kind === 'serving') this.#beginClose();
    const { sequence, done } = this.#lifecycle as Closing;
    if (timeoutMs !== undefined) sequence.limit(timeoutMs);
    return done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #version({ model, version, label }: ModelSpec): number | undefined {
    if (!model) throw new ServingError('INVALID_ARGUMENT', 'ModelSpec has no name specified.');
    if (label === undefined) return version;
    if (version === undefined) return this.#labels.resolve(model, label);
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A request for model ${model} names version ${version} and label ${label}; only one of them can be meant`,
    );
  }

  #runOptions({ outputFilter, signal, timeoutMs }: Omit<PredictRequest, 'inputs'>): RunOptions | undefined {
    if (!outputFilter && !signal && timeoutMs === undefined) return undefined;
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) {
      throw new ServingError('INVALID_ARGUMENT', `timeoutMs: expected a number from 0, got ${timeoutMs}`);
    }
    return {
      ...(outputFilter && { outputs: outputFilter }),
      ...(signal && { signal }),
      ...(timeoutMs !== undefined && { deadline: this.#config.clock.now() + timeoutMs }),
    };
  }

  async #whileServing(change: () => Promise<void>): Promise<void> {
    if (this.#lifecycle.kind !== 'serving') throw this.#unavailable();
    try {
      await change();
    } catch (error) {
      throw this.state === 'serving' ? error : this.#unavailable();
    }
  }

  #beginClose(): void {
    this.#configSource?.close();
    const sequence = new CloseSequence({
      chain: this.#chain,
      deadlines: this.#deadlines,
      clock: this.#config.clock,
      waits: this.#waits,
      onError: (error) => this.#events.publish('error', error),
    });
    const done = sequence.over.then(() => {
      this.#lifecycle = { kind: 'closed', sequence, done };
    });
    this.#lifecycle = { kind: 'draining', sequence, done };
  }

  #unavailable(): ServingError {
    return new ServingError('UNAVAILABLE', `The model server is ${this.#lifecycle.kind}`);
  }

  #onSubscriberError(error: unknown, eventName: string): void {
    if (eventName === 'error') return;
    this.#events.publish('error', ServingError.from(error).prefixed(`A subscriber to ${eventName} failed: `));
  }
}

interface Closing {
  readonly kind: 'draining' | 'closed';
  readonly sequence: CloseSequence;
  readonly done: Promise<void>;
}

type Lifecycle = { readonly kind: 'starting' } | { readonly kind: 'serving' } | Closing;

type Listeners = NonNullable<ModelServerOptions['on']>;

function subscribeAll(events: EventBus<ModelServerEvents>, listeners: Listeners): void {
  const subscribe = <N extends keyof ModelServerEvents>(name: N): void => {
    const listener: EventListener<ModelServerEvents[N]> | undefined = listeners[name];
    if (listener) events.on(name, listener);
  };
  for (const name of Object.keys(listeners)) subscribe(name as keyof ModelServerEvents);
}
