/** Kernels of lists of tensors. */
import { ServingError } from '@serving/core/portable';
import { isTensorDataType, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { typeAttribute } from '../../graph/attribute-readers.js';
import { integerOf, integersOf, integerTensor } from '../elements/numbers.js';
import { rowMajorStrides, stridedPositions } from '../elements/strides.js';
import { concatElements, takeElements, withShape, zeros } from '../elements/take.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { concatAlong } from '../movement/join.js';
import { type ListValue, listOf, listTensor } from './list-value.js';

function elementDtype({ attributes }: KernelContext): TensorDataType {
  const dtype = typeAttribute(attributes, 'element_dtype');
  if (isTensorDataType(dtype)) return dtype;
  throw new ServingError('UNIMPLEMENTED', `lists of ${dtype} are not supported`);
}

const reserve: KernelFactory = (context) => {
  const dtype = elementDtype(context);
  return ([, count]) => [listTensor({ elementDtype: dtype, elements: new Array(integerOf(count!)).fill(undefined) })];
};

const empty: KernelFactory = (context) => {
  const dtype = elementDtype(context);
  return () => [listTensor({ elementDtype: dtype, elements: [] })];
};

/** The rows of a tensor. */
function rowsOf(x: Tensor): Tensor[] {
  const [count = 0, ...shape] = x.shape;
  const strides = rowMajorStrides(x.shape);
  return Array.from({ length: count }, (_, i) =>
    takeElements(x, shape, stridedPositions(shape, strides.slice(1), i * strides[0]!)),
  );
}

const fromTensor: KernelFactory =
  () =>
  ([x]) => [listTensor({ elementDtype: x!.dtype, elements: rowsOf(x!) })];

function checkedIndex({ elements }: ListValue, indexTensor: Tensor): number {
  const index = integerOf(indexTensor);
  if (index >= 0 && index < elements.length) return index;
  throw new ServingError(
    'INVALID_ARGUMENT',
    `Trying to access element ${index} in a list with ${elements.length} elements.`,
  );
}

const setItem: KernelFactory =
  () =>
  ([handle, index, item]) => {
    const list = listOf(handle!);
    return [listTensor({ ...list, elements: list.elements.with(checkedIndex(list, index!), item!) })];
  };

/** The shape of elements that were never set: the one given, else that of the others. */
function unsetShape({ elements }: ListValue, given: Tensor | undefined): number[] {
  const declared = given === undefined || given.shape.length === 0 ? undefined : integersOf(given);
  if (declared?.every((size) => size >= 0)) return declared;
  const other = elements.find((element) => element !== undefined);
  if (other !== undefined) return [...other.shape];
  throw new ServingError(
    'INVALID_ARGUMENT',
    `Tried to stack elements of an empty list with non-fully-defined element_shape: ${
      declared === undefined ? '<unknown>' : `[${declared.map((size) => (size < 0 ? '?' : size))}]`
    }`,
  );
}

const getItem: KernelFactory =
  () =>
  ([handle, index, shape]) => {
    const list = listOf(handle!);
    const element = list.elements[checkedIndex(list, index!)];
    return [element ?? zeros(list.elementDtype, unsetShape(list, shape))];
  };

const pushBack: KernelFactory =
  () =>
  ([handle, item]) => {
    const list = listOf(handle!);
    return [listTensor({ ...list, elements: [...list.elements, item!] })];
  };

const popBack: KernelFactory =
  () =>
  ([handle, shape]) => {
    const list = listOf(handle!);
    if (list.elements.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Trying to pop from an empty list.');
    const rest = listTensor({ ...list, elements: list.elements.slice(0, -1) });
    return [rest, list.elements.at(-1) ?? zeros(list.elementDtype, unsetShape(list, shape))];
  };

function stacked(list: ListValue, chosen: readonly (Tensor | undefined)[], shapeTensor: Tensor | undefined): Tensor {
  const isComplete = chosen.length > 0 && chosen.every((element) => element !== undefined);
  const shape = isComplete ? chosen[0]!.shape : unsetShape(list, shapeTensor);
  if (chosen.length === 0) return zeros(list.elementDtype, [0, ...shape]);
  const filled = chosen.map((element) => element ?? zeros(list.elementDtype, shape));
  const other = filled.find((element) => String(element.shape) !== String(shape));
  if (other !== undefined) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Tried to stack list which only contains some elements of shape [${shape}] and others of shape [${other.shape}]`,
    );
  }
  return withShape(concatElements(filled), [filled.length, ...shape]);
}

const stack: KernelFactory =
  () =>
  ([handle, shape]) => {
    const list = listOf(handle!);
    return [stacked(list, list.elements, shape)];
  };

const gather: KernelFactory =
  () =>
  ([handle, indices, shape]) => {
    const list = listOf(handle!);
    const chosen = integersOf(indices!).map((index) => list.elements[index]);
    return [stacked(list, chosen, shape)];
  };

const length: KernelFactory =
  () =>
  ([handle]) => [integerTensor('int32', [], [listOf(handle!).elements.length])];

const resize: KernelFactory =
  () =>
  ([handle, size]) => {
    const list = listOf(handle!);
    const elements = Array.from({ length: integerOf(size!) }, (_, i) => list.elements[i]);
    return [listTensor({ ...list, elements })];
  };

const concat: KernelFactory =
  () =>
  ([handle]) => {
    const list = listOf(handle!);
    const elements = list.elements.map(
      (element) => element ?? zeros(list.elementDtype, [0, ...unsetShape(list, undefined).slice(1)]),
    );
    const lengths = integerTensor(
      'int64',
      [elements.length],
      elements.map(({ shape }) => shape[0]!),
    );
    if (elements.length === 0) throw new ServingError('INVALID_ARGUMENT', 'Tried to concat an empty list.');
    return [concatAlong(elements, 0), lengths];
  };

/** Kernels of lists of tensors, by operation. */
export const listKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    EmptyTensorList: empty,
    TensorListConcat: concat,
    TensorListConcatV2: concat,
    TensorListFromTensor: fromTensor,
    TensorListGather: gather,
    TensorListGetItem: getItem,
    TensorListLength: length,
    TensorListPopBack: popBack,
    TensorListPushBack: pushBack,
    TensorListReserve: reserve,
    TensorListResize: resize,
    TensorListSetItem: setItem,
    TensorListStack: stack,
  }),
);
