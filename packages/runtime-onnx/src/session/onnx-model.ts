/** A model loaded by ONNX Runtime. */
import { ServingError } from '@serving/core';
import type { PreparedRun, RunLane } from '@serving/engine';
import { type Address, callAsync, SessionRuns } from '@serving/engine/native';
import { NativeWord } from '../native/native-word.js';
import { ModelCall } from './model-call.js';
import { describeTensors, type OnnxTensorInfo } from './model-tensors.js';
import type { OnnxContext } from './onnx-context.js';
import type { DescribeRunError } from './run-error.js';
import { type ModelSessionOptions, newSessionOptions } from './session-options.js';
import { withoutPlace } from './without-place.js';

/** A serialized `onnx.ModelProto`, or the path of its file. */
export type OnnxModelSource = { readonly bytes: Uint8Array } | { readonly path: string };

/** Its runs are counted, so that `close` frees the model after the last of them. */
export class OnnxModel {
  readonly inputs: readonly OnnxTensorInfo[];
  readonly outputs: readonly OnnxTensorInfo[];
  readonly #context: OnnxContext;
  readonly #session: Address;
  readonly #calls: ModelCall[] = [];
  readonly #runs: SessionRuns;
  readonly #isOwner: boolean;
  #closing: Promise<void> | undefined;

  private constructor(context: OnnxContext, session: Address, runs: SessionRuns, isOwner: boolean) {
    this.#isOwner = isOwner;
    this.#runs = runs;
    this.#context = context;
    this.#session = session;
    const { inputs, outputs } = describeTensors(context.api, session);
    this.inputs = inputs;
    this.outputs = outputs;
  }

  /**
   * Makes a session on a thread of the pool, when a slot is free. A load that fails leaves nothing behind.
   *
   * @param lane where runs wait; models with one lane take their turns together. Default: a lane of its own
   * @throws ServingError with ONNX Runtime's message.
   */
  static load(
    context: OnnxContext,
    source: OnnxModelSource,
    options: ModelSessionOptions = {},
    lane: RunLane = context.slots.openLane(),
  ): Promise<OnnxModel> {
    return context.slots.runLifecycle(async () => {
      const { functions } = context.api;
      const native = newSessionOptions(context.api, options);
      try {
        const session = await createSession(context, source, native);
        try {
          return new OnnxModel(context, session, new SessionRuns(lane, { hasOwnProcess: options.hasOwnProcess }), true);
        } catch (error) {
          await callAsync(functions.releaseSession, session);
          throw error;
        }
      } finally {
        functions.releaseSessionOptions(native);
      }
    });
  }

  /** A model that another thread has loaded, and holds until this one is closed. */
  static ofShared(context: OnnxContext, session: Address, lane: RunLane = context.slots.openLane()): OnnxModel {
    return new OnnxModel(context, session, new SessionRuns(lane), false);
  }

  /** Its session, which is the process's. */
  get address(): Address {
    return this.#session;
  }

  /**
   * Prepares runs that take these inputs and return these outputs, by name.
   *
   * @param describeError names operations as the caller knows them
   * @throws ServingError `FAILED_PRECONDITION` after `close`, `NOT_FOUND` for a name that the model doesn't have,
   * `INVALID_ARGUMENT` when an input of the model is not among `inputs`.
   */
  prepare(inputs: readonly string[], outputs: readonly string[], describeError?: DescribeRunError): PreparedRun {
    this.#runs.throwIfClosed();
    checkNames(inputs, this.inputs, 'input');
    checkNames(outputs, this.outputs, 'output');
    // ONNX Runtime runs all nodes, whatever is fetched.
    const missing = this.inputs.find(({ name }) => !inputs.includes(name));
    if (missing !== undefined) throw ServingError.invalidArgument(`The model's input "${missing.name}" must be fed`);
    const call = new ModelCall(this.#context, this.#session, this.#runs, inputs, outputs, describeError);
    this.#calls.push(call);
    return this.#context.runs.prepare(this.#runs, call, inputs.length);
  }

  /** Waits for runs in flight, then frees the model. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#runs.close();
    if (!this.#isOwner) {
      for (const call of this.#calls.splice(0)) call.releaseAll();
      return;
    }
    await this.#context.slots.runLifecycle(async () => {
      for (const call of this.#calls.splice(0)) call.releaseAll();
      await callAsync(this.#context.api.functions.releaseSession, this.#session);
    });
  }
}

async function createSession(context: OnnxContext, source: OnnxModelSource, options: Address): Promise<Address> {
  const { functions, statuses, environment } = context.api;
  const word = new NativeWord();
  const use = { source, word };
  inUse.add(use);
  try {
    const status =
      'path' in source
        ? await callAsync(functions.createSession, environment, source.path, options, word.address)
        : await callAsync(
            functions.createSessionFromArray,
            environment,
            source.bytes,
            source.bytes.byteLength,
            options,
            word.address,
          );
    const failure = statuses.take(status);
    if (failure !== undefined) throw new ServingError(failure.code, `ONNX Runtime: ${withoutPlace(failure.message)}`);
    return word.take();
  } finally {
    inUse.delete(use);
  }
}

/** Memory that calls on threads read and write, kept from the garbage collector. */
const inUse = new Set<object>();

function checkNames(names: readonly string[], known: readonly OnnxTensorInfo[], what: string): void {
  for (const name of names) {
    if (known.some((tensor) => tensor.name === name)) continue;
    const list = known.map((tensor) => `"${tensor.name}"`).join(', ');
    throw ServingError.notFound(`The model has no ${what} "${name}"; it has ${list || 'none'}`);
  }
}
