/** Copies values of ONNX Runtime's into tensors of ours. */
import { ServingError } from '@serving/core';
import { dataTypeInfo, MAX_RANK, StringArray, type Tensor } from '@serving/core/tensor';
import { type Address, WordArray } from '@serving/engine/native';
import { address as addressOf } from 'koffi';
import type { OnnxRuntimeApi } from './c-api.js';
import { dtypeOfElementType, elementTypeName } from './element-types.js';
import { NativeWord } from './native-word.js';

/** Reads values for one thread. */
export class OutputReader {
  readonly #api: OnnxRuntimeApi;
  readonly #word: NativeWord = new NativeWord();
  readonly #dims: WordArray = new WordArray(MAX_RANK);

  constructor(api: OnnxRuntimeApi) {
    this.#api = api;
  }

  /**
   * A copy of a value, which stays the caller's to release. Dtype and shape are those of the value itself.
   *
   * @throws ServingError `UNIMPLEMENTED` for a tensor of a dtype that is not ours, and with ONNX Runtime's text for a value that is not a
   * tensor.
   */
  read(value: Address): Tensor {
    const { functions, statuses } = this.#api;
    const word = this.#word;
    if (value === 0) throw new ServingError('INTERNAL', 'ONNX Runtime returned no value');
    statuses.throwIfFailed(functions.getTypeAndShape(value, word.address));
    const info = word.take();
    let elementType: number;
    let shape: number[];
    try {
      statuses.throwIfFailed(functions.getElementType(info, word.address));
      elementType = word.takeInt();
      shape = this.#shape(info);
    } finally {
      functions.releaseTypeAndShape(info);
    }
    const dtype = dtypeOfElementType(elementType);
    if (dtype === undefined) {
      throw new ServingError(
        'UNIMPLEMENTED',
        `ONNX Runtime returned ${elementTypeName(elementType)}, which can't be read`,
      );
    }
    let length = 1;
    for (let i = 0; i < shape.length; i++) length *= shape[i]!;
    if (dtype === 'string') return { dtype, shape, data: this.#strings(value, length) };
    const data = new (dataTypeInfo(dtype).array!)(length);
    if (length > 0) {
      statuses.throwIfFailed(functions.getTensorData(value, word.address));
      this.#api.libc.copyOut(data, word.take(), data.byteLength);
    }
    return { dtype, shape, data } as Tensor;
  }

  #shape(info: Address): number[] {
    const { functions, statuses } = this.#api;
    statuses.throwIfFailed(functions.getDimensionsCount(info, this.#word.address));
    const rank = this.#word.take();
    if (rank > MAX_RANK) throw new ServingError('UNIMPLEMENTED', `ONNX Runtime returned a tensor of rank ${rank}`);
    const shape = new Array<number>(rank);
    if (rank > 0) statuses.throwIfFailed(functions.getDimensions(info, this.#dims.address, rank));
    for (let i = 0; i < rank; i++) shape[i] = this.#dims.get(i);
    return shape;
  }

  #strings(value: Address, count: number): StringArray {
    const { functions, statuses } = this.#api;
    const offsets = new Uint32Array(count + 1);
    if (count === 0) return new StringArray(new Uint8Array(0), offsets);
    statuses.throwIfFailed(functions.getStringTensorDataLength(value, this.#word.address));
    const total = this.#word.take();
    const bytes = new Uint8Array(Math.max(total, 1));
    const starts = new WordArray(count);
    statuses.throwIfFailed(
      functions.getStringTensorContent(value, Number(addressOf(bytes)), total, starts.address, count),
    );
    for (let i = 0; i < count; i++) offsets[i] = starts.get(i);
    offsets[count] = total;
    return new StringArray(bytes.subarray(0, total), offsets);
  }
}
