/** A SavedModel loaded by TensorFlow. */
import { ServingError } from '@serving/core';
import type { SlotsView } from '@serving/core/extend';
import { builtModuleUrl } from '@serving/core/internal';
import { dataTypeEnumName, dataTypeFromNumber, dataTypeInfo, isTensorDataType } from '@serving/core/tensor';
import type { LoadedFor, PreparedRun, Session, SessionOptions, SharedSession } from '@serving/engine';
import { type Address, callAsync, SessionRuns } from '@serving/engine/native';
import { throwIfFailed } from '../native/native-status.js';
import { GraphCall, type GraphTensor, StatusPool } from './graph-call.js';
import type { RuntimeContext, SharedRuntime } from './runtime-context.js';
import { newSessionOptions } from './session-options.js';
import { parseTensorName } from './tensor-name.js';
import { type KernelThreads, threadPools } from './thread-pools.js';

/** A session by its addresses, which are the process's. */
export interface SharedTensorFlowSession {
  readonly session: Address;
  readonly graph: Address;
  /** Whether kernels use the thread of the run alone, which the thread that loaded it knows. */
  readonly isSingleThreaded: boolean;
  readonly runtime: SharedRuntime;
}

/** Its runs are counted, so that `close` frees the model after the last of them. */
export class TensorFlowSession implements Session {
  readonly libraryVersion: string;
  readonly slots: SlotsView;
  readonly #context: RuntimeContext;
  readonly #session: Address;
  readonly #graph: Address;
  readonly #statuses: StatusPool;
  readonly #runs: SessionRuns;
  /** Of a session that this thread has loaded. */
  readonly #threads: KernelThreads | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    context: RuntimeContext,
    { session, graph, isSingleThreaded }: Omit<SharedTensorFlowSession, 'runtime'>,
    threads?: KernelThreads,
    hasOwnProcess = false,
  ) {
    this.#threads = threads;
    const place = { isSingleThreaded, isShared: threads === undefined, hasOwnProcess };
    this.#runs = new SessionRuns(context.slots.openLane(), place);
    this.libraryVersion = context.api.version;
    this.slots = context.slots;
    this.#context = context;
    this.#session = session;
    this.#graph = graph;
    this.#statuses = new StatusPool(context);
  }

  /**
   * Loads on a thread of the pool, when a slot is free. A load that fails leaves nothing behind.
   *
   * @throws ServingError with TensorFlow's code and message.
   */
  static load(
    context: RuntimeContext,
    directory: string,
    tags: readonly string[],
    options: SessionOptions,
    { hasSmallKernels = false, hasOwnProcess }: LoadedFor,
  ): Promise<TensorFlowSession> {
    return context.slots.runLifecycle(async () => {
      const { api } = context;
      const threads = threadPools().take(options, hasSmallKernels);
      const { intraOpThreads } = threads;
      const status = api.newStatus();
      const graph = api.newGraph();
      let sessionOptions = 0;
      let session = 0;
      try {
        sessionOptions = newSessionOptions(api, { ...options, intraOpThreads }, status);
        session = await callAsync(
          api.loadSessionFromSavedModel,
          sessionOptions,
          0,
          directory,
          tags,
          tags.length,
          graph,
          0,
          status,
        );
        throwIfFailed(api, status);
        const loaded = { session, graph, isSingleThreaded: threads.isSingle };
        return new TensorFlowSession(context, loaded, threads, hasOwnProcess);
      } finally {
        if (session === 0) {
          threads.release();
          await callAsync(api.deleteGraph, graph);
        }
        if (sessionOptions !== 0) api.deleteSessionOptions(sessionOptions);
        api.deleteStatus(status);
      }
    });
  }

  /** A session that another thread has loaded, and holds until this one is closed. */
  static ofShared(context: RuntimeContext, shared: SharedTensorFlowSession): TensorFlowSession {
    return new TensorFlowSession(context, shared);
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    this.#runs.throwIfClosed();
    const inputs = feeds.map((name) =>
      this.#find(name, {
        missing: `FeedInputs: unable to find feed output ${name}`,
        tooLarge: (count) => `FeedInputs: ${name} should have output index < ${count}`,
      }),
    );
    const outputs = fetches.map((name) =>
      this.#find(name, {
        missing: `FetchOutputs node ${name}: not found`,
        tooLarge: (count) => `FetchOutputs ${name}: output index too large, must be < ${count}`,
      }),
    );
    for (const [i, { name, operation, index }] of inputs.entries()) {
      if (inputs.findIndex((other) => other.operation === operation && other.index === index) !== i) {
        throw new ServingError('INVALID_ARGUMENT', `Endpoint "${name}" fed more than once.`);
      }
    }
    for (const output of outputs) this.#checkReadable(output);
    const call = new GraphCall(this.#context, this.#session, this.#statuses, this.#runs, inputs, outputs);
    return this.#context.runs.prepare(this.#runs, call, inputs.length);
  }

  share(): SharedSession {
    const data: SharedTensorFlowSession = {
      session: this.#session,
      graph: this.#graph,
      isSingleThreaded: this.#runs.isSingleThreaded,
      runtime: this.#context.share(),
    };
    return { module: builtModuleUrl('./shared-session.js', import.meta.url), data };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runs.close();
    const threads = this.#threads;
    if (threads === undefined) {
      this.#statuses.deleteAll();
      return;
    }
    await this.#context.slots.runLifecycle(async () => {
      const { api } = this.#context;
      const status = api.newStatus();
      try {
        await callAsync(api.closeSession, this.#session, status);
        await callAsync(api.deleteSession, this.#session, status);
        await callAsync(api.deleteGraph, this.#graph);
      } finally {
        api.deleteStatus(status);
        this.#statuses.deleteAll();
        threads.release();
      }
    });
  }

  #find(name: string, texts: { missing: string; tooLarge: (count: number) => string }): GraphTensor {
    const { api } = this.#context;
    const parsed = parseTensorName(name);
    const operation = parsed === undefined ? 0 : api.graphOperationByName(this.#graph, parsed.operation);
    if (parsed === undefined || operation === 0) throw new ServingError('NOT_FOUND', texts.missing);
    const count = api.operationNumOutputs(operation);
    const { index } = parsed;
    if (index >= count) throw new ServingError('INVALID_ARGUMENT', texts.tooLarge(count));
    const dtype = dataTypeFromNumber(api.operationOutputType({ oper: operation, index })) ?? 'invalid';
    return { name, operation, index, type: { dtype, info: dataTypeInfo(dtype) } };
  }

  #checkReadable({ name, operation, index, type: { dtype } }: GraphTensor): void {
    if (isTensorDataType(dtype)) return;
    const number = this.#context.api.operationOutputType({ oper: operation, index });
    const type = dataTypeEnumName(number) ?? `of type number ${number}`;
    throw new ServingError('UNIMPLEMENTED', `Tensor ${name} is ${type}, whose values can't be read`);
  }
}
