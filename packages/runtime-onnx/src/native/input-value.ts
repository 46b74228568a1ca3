/** One input of a model as ONNX Runtime's value, made again only where its dtype, shape or size changes. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, elementCount, MAX_RANK, type StringArray, type Tensor } from '@serving/core/tensor';
import { type Address, WordArray } from '@serving/engine/native';
import { address as addressOf } from 'koffi';
import type { OnnxRuntimeApi } from './c-api.js';
import { elementTypeOf } from './element-types.js';
import { NativeWord } from './native-word.js';

/** Memory up to this size is kept for the next run. */
const MAX_KEPT_BYTES = 1 << 20;

/** Holds a copy of one run's tensor in memory of its own, until the next `set`, `trim` or `release`. */
export class InputValue {
  readonly #api: OnnxRuntimeApi;
  readonly #word: NativeWord = new NativeWord();
  readonly #dims: WordArray = new WordArray(MAX_RANK);
  #memory: Uint8Array = new Uint8Array(0);
  #memoryAddress: Address = 0;
  #value: Address = 0;
  #elementType = 0;
  #shape: readonly number[] = [];
  #made = 0;

  constructor(api: OnnxRuntimeApi) {
    this.#api = api;
  }

  /** How many values it has made: the same number for tensors of the same dtype and shape in a row. */
  get made(): number {
    return this.#made;
  }

  /**
   * Copies a tensor and returns the value, which stays this object's. Bytes of a bool tensor other than 0 become 1: operators take
   * them for different things.
   *
   * @throws ServingError `INVALID_ARGUMENT` for a tensor without elements, which ONNX Runtime's kernels don't survive, for data
   * that doesn't fit dtype and shape, and for a dtype that ONNX Runtime doesn't take.
   */
  set(tensor: Tensor): Address {
    const { dtype, shape, data } = tensor;
    const elementType = elementTypeOf(dtype);
    if (elementType === undefined) throw ServingError.invalidArgument(`ONNX Runtime doesn't take ${dtype} tensors`);
    const length = elementCount(shape);
    if (length === 0) {
      throw ServingError.invalidArgument(`ONNX Runtime can't take a tensor without elements (shape [${shape}])`);
    }
    if ('offsets' in data) {
      if (dtype !== 'string' || data.length !== length) throw unfit(tensor, length);
      return this.#setStrings(data, shape, elementType);
    }
    const bytes = length * (dataTypeInfo(dtype).array?.BYTES_PER_ELEMENT ?? 0);
    if (data.byteLength !== bytes || bytes === 0) throw unfit(tensor, length);
    this.#copy(dtype === 'bool', data, bytes);
    if (this.#value === 0 || !this.#isSame(elementType, shape)) this.#create(elementType, shape, bytes);
    return this.#value;
  }

  /** Gives up memory that is too large to keep. */
  trim(): void {
    if (this.#memory.length > MAX_KEPT_BYTES || this.#elementType === STRING) this.release();
  }

  /** Releases the value and its memory. */
  release(): void {
    this.#releaseValue();
    this.#memory = new Uint8Array(0);
    this.#memoryAddress = 0;
  }

  #copy(isBool: boolean, data: ArrayBufferView, bytes: number): void {
    if (this.#memory.length < bytes) {
      this.release();
      this.#memory = new Uint8Array(bytes);
      this.#memoryAddress = Number(addressOf(this.#memory));
    }
    const from = new Uint8Array(data.buffer, data.byteOffset, bytes);
    this.#memory.set(from);
    if (!isBool) return;
    for (let i = 0; i < bytes; i++) if (from[i]! > 1) this.#memory[i] = 1;
  }

  #create(elementType: number, shape: readonly number[], bytes: number): void {
    this.#releaseValue();
    const { functions, statuses, memoryInfo } = this.#api;
    for (let i = 0; i < shape.length; i++) this.#dims.set(i, shape[i]!);
    statuses.throwIfFailed(
      functions.createTensorWithData(
        memoryInfo,
        this.#memoryAddress,
        bytes,
        this.#dims.address,
        shape.length,
        elementType,
        this.#word.address,
      ),
    );
    this.#value = this.#word.take();
    this.#made++;
    this.#elementType = elementType;
    this.#shape = [...shape];
  }

  /** Strings live in memory of ONNX Runtime's, each with its own. */
  #setStrings({ bytes, offsets, length }: StringArray, shape: readonly number[], elementType: number): Address {
    const { functions, statuses, defaultAllocator, libc } = this.#api;
    this.release();
    for (let i = 0; i < shape.length; i++) this.#dims.set(i, shape[i]!);
    statuses.throwIfFailed(
      functions.createTensor(defaultAllocator, this.#dims.address, shape.length, elementType, this.#word.address),
    );
    this.#value = this.#word.take();
    this.#made++;
    this.#elementType = elementType;
    for (let i = 0; i < length; i++) {
      const size = offsets[i + 1]! - offsets[i]!;
      if (size === 0) continue;
      statuses.throwIfFailed(functions.getResizedStringElement(this.#value, i, size, this.#word.address));
      libc.copyIn(this.#word.take(), bytes.subarray(offsets[i]!, offsets[i + 1]!), size);
    }
    return this.#value;
  }

  #isSame(elementType: number, shape: readonly number[]): boolean {
    if (elementType !== this.#elementType || shape.length !== this.#shape.length) return false;
    for (let i = 0; i < shape.length; i++) if (shape[i] !== this.#shape[i]) return false;
    return true;
  }

  #releaseValue(): void {
    if (this.#value !== 0) this.#api.functions.releaseValue(this.#value);
    this.#value = 0;
  }
}

const STRING = elementTypeOf('string');

function unfit({ dtype, shape, data }: Tensor, expected: number): ServingError {
  return ServingError.invalidArgument(
    `A ${dtype} tensor of shape [${shape}] holds ${expected} values; its data is a ${data.constructor.name} of ${data.length}`,
  );
}
