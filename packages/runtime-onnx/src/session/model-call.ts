/** One choice of inputs and outputs of a model as arguments of ONNX Runtime's `Run`. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { type Address, type NativeCall, type SessionRuns, WordArray } from '@serving/engine/native';
import { address as addressOf } from 'koffi';
import { InputValue } from '../native/input-value.js';
import { NativeWord } from '../native/native-word.js';
import type { OnnxContext } from './onnx-context.js';
import { type DescribeRunError, runError } from './run-error.js';

/** The arguments that belong to one run. From `open` to `close` a run has its slot to itself. */
export interface ModelCallSlot {
  readonly values: readonly InputValue[];
  readonly inputs: WordArray;
  readonly outputs: WordArray;
  /** Made for the first run on a thread; 0 before. */
  runOptions: Address;
  isTerminated: boolean;
  /** What `Run` returned. */
  status: Address;
}

/** Runs with arguments that are prepared as far as they can be. */
export class ModelCall implements NativeCall<ModelCallSlot> {
  readonly #context: OnnxContext;
  readonly #session: Address;
  readonly #runs: SessionRuns;
  readonly #inputNames: readonly string[];
  readonly #inputs: NameArray;
  readonly #outputs: NameArray;
  readonly #describeError: DescribeRunError | undefined;
  readonly #free: ModelCallSlot[] = [];
  readonly #all: ModelCallSlot[] = [];

  /** @param describeError names operations as the caller knows them */
  constructor(
    context: OnnxContext,
    session: Address,
    runs: SessionRuns,
    inputs: readonly string[],
    outputs: readonly string[],
    describeError?: DescribeRunError,
  ) {
    this.#context = context;
    this.#session = session;
    this.#runs = runs;
    this.#inputNames = inputs;
    this.#inputs = new NameArray(inputs);
    this.#outputs = new NameArray(outputs);
    this.#describeError = describeError;
  }

  open(values: readonly Tensor[]): ModelCallSlot {
    const slot = this.#free.pop() ?? this.#newSlot();
    let at = 0;
    try {
      for (; at < values.length; at++) slot.inputs.set(at, slot.values[at]!.set(values[at]!));
      return slot;
    } catch (error) {
      this.#free.push(slot);
      throw ServingError.from(error, 'INTERNAL').prefixed(`Input "${this.#inputNames[at]}": `);
    }
  }

  runInline(slot: ModelCallSlot): void {
    slot.status = this.#context.api.functions.run(
      this.#session,
      0,
      this.#inputs.address,
      slot.inputs.address,
      this.#inputs.count,
      this.#outputs.address,
      this.#outputs.count,
      slot.outputs.address,
    );
  }

  runOnThread(slot: ModelCallSlot, callback: (error: unknown) => void): void {
    if (slot.runOptions === 0) slot.runOptions = this.#newRunOptions();
    this.#context.api.functions.run.async(
      this.#session,
      slot.runOptions,
      this.#inputs.address,
      slot.inputs.address,
      this.#inputs.count,
      this.#outputs.address,
      this.#outputs.count,
      slot.outputs.address,
      (error, status) => {
        slot.status = status ?? 0;
        callback(error);
      },
    );
    this.#runs.onThreads++;
  }

  terminate(slot: ModelCallSlot): void {
    const { functions, statuses } = this.#context.api;
    slot.isTerminated = true;
    statuses.take(functions.runOptionsSetTerminate(slot.runOptions));
  }

  read(slot: ModelCallSlot): Tensor[] {
    const failure = this.#context.api.statuses.take(slot.status);
    slot.status = 0;
    if (failure !== undefined) throw runError(failure, this.#describeError);
    const results = new Array<Tensor>(this.#outputs.count);
    for (let i = 0; i < results.length; i++) results[i] = this.#context.outputs.read(slot.outputs.get(i));
    return results;
  }

  /** While the model runs on a thread too, which may hold ONNX Runtime's allocator, results are left to the disposal. */
  close(slot: ModelCallSlot): void {
    this.#closeOutputs(slot, this.#runs.onThreads > 0);
  }

  closeThreaded(slot: ModelCallSlot): void {
    this.#runs.onThreads--;
    this.#closeOutputs(slot, true);
  }

  /** Releases what runs have left for the next ones. No run is open. */
  releaseAll(): void {
    for (const { values, runOptions } of this.#all.splice(0)) {
      for (const value of values) value.release();
      if (runOptions !== 0) this.#context.api.functions.releaseRunOptions(runOptions);
    }
    this.#free.length = 0;
  }

  #closeOutputs(slot: ModelCallSlot, mayWait: boolean): void {
    const { api, disposal } = this.#context;
    for (let i = 0; i < this.#outputs.count; i++) {
      const value = slot.outputs.get(i);
      if (value === 0) continue;
      if (mayWait) disposal.add(value);
      else api.functions.releaseValue(value);
      slot.outputs.set(i, 0);
    }
    if (slot.status !== 0) api.functions.releaseStatus(slot.status);
    slot.status = 0;
    if (slot.isTerminated) api.statuses.take(api.functions.runOptionsUnsetTerminate(slot.runOptions));
    slot.isTerminated = false;
    for (const value of slot.values) value.trim();
    this.#free.push(slot);
  }

  #newSlot(): ModelCallSlot {
    const slot: ModelCallSlot = {
      values: this.#inputNames.map(() => new InputValue(this.#context.api)),
      inputs: new WordArray(this.#inputs.count),
      outputs: new WordArray(this.#outputs.count),
      runOptions: 0,
      isTerminated: false,
      status: 0,
    };
    this.#all.push(slot);
    return slot;
  }

  #newRunOptions(): Address {
    const { functions, statuses } = this.#context.api;
    const word = new NativeWord();
    statuses.throwIfFailed(functions.createRunOptions(word.address));
    return word.take();
  }
}

/** C strings in an array, alive while it is. */
class NameArray {
  readonly count: number;
  readonly address: Address;
  readonly #pointers: WordArray;
  readonly #texts: readonly Uint8Array[];

  constructor(names: readonly string[]) {
    this.count = names.length;
    this.#pointers = new WordArray(names.length);
    this.address = this.#pointers.address;
    this.#texts = names.map((name) => new TextEncoder().encode(`${name}\0`));
    for (const [i, text] of this.#texts.entries()) this.#pointers.set(i, Number(addressOf(text)));
  }
}
