/** One output of a model whose runs write into memory of ours, which saves the calls that ask for its dtype, shape and place. */
import { type DataType, dataTypeInfo, elementCount, type Tensor } from '@serving/core/tensor';
import { type Address, WordArray } from '@serving/engine/native';
import { address as addressOf } from 'koffi';
import type { OnnxRuntimeApi } from './c-api.js';
import { elementTypeOf } from './element-types.js';
import { NativeWord } from './native-word.js';

/** Larger outputs are left to ONNX Runtime's memory: there the calls weigh little. */
const MAX_BYTES = 1 << 20;

type Elements = InstanceType<NonNullable<ReturnType<typeof dataTypeInfo>['array']>>;

/** A value for outputs of one dtype and shape, from `keep` to `release`. ONNX Runtime refuses to write outputs of other shapes into it. */
export class OutputValue {
  readonly #api: OnnxRuntimeApi;
  #address: Address = 0;
  #tensor: { readonly dtype: DataType; readonly shape: readonly number[]; readonly data: Elements } | undefined;

  constructor(api: OnnxRuntimeApi) {
    this.#api = api;
  }

  /** The value; 0 where none is kept. */
  get address(): Address {
    return this.#address;
  }

  /** Makes the value for outputs like this one. Strings, tensors without elements and large ones get none. */
  keep({ dtype, shape }: Tensor): void {
    const { functions, statuses, memoryInfo } = this.#api;
    const { array } = dataTypeInfo(dtype);
    const length = elementCount(shape);
    if (array === undefined || length === 0 || length * array.BYTES_PER_ELEMENT > MAX_BYTES) return;
    const data = new array(length);
    const dims = new WordArray(shape.length);
    for (let i = 0; i < shape.length; i++) dims.set(i, shape[i]!);
    const word = new NativeWord();
    statuses.throwIfFailed(
      functions.createTensorWithData(
        memoryInfo,
        Number(addressOf(data)),
        data.byteLength,
        dims.address,
        shape.length,
        elementTypeOf(dtype)!,
        word.address,
      ),
    );
    this.#address = word.take();
    this.#tensor = { dtype, shape: [...shape], data };
  }

  /** A copy of what the last run wrote. */
  read(): Tensor {
    const { dtype, shape, data } = this.#tensor!;
    return { dtype, shape: shape.slice(), data: data.slice() } as Tensor;
  }

  release(): void {
    if (this.#address !== 0) this.#api.functions.releaseValue(this.#address);
    this.#address = 0;
    this.#tensor = undefined;
  }
}
