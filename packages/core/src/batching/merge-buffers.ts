/** Memory for merged inputs, used again from batch to batch. */
import { dataTypeInfo, type NumericArray, type TensorDataType } from '../tensor/data-type.js';
import type { NamedTensors, Tensor } from '../tensor/tensor.js';

/** Below this size new memory costs less than keeping it. */
const MIN_BYTES = 16 * 1024;
/** What is kept at most while nothing runs. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/**
 * For servables that keep nothing of their inputs: see `copiesInputs` of `InferenceServable`. Fresh memory for every batch
 * keeps the garbage collector busy, which cost a tenth of the throughput of a small network.
 */
export class MergeBuffers {
  readonly #kept = new Map<number, ArrayBuffer[]>();
  #keptBytes = 0;

  /** An array of this length with any values in it. */
  allocate(dtype: TensorDataType, length: number): NumericArray {
    const array = dataTypeInfo(dtype).array!;
    const bytes = length * array.BYTES_PER_ELEMENT;
    if (bytes < MIN_BYTES) return new array(length);
    const capacity = 2 ** Math.ceil(Math.log2(bytes));
    const kept = this.#kept.get(capacity)?.pop();
    if (kept !== undefined) this.#keptBytes -= capacity;
    return new array(kept ?? new ArrayBuffer(capacity), 0, length);
  }

  /** Takes back what merged inputs were allocated from, when their run is over. Memory that an output shares is left alone. */
  reclaim(inputs: NamedTensors, outputs: NamedTensors): void {
    for (const name in inputs) {
      const buffer = bufferOf(inputs[name]!);
      if (!(buffer instanceof ArrayBuffer) || buffer.byteLength < MIN_BYTES || isShared(buffer, outputs)) continue;
      const capacity = buffer.byteLength;
      if (this.#keptBytes + capacity > MAX_KEPT_BYTES) continue;
      const kept = this.#kept.get(capacity);
      if (kept) kept.push(buffer);
      else this.#kept.set(capacity, [buffer]);
      this.#keptBytes += capacity;
    }
  }
}

function isShared(buffer: ArrayBufferLike, outputs: NamedTensors): boolean {
  for (const name in outputs) if (bufferOf(outputs[name]!) === buffer) return true;
  return false;
}

function bufferOf({ dtype, data }: Tensor): ArrayBufferLike | undefined {
  return dtype === 'string' ? undefined : data.buffer;
}
