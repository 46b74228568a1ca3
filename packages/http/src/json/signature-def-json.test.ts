import type { StructuredValue, TensorInfo, TensorProtoFields } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { printProtoJson } from './proto-json.js';
import { signatureDefMapJson } from './signature-def-json.js';

const shape = { dim: [{ size: -1n, name: 'batch' }], unknownRank: false };
const shapeJson = { dim: [{ size: '-1', name: 'batch' }], unknown_rank: false };

const emptyTensor: TensorProtoFields = {
  dtype: 1,
  versionNumber: 0,
  tensorContent: new Uint8Array(0),
  floatVal: [],
  doubleVal: [],
  intVal: [],
  stringVal: [],
  scomplexVal: [],
  int64Val: [],
  boolVal: [],
  dcomplexVal: [],
  halfVal: [],
  resourceHandleVal: [],
  variantVal: [],
  uint32Val: [],
  uint64Val: [],
  float8Val: new Uint8Array(0),
};
const emptyTensorJson = {
  dtype: 'DT_FLOAT',
  version_number: 0,
  tensor_content: '',
  float_val: [],
  double_val: [],
  int_val: [],
  string_val: [],
  scomplex_val: [],
  int64_val: [],
  bool_val: [],
  dcomplex_val: [],
  half_val: [],
  resource_handle_val: [],
  variant_val: [],
  uint32_val: [],
  uint64_val: [],
  float8_val: '',
};

/** The printed signature `s`, with members in the order of printing. */
function printed(given: { info?: TensorInfo; tensor?: TensorProtoFields }) {
  const signature = {
    inputs: new Map(given.info && [['x', given.info]]),
    outputs: new Map<string, TensorInfo>(),
    methodName: '',
    defaults: new Map(given.tensor && [['d', given.tensor]]),
  };
  const text = printProtoJson(signatureDefMapJson(new Map([['s', signature]])));
  const { s } = (JSON.parse(text) as { signature_def: { s: Record<string, Record<string, unknown>> } }).signature_def;
  return { input: JSON.stringify(s?.inputs?.x), tensor: JSON.stringify(s?.defaults?.d), members: Object.keys(s ?? {}) };
}

const typeState = (state: StructuredValue): TensorInfo => ({
  dtype: 0,
  compositeTensor: {
    typeSpec: { typeSpecClass: 3, typeState: state, typeSpecClassName: 'C', numFlatComponents: 2 },
    components: [],
  },
});

describe('signatureDefMapJson', () => {
  it('prints all four members of a signature', () => {
    expect(printed({}).members).toEqual(['inputs', 'outputs', 'method_name', 'defaults']);
  });

  it.each<[string, TensorInfo, unknown]>([
    ['with nothing set', { dtype: 0 }, { dtype: 'DT_INVALID' }],
    ['with an empty name', { name: '', dtype: 1 }, { name: '', dtype: 'DT_FLOAT' }],
    ['of a reference type', { name: 'x:0', dtype: 101 }, { name: 'x:0', dtype: 'DT_FLOAT_REF' }],
    ['of a type without a name', { dtype: 99 }, { dtype: 99 }],
    ['of a negative type', { dtype: -1 }, { dtype: -1 }],
    [
      'with a shape',
      { name: 'x', dtype: 9, tensorShape: shape },
      { name: 'x', dtype: 'DT_INT64', tensor_shape: shapeJson },
    ],
    [
      'of unknown rank',
      { dtype: 7, tensorShape: { dim: [], unknownRank: true } },
      { dtype: 'DT_STRING', tensor_shape: { dim: [], unknown_rank: true } },
    ],
    [
      'that is sparse',
      { dtype: 1, cooSparse: { valuesTensorName: 'v', indicesTensorName: 'i', denseShapeTensorName: 's' } },
      {
        dtype: 'DT_FLOAT',
        coo_sparse: { values_tensor_name: 'v', indices_tensor_name: 'i', dense_shape_tensor_name: 's' },
      },
    ],
    [
      'that is composite',
      { dtype: 1, compositeTensor: { components: [{ name: 'c', dtype: 3 }] } },
      { dtype: 'DT_FLOAT', composite_tensor: { components: [{ name: 'c', dtype: 'DT_INT32' }] } },
    ],
    [
      'of a type spec class without a name',
      {
        dtype: 0,
        compositeTensor: {
          typeSpec: { typeSpecClass: 11, typeSpecClassName: '', numFlatComponents: 0 },
          components: [],
        },
      },
      {
        dtype: 'DT_INVALID',
        composite_tensor: {
          type_spec: { type_spec_class: 11, type_spec_class_name: '', num_flat_components: 0 },
          components: [],
        },
      },
    ],
  ])('prints a tensor %s', (_what, info, expected) => {
    expect(printed({ info }).input).toBe(JSON.stringify(expected));
  });

  it.each<[StructuredValue, unknown]>([
    [{}, {}],
    [{ noneValue: {} }, { none_value: {} }],
    [{ float64Value: 0.5 }, { float64_value: 0.5 }],
    [{ float64Value: Number.NaN }, { float64_value: 'NaN' }],
    [{ int64Value: -5n }, { int64_value: '-5' }],
    [{ stringValue: 'a' }, { string_value: 'a' }],
    [{ boolValue: false }, { bool_value: false }],
    [{ tensorShapeValue: shape }, { tensor_shape_value: shapeJson }],
    [{ tensorDtypeValue: 1 }, { tensor_dtype_value: 'DT_FLOAT' }],
    [
      { tensorSpecValue: { name: 'n', shape, dtype: 1 } },
      { tensor_spec_value: { name: 'n', shape: shapeJson, dtype: 'DT_FLOAT' } },
    ],
    [
      { typeSpecValue: { typeSpecClass: 1, typeSpecClassName: 'S', numFlatComponents: 1 } },
      {
        type_spec_value: {
          type_spec_class: 'SPARSE_TENSOR_SPEC',
          type_spec_class_name: 'S',
          num_flat_components: 1,
        },
      },
    ],
    [
      { boundedTensorSpecValue: { name: 'n', dtype: 1, minimum: emptyTensor } },
      { bounded_tensor_spec_value: { name: 'n', dtype: 'DT_FLOAT', minimum: emptyTensorJson } },
    ],
    [{ listValue: { values: [{}, { boolValue: true }] } }, { list_value: { values: [{}, { bool_value: true }] } }],
    [{ tupleValue: { values: [] } }, { tuple_value: { values: [] } }],
    [{ dictValue: { fields: new Map([['__proto__x', {}]]) } }, { dict_value: { fields: { __proto__x: {} } } }],
    [
      { namedTupleValue: { name: 'N', values: [{ key: 'k' }, { key: 'l', value: {} }] } },
      { named_tuple_value: { name: 'N', values: [{ key: 'k' }, { key: 'l', value: {} }] } },
    ],
    [{ tensorValue: emptyTensor }, { tensor_value: emptyTensorJson }],
    [{ numpyValue: emptyTensor }, { numpy_value: emptyTensorJson }],
  ])('prints the type state %o', (state, expected) => {
    expect(printed({ info: typeState(state) }).input).toBe(
      JSON.stringify({
        dtype: 'DT_INVALID',
        composite_tensor: {
          type_spec: {
            type_spec_class: 'RAGGED_TENSOR_SPEC',
            type_state: expected,
            type_spec_class_name: 'C',
            num_flat_components: 2,
          },
          components: [],
        },
      }),
    );
  });

  it('prints every field of a default', () => {
    const tensor: TensorProtoFields = {
      ...emptyTensor,
      tensorShape: shape,
      tensorContent: Uint8Array.of(255),
      floatVal: [Math.fround(1 / 3), 1],
      doubleVal: [1 / 3],
      intVal: [-1],
      stringVal: [Uint8Array.of(104, 105)],
      int64Val: [-(2n ** 63n)],
      boolVal: [true],
      uint64Val: [2n ** 64n - 1n],
      halfVal: [15360],
      resourceHandleVal: [
        {
          device: 'd',
          container: 'c',
          name: 'n',
          hashCode: 7n,
          maybeTypeName: 't',
          dtypesAndShapes: [{ dtype: 1 }, { dtype: 3, shape }],
        },
      ],
      variantVal: [{ typeName: 't', metadata: Uint8Array.of(0), tensors: [] }],
    };
    const { version_number, tensor_content: _, ...rest } = emptyTensorJson;
    expect(JSON.parse(printed({ tensor }).tensor)).toEqual({
      version_number,
      ...rest,
      tensor_shape: shapeJson,
      tensor_content: '/w==',
      float_val: [0.333333343, 1],
      double_val: [1 / 3],
      int_val: [-1],
      string_val: ['aGk='],
      int64_val: ['-9223372036854775808'],
      bool_val: [true],
      uint64_val: ['18446744073709551615'],
      half_val: [15360],
      resource_handle_val: [
        {
          device: 'd',
          container: 'c',
          name: 'n',
          hash_code: '7',
          maybe_type_name: 't',
          dtypes_and_shapes: [{ dtype: 'DT_FLOAT' }, { dtype: 'DT_INT32', shape: shapeJson }],
        },
      ],
      variant_val: [{ type_name: 't', metadata: 'AA==', tensors: [] }],
    });
  });
});
