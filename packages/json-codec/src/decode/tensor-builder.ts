/** One input of a request while its values are gathered. */
import { ServingError } from '@serving/core';
import { type DataType, isTensorDataType, type Tensor } from '@serving/core/tensor';
import { GrowingNumbers } from './growing-numbers.js';
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

  /** Forgets all values from the `length`-th on. */
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
