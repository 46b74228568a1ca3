/** SignatureDefs as the JSON that protobuf prints for them (`signature_def` in a model's metadata). */
import type {
  CompositeTensor,
  CooSparse,
  SignatureDef,
  SignatureDefMap,
  StructuredValue,
  TensorInfo,
  TensorSpecFields,
  TypeSpec,
} from '@serving/core/extend';
import { type Member, type ProtoJson, protoNumber, protoString, whenSet } from './proto-json.js';
import { dataTypeJson, tensorProtoJson, tensorShapeJson } from './tensor-proto-json.js';

/** A `SignatureDefMap` message. */
export function signatureDefMapJson(signatures: SignatureDefMap): ProtoJson {
  return { members: [['signature_def', mapJson(signatures, signatureDefJson)]] };
}

function mapJson<T>(map: ReadonlyMap<string, T>, toJson: (value: T) => ProtoJson): ProtoJson {
  return { members: Array.from(map, ([name, value]): Member => [name, toJson(value)]) };
}

function signatureDefJson(signature: SignatureDef): ProtoJson {
  return {
    members: [
      ['inputs', mapJson(signature.inputs, tensorInfoJson)],
      ['outputs', mapJson(signature.outputs, tensorInfoJson)],
      ['method_name', protoString(signature.methodName)],
      ['defaults', mapJson(signature.defaults, tensorProtoJson)],
    ],
  };
}

function tensorInfoJson(info: TensorInfo): ProtoJson {
  return {
    members: [
      ...whenSet('name', info.name, protoString),
      ['dtype', dataTypeJson(info.dtype)],
      ...whenSet('tensor_shape', info.tensorShape, tensorShapeJson),
      ...whenSet('coo_sparse', info.cooSparse, cooSparseJson),
      ...whenSet('composite_tensor', info.compositeTensor, compositeTensorJson),
    ],
  };
}

function cooSparseJson(sparse: CooSparse): ProtoJson {
  return {
    members: [
      ['values_tensor_name', protoString(sparse.valuesTensorName)],
      ['indices_tensor_name', protoString(sparse.indicesTensorName)],
      ['dense_shape_tensor_name', protoString(sparse.denseShapeTensorName)],
    ],
  };
}

function compositeTensorJson(composite: CompositeTensor): ProtoJson {
  return {
    members: [
      ...whenSet('type_spec', composite.typeSpec, typeSpecJson),
      ['components', { list: composite.components.map(tensorInfoJson) }],
    ],
  };
}

function typeSpecJson(spec: TypeSpec): ProtoJson {
  const className = typeSpecClasses[spec.typeSpecClass];
  return {
    members: [
      ['type_spec_class', className ? `"${className}"` : String(spec.typeSpecClass)],
      ...whenSet('type_state', spec.typeState, structuredValueJson),
      ['type_spec_class_name', protoString(spec.typeSpecClassName)],
      ['num_flat_components', String(spec.numFlatComponents)],
    ],
  };
}

/** `TypeSpecProto.TypeSpecClass` (`tensorflow/core/protobuf/struct.proto`) by number; 11 was never given out. */
const typeSpecClasses: readonly (string | undefined)[] = [
  'UNKNOWN',
  'SPARSE_TENSOR_SPEC',
  'INDEXED_SLICES_SPEC',
  'RAGGED_TENSOR_SPEC',
  'TENSOR_ARRAY_SPEC',
  'DATA_DATASET_SPEC',
  'DATA_ITERATOR_SPEC',
  'OPTIONAL_SPEC',
  'PER_REPLICA_SPEC',
  'VARIABLE_SPEC',
  'ROW_PARTITION_SPEC',
  undefined,
  'REGISTERED_TYPE_SPEC',
  'EXTENSION_TYPE_SPEC',
];

/** An object with the one member that is set, or an empty one. */
function structuredValueJson(value: StructuredValue): ProtoJson {
  return {
    members: [
      ...whenSet('none_value', value.noneValue, (): ProtoJson => ({ members: [] })),
      ...whenSet('float64_value', value.float64Value, (number) => protoNumber(number, 'double')),
      ...whenSet('int64_value', value.int64Value, (integer) => `"${integer}"`),
      ...whenSet('string_value', value.stringValue, protoString),
      ...whenSet('bool_value', value.boolValue, String),
      ...whenSet('tensor_shape_value', value.tensorShapeValue, tensorShapeJson),
      ...whenSet('tensor_dtype_value', value.tensorDtypeValue, dataTypeJson),
      ...whenSet(
        'tensor_spec_value',
        value.tensorSpecValue,
        (spec): ProtoJson => ({ members: tensorSpecMembers(spec) }),
      ),
      ...whenSet('type_spec_value', value.typeSpecValue, typeSpecJson),
      ...whenSet(
        'bounded_tensor_spec_value',
        value.boundedTensorSpecValue,
        (spec): ProtoJson => ({
          members: [
            ...tensorSpecMembers(spec),
            ...whenSet('minimum', spec.minimum, tensorProtoJson),
            ...whenSet('maximum', spec.maximum, tensorProtoJson),
          ],
        }),
      ),
      ...whenSet('list_value', value.listValue, structuredListJson),
      ...whenSet('tuple_value', value.tupleValue, structuredListJson),
      ...whenSet(
        'dict_value',
        value.dictValue,
        ({ fields }): ProtoJson => ({ members: [['fields', mapJson(fields, structuredValueJson)]] }),
      ),
      ...whenSet('named_tuple_value', value.namedTupleValue, namedTupleJson),
      ...whenSet('tensor_value', value.tensorValue, tensorProtoJson),
      ...whenSet('numpy_value', value.numpyValue, tensorProtoJson),
    ],
  };
}

function tensorSpecMembers(spec: TensorSpecFields): readonly Member[] {
  return [
    ['name', protoString(spec.name)],
    ...whenSet('shape', spec.shape, tensorShapeJson),
    ['dtype', dataTypeJson(spec.dtype)],
  ];
}

function structuredListJson({ values }: NonNullable<StructuredValue['listValue']>): ProtoJson {
  return { members: [['values', { list: values.map(structuredValueJson) }]] };
}

function namedTupleJson({ name, values }: NonNullable<StructuredValue['namedTupleValue']>): ProtoJson {
  const list = values.map(
    ({ key, value }): ProtoJson => ({
      members: [['key', protoString(key)], ...whenSet('value', value, structuredValueJson)],
    }),
  );
  return {
    members: [
      ['name', protoString(name)],
      ['values', { list }],
    ],
  };
}
