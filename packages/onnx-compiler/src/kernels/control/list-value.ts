/** Lists of tensors, which variants hold. */
import { ServingError } from '@serving/core/portable';
import type { Tensor, TensorDataType } from '@serving/core/tensor';

/** The elements of a list; those that were never set are `undefined`. A list is not changed after it was made. */
export interface ListValue {
  readonly elementDtype: TensorDataType;
  readonly elements: readonly (Tensor | undefined)[];
}

const lists = new WeakMap<object, ListValue>();

/** A list as a value of a run: a scalar that only kernels of lists can read. */
export function listTensor(list: ListValue): Tensor {
  const handle: Tensor = { dtype: 'uint8', shape: [], data: new Uint8Array(1) };
  lists.set(handle, list);
  return handle;
}

/** The list of a value that {@link listTensor} made. */
export function listOf(handle: Tensor): ListValue {
  const list = lists.get(handle);
  if (list === undefined) throw new ServingError('INVALID_ARGUMENT', 'Input handle is not a list.');
  return list;
}
