/** A loaded ONNX model as a servable. */
import { ServingError } from '@serving/core';
import type {
  InferenceServable,
  RunOptions,
  SharedServable,
  Signature,
  SignatureDefMap,
  SlotsView,
} from '@serving/core/extend';
import { builtModuleUrl } from '@serving/core/internal';
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import type { PreparedRun, Session, SharedSession } from '@serving/engine';
import { withOneRow, withoutRows } from '../program/zero-rows.js';
import type { ModelSignature } from './model-signature.js';

/** Choices of outputs that are kept ready; clients choose them, so their number must have a bound. */
const MAX_RUNS = 64;

interface NamedRun {
  readonly prepared: PreparedRun;
  readonly outputs: readonly string[];
}

/** A loaded model for other threads, as plain data. */
export interface SharedOnnxModel {
  readonly session: SharedSession;
  readonly signature: ModelSignature;
}

/** Runs the one signature of a model that it owns. Without a choice of outputs all are fetched. */
export class OnnxServable implements InferenceServable {
  readonly signatures: ReadonlyMap<string, Signature>;
  readonly signatureDefs: SignatureDefMap;
  readonly copiesInputs: boolean = true;
  readonly engine: string = 'onnx';
  readonly libraryVersion?: string;
  readonly slots: SlotsView | undefined;
  readonly #session: Session;
  readonly #modelSignature: ModelSignature;
  readonly #signature: Signature;
  readonly #inputs: readonly string[];
  readonly #all: NamedRun;
  readonly #runs = new Map<string, NamedRun>();

  constructor(session: Session, modelSignature: ModelSignature) {
    const { signature, def } = modelSignature;
    this.#modelSignature = modelSignature;
    this.signatures = new Map([[signature.name, signature]]);
    this.signatureDefs = new Map([[signature.name, def]]);
    this.slots = session.slots;
    if (session.libraryVersion !== undefined) this.libraryVersion = session.libraryVersion;
    this.#session = session;
    this.#signature = signature;
    this.#inputs = [...signature.inputs.keys()];
    this.#all = this.#prepare([...signature.outputs.keys()]);
  }

  run(_signature: Signature, inputs: NamedTensors, options?: RunOptions): NamedTensors | Promise<NamedTensors> {
    const outputs = options?.outputs?.length ? options.outputs : this.#all.outputs;
    const run = outputs === this.#all.outputs ? this.#all : this.#run(outputs);
    const values = this.#values(inputs);
    const hasNoRows = this.#hasNoRows(values);
    const results = run.prepared.run(hasNoRows ? withOneRow(values, this.#inputs) : values, options);
    const name = (tensors: readonly Tensor[]): NamedTensors => this.#named(outputs, run, tensors, hasNoRows);
    return results instanceof Promise ? results.then(name) : name(results);
  }

  /** Describes it for other threads; `undefined` where only the thread that loaded it can run it. */
  share(): SharedServable | undefined {
    const session = this.#session.share?.();
    if (session === undefined) return undefined;
    const data: SharedOnnxModel = { session, signature: this.#modelSignature };
    return { module: builtModuleUrl('./shared-onnx-model.js', import.meta.url), data, transfer: session.transfer };
  }

  /** Waits for runs in flight, then frees the model. */
  close(): Promise<void> {
    return this.#session.close();
  }

  #values(inputs: NamedTensors): Tensor[] {
    return this.#inputs.map((alias) => {
      const value = inputs[alias];
      if (value === undefined) throw ServingError.invalidArgument(`Missing input: ${alias}`);
      return value;
    });
  }

  #hasNoRows(values: readonly Tensor[]): boolean {
    return this.#signature.isBatched === true && values.every(({ shape }) => shape[0] === 0);
  }

  #named(
    outputs: readonly string[],
    { outputs: fetched }: NamedRun,
    tensors: readonly Tensor[],
    cut: boolean,
  ): NamedTensors {
    const named: NamedTensors = Object.create(null);
    for (const alias of outputs) {
      const tensor = tensors[fetched.indexOf(alias)]!;
      named[alias] = cut ? withoutRows(tensor, this.#signature.outputs.get(alias)!.shape) : tensor;
    }
    return named;
  }

  /** A run that fetches these outputs, and perhaps others. */
  #run(outputs: readonly string[]): NamedRun {
    const key = JSON.stringify(outputs);
    const known = this.#runs.get(key);
    if (known !== undefined) return known;
    for (const alias of outputs) {
      if (!this.#signature.outputs.has(alias)) {
        throw ServingError.invalidArgument(`output tensor alias not found in signature: ${alias}`);
      }
    }
    if (this.#runs.size >= MAX_RUNS) return this.#all;
    const run = this.#prepare(outputs);
    this.#runs.set(key, run);
    return run;
  }

  #prepare(outputs: readonly string[]): NamedRun {
    return { prepared: this.#session.prepare(this.#inputs, outputs), outputs };
  }
}
