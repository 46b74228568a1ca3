/** The functions of tfjs-node's addon that the worker uses, and tensors in and out of it. */
import type { PostedTensor } from './worker-messages.js';

/**
 * What lies below `tf.node.loadSavedModel`. That function knows models by signature and alias only, reads int64 inputs as
 * int32, throws for whole models with one data type it doesn't know, and hands an earlier session of a folder out again even
 * when the files have changed. The addon's own calls take graph tensor names and have none of these limits.
 */
export interface AddonBinding {
  readonly TF_FLOAT: number;
  readonly TF_INT32: number;
  readonly TF_INT64: number;
  readonly TF_UINT8: number;
  readonly TF_BOOL: number;
  readonly TF_STRING: number;
  readonly TF_COMPLEX64: number;
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
  /** `tags` are joined by commas. */
  loadSavedModel(directory: string, tags: string): number;
  deleteSavedModel(session: number): void;
  /** int64 values are given as pairs of int32, strings as byte arrays. */
  createTensor(shape: readonly number[], dtype: number, values: ArrayBufferView | readonly Uint8Array[]): number;
  deleteTensor(tensor: number): void;
  /** Names of tensors such as `x:0`, joined by commas. Blocks. */
  runSavedModel(session: number, inputs: readonly number[], feeds: string, fetches: string): readonly AddonOutput[];
  tensorDataSync(tensor: number): unknown;
}

interface AddonOutput {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** Strings up to this size lie within their tensor; longer ones in memory of their own. */
const INLINE_STRING_BYTES = 22;

/** A loaded SavedModel. Every call blocks the thread. */
export class AddonSession {
  readonly #binding: AddonBinding;
  readonly #session: number;
  /**
   * When the addon deletes a string tensor it also frees its strings, even if they are a constant's or a variable's, which
   * are fetched without a copy: the next run would find them empty. So tensors with strings to be freed wait for the
   * model's end.
   */
  readonly #kept: number[] = [];

  constructor(binding: AddonBinding, directory: string, tags: readonly string[]) {
    this.#binding = binding;
    this.#session = binding.loadSavedModel(directory, tags.join(','));
  }

  run(feeds: readonly string[], fetches: readonly string[], values: readonly PostedTensor[]): PostedTensor[] {
    const inputs: number[] = [];
    try {
      for (const value of values) inputs.push(createTensor(this.#binding, value));
      const outputs = this.#binding.runSavedModel(this.#session, inputs, feeds.join(','), fetches.join(','));
      return this.#takeOutputs(outputs);
    } finally {
      for (const tensor of inputs) this.#binding.deleteTensor(tensor);
    }
  }

  unload(): void {
    this.#binding.deleteSavedModel(this.#session);
    for (const tensor of this.#kept) this.#binding.deleteTensor(tensor);
  }

  #takeOutputs(outputs: readonly AddonOutput[]): PostedTensor[] {
    const results: PostedTensor[] = [];
    try {
      for (const output of outputs) results.push(readTensor(this.#binding, output));
      return results;
    } finally {
      for (let i = 0; i < outputs.length; i++) {
        const { id } = outputs[i]!;
        if (hasLongStrings(results[i])) this.#kept.push(id);
        else this.#binding.deleteTensor(id);
      }
    }
  }
}

function hasLongStrings(tensor: PostedTensor | undefined): boolean {
  if (tensor?.dtype !== 'string') return false;
  const { offsets } = tensor;
  for (let i = 1; i < offsets.length; i++) if (offsets[i]! - offsets[i - 1]! > INLINE_STRING_BYTES) return true;
  return false;
}

function createTensor(binding: AddonBinding, tensor: PostedTensor): number {
  const { shape } = tensor;
  switch (tensor.dtype) {
    case 'float':
      return binding.createTensor(shape, binding.TF_FLOAT, tensor.data);
    case 'int32':
      return binding.createTensor(shape, binding.TF_INT32, tensor.data);
    case 'int64': {
      const { buffer, byteOffset, length } = tensor.data;
      return binding.createTensor(shape, binding.TF_INT64, new Int32Array(buffer, byteOffset, 2 * length));
    }
    case 'uint8':
      return binding.createTensor(shape, binding.TF_UINT8, tensor.data);
    case 'bool':
      return binding.createTensor(shape, binding.TF_BOOL, tensor.data);
    case 'string': {
      const { bytes, offsets } = tensor;
      const strings: Uint8Array[] = [];
      for (let i = 1; i < offsets.length; i++) strings.push(bytes.subarray(offsets[i - 1], offsets[i]));
      return binding.createTensor(shape, binding.TF_STRING, strings);
    }
    case 'complex64':
      throw new Error("The addon can't be fed complex64 tensors");
  }
}

function readTensor(binding: AddonBinding, { id, shape, dtype }: AddonOutput): PostedTensor {
  const data = binding.tensorDataSync(id);
  switch (dtype) {
    case binding.TF_FLOAT:
      return { dtype: 'float', shape, data: data as Float32Array };
    case binding.TF_INT32:
      return { dtype: 'int32', shape, data: data as Int32Array };
    case binding.TF_INT64:
      return { dtype: 'int64', shape, data: data as BigInt64Array };
    case binding.TF_BOOL:
      return { dtype: 'bool', shape, data: data as Uint8Array };
    case binding.TF_COMPLEX64:
      return { dtype: 'complex64', shape, data: data as Float32Array };
    case binding.TF_STRING:
      return { dtype: 'string', shape, ...joinStrings(data as readonly Uint8Array[]) };
    default:
      throw new Error(`The addon can't read tensors of data type number ${dtype}`);
  }
}

function joinStrings(strings: readonly Uint8Array[]): { bytes: Uint8Array; offsets: Uint32Array } {
  const offsets = new Uint32Array(strings.length + 1);
  let end = 0;
  for (let i = 0; i < strings.length; i++) {
    end += strings[i]!.length;
    offsets[i + 1] = end;
  }
  const bytes = new Uint8Array(end);
  for (let i = 0; i < strings.length; i++) bytes.set(strings[i]!, offsets[i]);
  return { bytes, offsets };
}
