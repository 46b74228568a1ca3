/**
 * Tensors, data types and shapes, without the rest of the core. {@link createTensor} makes a {@link Tensor}, {@link toTensor} makes one of whatever a caller has,
 * {@link StringArray} holds strings as bytes.
 *
 * @module @serving/core/tensor
 */
export {
  type DataType,
  type DataTypeInfo,
  dataTypeEnumName,
  dataTypeFromNumber,
  dataTypeInfo,
  isTensorDataType,
  type NumericArray,
  type NumericArrayConstructor,
  type TensorDataMap,
  type TensorDataType,
} from './data-type.js';
export { fromBfloat16, fromHalf, toBfloat16, toHalf } from './half.js';
export { StringArray } from './string-array.js';
export { createTensor, type NamedTensors, type Tensor } from './tensor.js';
export { tensorBytes, tensorFromBytes, zerosAndOnes } from './tensor-bytes.js';
export type { NestedArray, ShapedArray, TensorScalar, TfjsTensor } from './tensor-like.js';
export {
  elementCount,
  formatPartialShape,
  formatShape,
  isCompatibleShape,
  MAX_ELEMENTS,
  MAX_RANK,
  type PartialShape,
} from './tensor-shape.js';
export { toTensor } from './to-tensor.js';
