/** Numbers gathered one after the other into a typed array. */
import { dataTypeInfo, type NumericArray, type TensorDataType } from '@serving/core/tensor';

/** Where the lower half of a 64-bit integer lies among its two: 0 on little-endian machines. */
export const LOW_HALF: number = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** A typed array that grows. Loops write into `array` themselves, between `reserve` and setting `length`. */
export class GrowingNumbers {
  readonly #make: new (
    length: number,
  ) => NumericArray;
  array: NumericArray;
  /** Of 64-bit integers, the array's 32-bit halves in the machine's order. */
  halves: Int32Array | undefined;
  length = 0;
  /** Where in the text the first of them stands: what a reader may judge the room by that the rest needs. */
  readonly origin: number;

  constructor(dtype: Exclude<TensorDataType, 'string'>, capacity: number, origin: number = 0) {
    this.#make = dataTypeInfo(dtype).array!;
    this.array = new this.#make(capacity);
    this.halves = halvesOf(this.array);
    this.origin = origin;
  }

  /** Makes room for so many elements more, and at least for a quarter more than there are. */
  reserve(count: number): NumericArray {
    if (this.length + count > this.array.length) {
      const wider = new this.#make(Math.max(this.length + count, this.length + (this.length >> 2)));
      copy(this.array, wider, this.length);
      this.array = wider;
      this.halves = halvesOf(wider);
    }
    return this.array;
  }

  /** Appends one number, wrapped to the array's width. */
  pushNumber(value: number): void {
    if (this.length === this.array.length) this.reserve(this.length + 1);
    this.array[this.length++] = value;
  }

  /** Appends one 64-bit integer. */
  pushBigInt(value: bigint): void {
    if (this.length === this.array.length) this.reserve(this.length + 1);
    (this.array as BigInt64Array)[this.length++] = value;
  }

  /** Forgets all elements from the `length`-th on. */
  truncate(length: number): void {
    this.length = length;
  }

  /** The numbers: the array itself or a view when little of it is unused, a copy otherwise. */
  finish(): NumericArray {
    const { array, length } = this;
    if (length === array.length) return array;
    return array.length - length > 32 + (length >> 2) ? array.slice(0, length) : array.subarray(0, length);
  }
}

function halvesOf(array: NumericArray): Int32Array | undefined {
  return array instanceof BigInt64Array || array instanceof BigUint64Array ? new Int32Array(array.buffer) : undefined;
}

function copy(from: NumericArray, to: NumericArray, length: number): void {
  const source = from.subarray(0, length);
  if (to instanceof BigInt64Array || to instanceof BigUint64Array) to.set(source as BigInt64Array);
  else to.set(source as Float32Array);
}
