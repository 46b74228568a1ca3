/** One choice of feeds and fetches as arguments of `TF_SessionRun`, all that can be prepared before a run. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { type Address, type NativeCall, type SessionRuns, WordArray } from '@serving/engine/native';
import { statusError } from '../native/native-status.js';
import type { TensorType } from '../native/native-tensor.js';
import type { RuntimeContext } from './runtime-context.js';

/** A tensor of a graph: an operation's output. */
export interface GraphTensor {
  readonly name: string;
  readonly operation: Address;
  readonly index: number;
  readonly type: TensorType;
}

/** The arguments that belong to one run. From `open` to `close` a run has its slot to itself. */
export interface CallSlot {
  readonly status: Address;
  readonly inputs: WordArray;
  readonly outputs: WordArray;
}

/** Fetches that name one tensor twice are fetched once and read twice. */
export class GraphCall implements NativeCall<CallSlot> {
  readonly #context: RuntimeContext;
  readonly #session: Address;
  readonly #feeds: readonly GraphTensor[];
  readonly #inputs: WordArray;
  readonly #outputs: WordArray;
  readonly #outputCount: number;
  readonly #fetches: readonly GraphTensor[];
  /** For each fetch, its place among the outputs. */
  readonly #places: readonly number[];
  readonly #slots: CallSlot[] = [];
  readonly #statuses: StatusPool;
  readonly #runs: SessionRuns;

  constructor(
    context: RuntimeContext,
    session: Address,
    statuses: StatusPool,
    runs: SessionRuns,
    feeds: readonly GraphTensor[],
    fetches: readonly GraphTensor[],
  ) {
    this.#context = context;
    this.#session = session;
    this.#statuses = statuses;
    this.#runs = runs;
    this.#feeds = feeds;
    this.#fetches = fetches;
    const outputs: GraphTensor[] = [];
    this.#places = fetches.map((fetch) => {
      const place = outputs.findIndex((other) => isSameTensor(other, fetch));
      return place < 0 ? outputs.push(fetch) - 1 : place;
    });
    this.#inputs = encodeOutputs(feeds);
    this.#outputs = encodeOutputs(outputs);
    this.#outputCount = outputs.length;
  }

  open(values: readonly Tensor[]): CallSlot {
    const slot = this.#slots.pop() ?? {
      status: this.#statuses.take(),
      inputs: new WordArray(this.#feeds.length),
      outputs: new WordArray(this.#outputCount),
    };
    try {
      const { tensors } = this.#context;
      for (let i = 0; i < values.length; i++) slot.inputs.set(i, tensors.toNative(values[i]!, this.#feeds[i]!.type));
      return slot;
    } catch (error) {
      const failed = this.#deleteTensors(slot.inputs, this.#feeds.length);
      this.#slots.push(slot);
      throw ServingError.from(error, 'INTERNAL').prefixed(`Input ${this.#feeds[failed]?.name}: `);
    }
  }

  runInline(slot: CallSlot): void {
    this.#context.api.sessionRun(
      this.#session,
      this.#context.runOptions,
      this.#inputs.address,
      slot.inputs.address,
      this.#feeds.length,
      this.#outputs.address,
      slot.outputs.address,
      this.#outputCount,
      0,
      0,
      0,
      slot.status,
    );
  }

  runOnThread(slot: CallSlot, callback: (error: unknown) => void): void {
    this.#context.api.sessionRun.async(
      this.#session,
      this.#context.runOptions,
      this.#inputs.address,
      slot.inputs.address,
      this.#feeds.length,
      this.#outputs.address,
      slot.outputs.address,
      this.#outputCount,
      0,
      0,
      0,
      slot.status,
      callback,
    );
    this.#runs.onThreads++;
  }

  read(slot: CallSlot): Tensor[] {
    const { api, tensors } = this.#context;
    if (api.getCode(slot.status) !== 0) throw statusError(api, slot.status);
    const results = new Array<Tensor>(this.#places.length);
    for (let i = 0; i < results.length; i++) {
      results[i] = tensors.fromNative(slot.outputs.get(this.#places[i]!), this.#fetches[i]!.type);
    }
    return results;
  }

  /**
   * Frees inputs and results. While the session runs on a thread too, which may hold TensorFlow's allocator, results are
   * left to the disposal.
   */
  close(slot: CallSlot): void {
    this.#deleteTensors(slot.inputs, this.#feeds.length);
    if (this.#runs.onThreads === 0) this.#deleteTensors(slot.outputs, this.#outputCount);
    else this.#disposeOutputs(slot.outputs);
    this.#slots.push(slot);
  }

  closeThreaded(slot: CallSlot): void {
    this.#runs.onThreads--;
    this.#deleteTensors(slot.inputs, this.#feeds.length);
    this.#disposeOutputs(slot.outputs);
    this.#slots.push(slot);
  }

  #disposeOutputs(tensors: WordArray): void {
    for (let i = 0; i < this.#outputCount; i++) {
      const tensor = tensors.get(i);
      if (tensor === 0) continue;
      this.#context.disposal.add(tensor);
      tensors.set(i, 0);
    }
  }

  /** Returns how many there were before the first that is missing. */
  #deleteTensors(tensors: WordArray, count: number): number {
    for (let i = 0; i < count; i++) {
      const tensor = tensors.get(i);
      if (tensor === 0) return i;
      this.#context.api.deleteTensor(tensor);
      tensors.set(i, 0);
    }
    return count;
  }
}

/** Makes the native status objects of a session's runs, and deletes them all when the session ends. */
export class StatusPool {
  readonly #context: RuntimeContext;
  readonly #all: Address[] = [];

  constructor(context: RuntimeContext) {
    this.#context = context;
  }

  take(): Address {
    const status = this.#context.api.newStatus();
    this.#all.push(status);
    return status;
  }

  deleteAll(): void {
    for (const status of this.#all.splice(0)) this.#context.api.deleteStatus(status);
  }
}

function isSameTensor(a: GraphTensor, b: GraphTensor): boolean {
  return a.operation === b.operation && a.index === b.index;
}

/** An array of `TF_Output`: a pointer and an `int`, padded to 16 bytes. */
function encodeOutputs(tensors: readonly GraphTensor[]): WordArray {
  const words = new WordArray(2 * tensors.length);
  for (const [i, { operation, index }] of tensors.entries()) {
    words.set(2 * i, operation);
    words.set(2 * i + 1, index);
  }
  return words;
}
