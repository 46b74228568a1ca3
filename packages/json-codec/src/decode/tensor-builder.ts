/** One input of a request while its values are gathered. */
import { ServingError } from '@serving/core';
import {
  type DataType,
  dataTypeInfo,
  isTensorDataType,
  type NumericArray,
  type Tensor,
  type TensorDataType,
} from '@serving/core/tensor';
import { GrowingStrings } from './growing-strings.js';

/** Values of one input, appended value by value or element by element. */
export class TensorBuilder {
  readonly dtype: DataType;
  /** Of a data type whose tensors we can't hold there is neither; nothing can be appended to it either. */
  readonly numbers: GrowingNumbers | undefined;
  readonly strings: GrowingStrings | undefined;
  /** Shape and number of values of one element, once the first is known. */
  elementShape: readonly number[] | undefined;
  elementSize = 0;
  /** Elements that were ended with {@link endElement}. */
  elements = 0;

  /**
   * @param capacity values (of strings: bytes) to begin with
   * @param origin where in the text the values begin
   * @param most bytes of text that the values stand in, where that is known
   */
  constructor(dtype: DataType, capacity: number, origin: number = 0, most: number = Number.POSITIVE_INFINITY) {
    this.dtype = dtype;
    this.strings = dtype === 'string' ? new GrowingStrings(capacity, most) : undefined;
    this.numbers =
      isTensorDataType(dtype) && dtype !== 'string'
        ? new GrowingNumbers(dtype, capacity, origin, most / 2 + 1)
        : undefined;
  }

  /** How many values there are. */
  get length(): number {
    return this.numbers?.length ?? this.strings?.length ?? 0;
  }

  /** Removes all values from the `length`-th on. */
  truncate(length: number): void {
    this.numbers?.truncate(length);
    this.strings?.truncate(length);
  }

  /** Ends one element of a row-wise request; false when its shape differs from the first one's. */
  endElement(shape: readonly number[]): boolean {
    this.elements++;
    this.elementShape ??= shape;
    return isSameShape(this.elementShape, shape);
  }

  /**
   * The tensor; its data is no longer the builder's.
   *
   * @throws ServingError `UNIMPLEMENTED` for a data type whose tensors we can't hold.
   */
  finish(shape: readonly number[]): Tensor {
    const data = this.strings?.finish() ?? this.numbers?.finish();
    if (data === undefined) {
      throw new ServingError('UNIMPLEMENTED', `Conversion of JSON Value: [] to type: ${this.dtype}`);
    }
    return { dtype: this.dtype, shape, data } as Tensor;
  }
}

/** Whether two shapes agree in every dimension. */
export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A typed array that grows. */
export class GrowingNumbers {
  readonly #make: new (
    length: number,
  ) => NumericArray;
  array: NumericArray;
  length = 0;
  /** Where in the text the first of them stands: what a reader may judge the room by that the rest needs. */
  readonly origin: number;
  readonly #most: number;

  /** @param most elements that there can be, where that is known */
  constructor(
    dtype: Exclude<TensorDataType, 'string'>,
    capacity: number,
    origin: number = 0,
    most: number = Number.POSITIVE_INFINITY,
  ) {
    this.#make = dataTypeInfo(dtype).array!;
    this.array = capacity === 0 ? UNMADE : new this.#make(capacity);
    this.origin = origin;
    this.#most = most;
  }

  /** Makes room for so many elements more, and at least for a quarter more than there are (of many, three times). */
  reserve(count: number): void {
    if (this.length + count > this.array.length) {
      // Memory that isn't written to costs next to nothing, copying a large array stalls everything else.
      const ahead = this.length < MANY ? this.length >> 2 : Math.min(3 * this.length, this.#most - this.length);
      const wider = new this.#make(Math.max(this.length + count, this.length + ahead));
      if (this.length > 0) set(wider, this.array.subarray(0, this.length), 0);
      this.array = wider;
    }
  }

  /**
   * Appends the first `count` elements of `values`, an array of the same type. `rest` bytes of text, behind the position
   * `at`, may hold more: room is made for as many as the text so far lets expect.
   */
  append(values: NumericArray, count: number, rest: number, at: number): void {
    const { length } = this;
    const end = length + count;
    if (end > this.array.length) {
      const bytesEach = Math.max(2, (at - this.origin) / end);
      this.reserve(count + Math.min(Math.ceil((rest / bytesEach) * 1.05), MOST_GROWTH * end));
    }
    if (count <= FEW) copyFew(values, this.array, length, count);
    else set(this.array, values.subarray(0, count), length);
    this.length = end;
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

  /** Removes all elements from the `length`-th on. */
  truncate(length: number): void {
    this.length = length;
  }

  /** The numbers: the array itself or a view when little of it is unused or there are many, a copy otherwise. */
  finish(): NumericArray {
    const { array, length } = this;
    if (array === UNMADE) return new this.#make(0);
    if (length === array.length) return array;
    const isWasteful = array.length - length > 32 + (length >> 2) && length < MANY;
    return isWasteful ? array.slice(0, length) : array.subarray(0, length);
  }
}

/** The room made ahead is at most so many times what there is: the rest of a text may hold other things. */
const MOST_GROWTH = 31;

/** Stands for an array of no elements: typed arrays of length 0 are slow to make. */
const UNMADE: NumericArray = new Uint8Array(0);

/** From this many elements on, an array isn't copied where that can be avoided. */
const MANY = 1024 * 1024;

/** Below this many elements a loop copies faster than a call of `set`. */
const FEW = 16;

/** Loops with one type of arrays are several times as fast. */
function copyFew(source: NumericArray, target: NumericArray, at: number, count: number): void {
  if (source instanceof Float32Array && target instanceof Float32Array) {
    for (let i = 0; i < count; i++) target[at + i] = source[i]!;
  } else if (source instanceof Int32Array && target instanceof Int32Array) {
    for (let i = 0; i < count; i++) target[at + i] = source[i]!;
  } else if (source instanceof BigInt64Array && target instanceof BigInt64Array) {
    for (let i = 0; i < count; i++) target[at + i] = source[i]!;
  } else {
    for (let i = 0; i < count; i++) (target as Float64Array)[at + i] = (source as Float64Array)[i]!;
  }
}

function set(target: NumericArray, source: NumericArray, at: number): void {
  (target as Float64Array).set(source as Float64Array, at);
}
