/** One choice of inputs and outputs of a model as arguments of ONNX Runtime's `Run`. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { type Address, type NativeCall, type SessionRuns, WordArray } from '@serving/engine/native';
import { address as addressOf } from 'koffi';
import { InputValue } from '../native/input-value.js';
import { NativeWord } from '../native/native-word.js';
import { OutputValue } from '../native/output-value.js';
import type { OnnxContext } from './onnx-context.js';
import { type DescribeRunError, runError } from './run-error.js';

/** The arguments that belong to one run. From `open` to `close` a run has its slot to itself. */
export interface ModelCallSlot {
  readonly values: readonly InputValue[];
  readonly inputs: WordArray;
  readonly outputs: WordArray;
  /** Where outputs are written to, once runs with inputs of the same shapes follow each other. */
  readonly kept: readonly OutputValue[];
  /** How often input values were made: as long as that stays, shapes do. */
  made: number;
  /** Runs with inputs of the same shapes, after the first of them. */
  repeats: number;
  hasKept: boolean;
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
  /** Whether shapes of outputs have followed from those of the inputs so far. */
  #keepsOutputs: boolean;
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
    // ONNX Runtime leaves given memory as it is for an output that is an input as well, and for all but one output of a name.
    this.#keepsOutputs = new Set([...inputs, ...outputs]).size === inputs.length + outputs.length;
  }

  open(values: readonly Tensor[]): ModelCallSlot {
    const slot = this.#free.pop() ?? this.#newSlot();
    let at = 0;
    try {
      let made = 0;
      for (; at < values.length; at++) {
        const value = slot.values[at]!;
        slot.inputs.set(at, value.set(values[at]!));
        made += value.made;
      }
      if (made === slot.made) slot.repeats++;
      else this.#forgetOutputs(slot);
      slot.made = made;
      return slot;
    } catch (error) {
      this.#free.push(slot);
      throw ServingError.from(error, 'INTERNAL').prefixed(`Input "${this.#inputNames[at]}": `);
    }
  }

  runInline(slot: ModelCallSlot): void {
    this.#run(slot);
    if (!this.#mayHaveOtherShapes(slot)) return;
    this.#prepareAgain(slot);
    this.#run(slot);
    this.#keepsOutputs = slot.status !== 0;
  }

  #run(slot: ModelCallSlot): void {
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
    this.#startOnThread(slot, (error) => {
      if (!this.#mayHaveOtherShapes(slot)) return callback(error);
      this.#prepareAgain(slot);
      this.#startOnThread(slot, (again) => {
        this.#keepsOutputs = slot.status !== 0;
        callback(again);
      });
    });
    this.#runs.onThreads++;
  }

  #startOnThread(slot: ModelCallSlot, callback: (error: unknown) => void): void {
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
    for (let i = 0; i < results.length; i++) {
      const kept = slot.kept[i]!;
      results[i] = kept.address === 0 ? this.#context.outputs.read(slot.outputs.get(i)) : kept.read();
    }
    if (slot.repeats === 1 && this.#keepsOutputs) this.#keepOutputs(slot, results);
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
    for (const { values, kept, runOptions } of this.#all.splice(0)) {
      for (const value of values) value.release();
      for (const value of kept) value.release();
      if (runOptions !== 0) this.#context.api.functions.releaseRunOptions(runOptions);
    }
    this.#free.length = 0;
  }

  #closeOutputs(slot: ModelCallSlot, mayWait: boolean): void {
    const { api, disposal } = this.#context;
    for (let i = 0; i < this.#outputs.count; i++) {
      const value = slot.outputs.get(i);
      const kept = slot.kept[i]!.address;
      if (value === kept) continue;
      if (value !== 0) {
        if (mayWait) disposal.add(value);
        else api.functions.releaseValue(value);
      }
      slot.outputs.set(i, kept);
    }
    if (slot.status !== 0) api.functions.releaseStatus(slot.status);
    slot.status = 0;
    if (slot.isTerminated) api.statuses.take(api.functions.runOptionsUnsetTerminate(slot.runOptions));
    slot.isTerminated = false;
    for (const value of slot.values) value.trim();
    this.#free.push(slot);
  }

  /** Has the next runs with inputs of these shapes write their outputs into memory of the slot's. */
  #keepOutputs(slot: ModelCallSlot, results: readonly Tensor[]): void {
    slot.hasKept = true;
    for (let i = 0; i < results.length; i++) slot.kept[i]!.keep(results[i]!);
  }

  #forgetOutputs(slot: ModelCallSlot): void {
    slot.repeats = 0;
    if (!slot.hasKept) return;
    slot.hasKept = false;
    for (let i = 0; i < slot.kept.length; i++) {
      slot.kept[i]!.release();
      slot.outputs.set(i, 0);
    }
  }

  /** Whether the run failed for outputs of other shapes than the last one's, or may have: that it would fail anyway is known afterwards. */
  #mayHaveOtherShapes(slot: ModelCallSlot): boolean {
    return slot.status !== 0 && slot.hasKept && !slot.isTerminated;
  }

  #prepareAgain(slot: ModelCallSlot): void {
    this.#context.api.functions.releaseStatus(slot.status);
    slot.status = 0;
    this.#forgetOutputs(slot);
  }

  #newSlot(): ModelCallSlot {
    const slot: ModelCallSlot = {
      values: this.#inputNames.map(() => new InputValue(this.#context.api)),
      inputs: new WordArray(this.#inputs.count),
      outputs: new WordArray(this.#outputs.count),
      kept: Array.from({ length: this.#outputs.count }, () => new OutputValue(this.#context.api)),
      made: 0,
      repeats: 0,
      hasKept: false,
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
