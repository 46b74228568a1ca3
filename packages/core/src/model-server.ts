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
import {
  type ModelServerConfig,
  type ValidModelServerConfig,
  validateModelServerConfig,
} from './config/model-server-config.js';
import { DeadlineTimer } from './deadline-timer.js';
import { runWithLimits } from './limited-run.js';
import { ModelServerChain } from './model-server-chain.js';
import type { ModelServerEvents } from './model-server-events.js';
import { PollProblems } from './poll-problems.js';
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

export type ModelServerState = 'starting' | 'serving' | 'draining' | 'closed';

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
  readonly #labels: VersionLabels;
  readonly #chain: ModelServerChain;
  readonly #deadlines: DeadlineTimer;
  readonly #pollProblems = new PollProblems();
  #lifecycle: Lifecycle = { kind: 'starting' };

  private constructor(config: ValidModelServerConfig, listeners: ModelServerOptions['on']) {
    this.#config = config;
    this.#events = new EventBus((error, name) => this.#onSubscriberError(error, name));
    this.#monitor = new ServableStateMonitor(config.clock);
    this.#deadlines = new DeadlineTimer(config.clock);
    this.#labels = new VersionLabels(new Map(config.models.map(({ name, versionLabels }) => [name, versionLabels])));
    subscribeAll(this.#events, listeners ?? {});
    this.#chain = new ModelServerChain(config, {
      publish: (state) => {
        this.#monitor.record(state);
        this.#events.publish(`servable:${state.managerState}`, state);
      },
      onError: (error) => this.#events.publish('error', error),
      onPolled: (model, { problems }) => {
        for (const problem of this.#pollProblems.update(model, problems)) this.#events.publish('error', problem);
      },
    });
  }

  /**
   * Resolves when every model had its first outcome: each version found is available or has failed to load (once; retries
   * may go on), or no version was found, or the base path can't be read. No model keeps another from being served, nor
   * the server from starting: {@link getModelStatus} tells what became of each.
   *
   * @throws ServingError `INVALID_ARGUMENT` for wrong options, naming each wrong field.
   */
  static async start(options: ModelServerOptions): Promise<ModelServer> {
    const { on, ...config } = options;
    const server = new ModelServer(validateModelServerConfig(config), on);
    await server.#chain.start();
    server.#lifecycle = { kind: 'serving' };
    return server;
  }

  get state(): ModelServerState {
    return this.#lifecycle.kind;
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
      const text = [`Could not find any versions of model ${model}`, ...this.#pollProblems.of(model)].join(': ');
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
   * Refuses new requests with `UNAVAILABLE`, waits for those under way (their handles), unloads every version and closes
   * the platforms. May be called again: it is the same closing. Status can still be asked afterwards.
   */
  close(): Promise<void> {
    switch (this.#lifecycle.kind) {
      case 'draining':
      case 'closed':
        return this.#lifecycle.done;
      case 'starting':
      case 'serving': {
        const done = this.#chain.close().then(() => {
          this.#lifecycle = { kind: 'closed', done };
        });
        this.#lifecycle = { kind: 'draining', done };
        return done;
      }
    }
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

  #unavailable(): ServingError {
    return new ServingError('UNAVAILABLE', `The model server is ${this.#lifecycle.kind}`);
  }

  #onSubscriberError(error: unknown, eventName: string): void {
    if (eventName === 'error') return;
    this.#events.publish('error', ServingError.from(error).prefixed(`A subscriber to ${eventName} failed: `));
  }
}

type Lifecycle =
  | { readonly kind: 'starting' }
  | { readonly kind: 'serving' }
  | { readonly kind: 'draining'; readonly done: Promise<void> }
  | { readonly kind: 'closed'; readonly done: Promise<void> };

type Listeners = NonNullable<ModelServerOptions['on']>;

function subscribeAll(events: EventBus<ModelServerEvents>, listeners: Listeners): void {
  const subscribe = <N extends keyof ModelServerEvents>(name: N): void => {
    const listener: EventListener<ModelServerEvents[N]> | undefined = listeners[name];
    if (listener) events.on(name, listener);
  };
  for (const name of Object.keys(listeners)) subscribe(name as keyof ModelServerEvents);
}
