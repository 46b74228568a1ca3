/** TensorProto, shapes and data types as the JSON that protobuf prints for them. */
import type { ResourceHandleFields, TensorProtoFields, TensorShapeFields, VariantFields } from '@serving/core/extend';
import { dataTypeEnumName } from '@serving/core/tensor';
import { type Member, type ProtoJson, protoBytes, protoNumber, protoString, whenSet } from './proto-json.js';

/** A data type's name, or its number when it has none. */
export function dataTypeJson(dtype: number): ProtoJson {
  const name = dataTypeEnumName(dtype);
  return name === undefined ? String(dtype) : `"${name}"`;
}

/** A `TensorShapeProto`. */
export function tensorShapeJson(shape: TensorShapeFields): ProtoJson {
  const dim = shape.dim.map(({ size, name }) => message(['size', quoted(size)], ['name', protoString(name)]));
  return message(['dim', { list: dim }], ['unknown_rank', String(shape.unknownRank)]);
}

/** A `TensorProto`: every list is printed, the empty ones too. */
export function tensorProtoJson(tensor: TensorProtoFields): ProtoJson {
  return message(
    ['dtype', dataTypeJson(tensor.dtype)],
    ...whenSet('tensor_shape', tensor.tensorShape, tensorShapeJson),
    ['version_number', String(tensor.versionNumber)],
    ['tensor_content', protoBytes(tensor.tensorContent)],
    ['float_val', list(tensor.floatVal, float)],
    ['double_val', list(tensor.doubleVal, double)],
    ['int_val', list(tensor.intVal, String)],
    ['string_val', list(tensor.stringVal, protoBytes)],
    ['scomplex_val', list(tensor.scomplexVal, float)],
    ['int64_val', list(tensor.int64Val, quoted)],
    ['bool_val', list(tensor.boolVal, String)],
    ['dcomplex_val', list(tensor.dcomplexVal, double)],
    ['half_val', list(tensor.halfVal, String)],
    ['resource_handle_val', list(tensor.resourceHandleVal, resourceHandleJson)],
    ['variant_val', list(tensor.variantVal, variantJson)],
    ['uint32_val', list(tensor.uint32Val, String)],
    ['uint64_val', list(tensor.uint64Val, quoted)],
    ['float8_val', protoBytes(tensor.float8Val)],
  );
}

function resourceHandleJson(handle: ResourceHandleFields): ProtoJson {
  const dtypesAndShapes = list(handle.dtypesAndShapes, ({ dtype, shape }) =>
    message(['dtype', dataTypeJson(dtype)], ...whenSet('shape', shape, tensorShapeJson)),
  );
  return message(
    ['device', protoString(handle.device)],
    ['container', protoString(handle.container)],
    ['name', protoString(handle.name)],
    ['hash_code', quoted(handle.hashCode)],
    ['maybe_type_name', protoString(handle.maybeTypeName)],
    ['dtypes_and_shapes', dtypesAndShapes],
  );
}

function variantJson(variant: VariantFields): ProtoJson {
  return message(
    ['type_name', protoString(variant.typeName)],
    ['metadata', protoBytes(variant.metadata)],
    ['tensors', list(variant.tensors, tensorProtoJson)],
  );
}

const message = (...members: readonly Member[]): ProtoJson => ({ members });
const list = <T>(values: readonly T[], toJson: (value: T) => ProtoJson): ProtoJson => ({
  list: values.map((value) => toJson(value)),
});
const quoted = (integer: bigint): string => `"${integer}"`;
const float = (value: number): string => protoNumber(value, 'float');
const double = (value: number): string => protoNumber(value, 'double');
