/** One ONNX model while it is written: names, initializers and nodes of all its graphs. */
import { sep } from 'node:path';
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import { tensorBytes } from '@serving/core/tensor';
import type { ConstantValue } from '../../graph/graph.js';
import type { ExternalWeights } from '../../program/program.js';
import type { OnnxValue } from '../emitter.js';
import { encodeModel, type Initializer, inline, type TypedValue } from './onnx-messages.js';
import { writeSideFile } from './side-file.js';
import { layOutWeights, type WeightsFilePart } from './weights-file.js';

/** Operators that the default operator set lacks, and the first set that has them. */
const NEWER_OPERATORS: ReadonlyMap<string, number> = new Map([
  ['CumProd', 26],
  ['BitCast', 26],
]);
const OPSET = 20;

/** Smaller constants are part of the model: an entry for a file is about this long. */
const MIN_EXTERNAL_BYTES = 256;
/** Larger tensors in memory go into the side file, if there is one. */
const MIN_SIDE_BYTES = 4096;
/** Less than this is not worth a file. */
const MIN_SIDE_FILE = 2 ** 20;
/** Equal small constants are found by their bytes, larger ones by their identity. */
const MAX_COMPARED_BYTES = 1024;
/** A protobuf message has fewer bytes than this. */
const MAX_MODEL_BYTES = 2 ** 31 - 2 ** 20;

/** Where a model's weights go, and which names are taken. */
export interface ModelWriterOptions {
  /** Writes all weights into the model, none by reference to its file. Default: false. */
  readonly embedWeights?: boolean | undefined;
  /** Where weights go that are in memory. Default: into the model. */
  readonly weightsFolder?: string | undefined;
  /** Path of a file, relative to the model's, that gets all weights and is written by the caller. Default: no such file. */
  readonly weightsFile?: string | undefined;
  /** Names of the model's inputs and outputs that the caller chose. Default: none. */
  readonly reservedNames?: ReadonlySet<string>;
}

export class ModelWriter {
  readonly nodeNames: Map<string, string> = new Map();
  readonly externalWeights: ExternalWeights[] = [];
  /** TensorFlow's name of the node that is being written. */
  tensorFlowName = '';
  /** What the file of weights consists of, once the model is finished. */
  weightsFileParts: readonly WeightsFilePart[] = [];
  readonly #options: ModelWriterOptions;
  readonly #used: Set<OnnxValue> = new Set();
  #initializers: Initializer[] = [];
  readonly #byContent: Map<string, OnnxValue> = new Map();
  readonly #byIdentity: Map<object, OnnxValue> = new Map();
  readonly #opsets: Map<string, number> = new Map([['', OPSET]]);
  #names = 0;
  #inlineBytes = 0;

  constructor(options: ModelWriterOptions = {}) {
    this.#options = options;
  }

  /** A name that no other value or node of the model has. */
  name(): string {
    let name: string;
    do name = `n${this.#names++}`;
    while (this.#options.reservedNames?.has(name));
    return name;
  }

  /** Keeps the values that a node takes, and raises the operator set to one that has `op`. */
  use(op: string, domain: string, inputs: readonly OnnxValue[]): void {
    for (const input of inputs) this.#used.add(input);
    if (domain !== '') this.#opsets.set(domain, 1);
    else this.#opsets.set('', Math.max(this.#opsets.get('')!, NEWER_OPERATORS.get(op) ?? 0));
  }

  constant(tensor: Tensor): OnnxValue {
    const bytes = tensorBytes(tensor);
    if (bytes.length > MAX_COMPARED_BYTES) return this.#once(this.#byIdentity, tensor, () => this.#inline(tensor));
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    return this.#once(this.#byContent, `${tensor.dtype}[${tensor.shape}]${content}`, () => this.#inline(tensor));
  }

  weights(value: ConstantValue): OnnxValue {
    const { file, dtype, shape } = value;
    // A byte of a boolean may be neither 0 nor 1 in the file.
    if (this.#options.embedWeights || !file || file.length < MIN_EXTERNAL_BYTES || dtype === 'bool') {
      return this.#once(this.#byIdentity, value, () => this.constant(value.tensor()));
    }
    return this.#once(this.#byIdentity, value, () => {
      const name = this.name();
      const location = file.path.slice(file.path.indexOf(sep) + 1);
      this.#initializers.push({ name, dtype, shape, external: { ...file, location } });
      this.externalWeights.push({ ...file, initializer: name, location });
      return name;
    });
  }

  #once<K>(written: Map<K, OnnxValue>, key: K, write: () => OnnxValue): OnnxValue {
    const found = written.get(key);
    if (found !== undefined) return found;
    const value = write();
    written.set(key, value);
    return value;
  }

  #inline(tensor: Tensor): OnnxValue {
    const initializer = inline(this.name(), tensor);
    this.#inlineBytes += initializer.bytes!.length;
    if (this.#inlineBytes > MAX_MODEL_BYTES) {
      throw new ServingError(
        'RESOURCE_EXHAUSTED',
        `An ONNX model holds at most ${MAX_MODEL_BYTES} bytes of weights; these have to stay in their files`,
      );
    }
    this.#initializers.push(initializer);
    return initializer.name;
  }

  /** Moves large initializers out of the model, where they are enough for a file of their own. */
  #moveToSideFile(folder: string): void {
    const large = [...this.#initializers.entries()].filter(([, { bytes }]) => (bytes?.length ?? 0) >= MIN_SIDE_BYTES);
    const total = large.reduce((sum, [, { bytes }]) => sum + bytes!.length, 0);
    const places =
      total < MIN_SIDE_FILE
        ? undefined
        : writeSideFile(
            folder,
            large.map(([, { bytes }]) => bytes!),
          );
    for (const [at, file] of places?.entries() ?? []) {
      const [i, { name, dtype, shape }] = large[at]!;
      const location = file.path.slice(file.path.indexOf(sep) + 1);
      this.#initializers[i] = { name, dtype, shape, external: { ...file, location } };
      this.externalWeights.push({ ...file, initializer: name, location });
    }
  }

  /** Weights that an emitter asked for and then did without. */
  #dropUnused(): void {
    this.#initializers = this.#initializers.filter(({ name }) => this.#used.has(name));
    const kept = this.externalWeights.filter(({ initializer }) => this.#used.has(initializer));
    this.externalWeights.splice(0, this.externalWeights.length, ...kept);
  }

  #moveToWeightsFile(location: string): void {
    const files = new Map(this.externalWeights.map((weights) => [weights.initializer, weights]));
    const { initializers, parts } = layOutWeights(this.#initializers, files, location);
    this.#initializers = [...initializers];
    this.weightsFileParts = parts;
  }

  /** The serialized `onnx.ModelProto`. */
  finish(inputs: readonly TypedValue[], outputs: readonly TypedValue[], nodes: readonly Uint8Array[]): Uint8Array {
    const { embedWeights, weightsFolder, weightsFile } = this.#options;
    this.#dropUnused();
    if (weightsFile !== undefined) this.#moveToWeightsFile(weightsFile);
    else if (weightsFolder !== undefined && !embedWeights) this.#moveToSideFile(weightsFolder);
    return encodeModel({ name: 'graph', inputs, outputs, nodes, initializers: this.#initializers }, this.#opsets);
  }
}
