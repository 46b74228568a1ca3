/** Requests without rows: models run with one row of zeros, which is cut off again. */
import { ServingError } from '@serving/core';
import {
  dataTypeInfo,
  elementCount,
  type PartialShape,
  StringArray,
  type Tensor,
  type TensorDataMap,
} from '@serving/core/tensor';

/** Bytes that the row may have, of which a client chooses the dimensions. */
const MAX_ROW_BYTES = 4 * 1024 ** 2;
/** What a string without text takes. */
const STRING_BYTES = 4;

/**
 * Inputs without rows with one row of zeros, or of strings without text; the others as they are.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an input without elements that has rows, or a row that is too large.
 */
export function withOneRow(values: readonly Tensor[], names: readonly string[]): Tensor[] {
  return values.map((value, i) => {
    if (elementCount(value.shape) > 0) return value;
    const shape = [1, ...value.shape.slice(1)];
    if (value.shape[0] !== 0 || elementCount(shape) === 0) {
      throw ServingError.invalidArgument(
        `"${names[i]}" of shape [${value.shape}] has no elements, which ONNX Runtime can't take`,
      );
    }
    const { array, width } = dataTypeInfo(value.dtype);
    const length = elementCount(shape) * width;
    if (length * (array?.BYTES_PER_ELEMENT ?? STRING_BYTES) > MAX_ROW_BYTES) {
      throw ServingError.invalidArgument(`A row of shape [${shape}] is too large for a request without rows`);
    }
    const data = array === undefined ? StringArray.from(new Array<string>(length).fill('')) : new array(length);
    return { dtype: value.dtype, shape, data } as Tensor;
  });
}

/** An output without its rows; one whose first dimension is fixed stays as it is. */
export function withoutRows(tensor: Tensor, declared: PartialShape): Tensor {
  if (declared === undefined || declared.length === 0 || declared[0] !== -1) return tensor;
  const { dtype, shape, data } = tensor;
  const none = data.subarray(0, 0) as TensorDataMap[typeof dtype];
  return { dtype, shape: [0, ...shape.slice(1)], data: none } as Tensor;
}
