import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ServingError } from '@serving/core';
import type { TensorInfo } from '@serving/core/extend';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../messages/message.test-support.js';
import { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model.js';

const fixtureFile = (path: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../savedmodel/fixtures/${path}`, import.meta.url)));

const decodeFixture = (model: string): SavedModel =>
  decodeSavedModel(fixtureFile(`${model}/saved_model.pb`), `${model}/saved_model.pb`);

const vector = { dim: [{ size: -1n, name: '' }], unknownRank: false };

/** The only meta graph of a SavedModel with these signatures. */
function metaGraphWith(signatureDef: readonly object[]): MetaGraph {
  const bytes = encodeMessage('tensorflow.SavedModel', { metaGraphs: [{ signatureDef }] });
  return decodeSavedModel(bytes, 'made').metaGraphs[0]!;
}

describe('decodeSavedModel', () => {
  it('reads tags, release, restore operation and plain signatures', () => {
    const { schemaVersion, metaGraphs } = decodeFixture('half_plus_two/123');
    expect(schemaVersion).toBe(1);
    expect(metaGraphs).toHaveLength(1);
    expect(metaGraphs[0]!.tags).toEqual(['serve']);
    expect(metaGraphs[0]!.tensorflowVersion).toMatch(/^2\.21/);
    expect(metaGraphs[0]!.restoreOpName).toBe('save/restore_all');
    expect(metaGraphs[0]!.signatureDefs.get('serving_default')).toEqual({
      inputs: new Map([['x', { name: 'x:0', dtype: 1, tensorShape: vector }]]),
      outputs: new Map([['y', { name: 'y:0', dtype: 1, tensorShape: vector }]]),
      methodName: 'tensorflow/serving/predict',
      defaults: new Map(),
    });
  });

  it('reads several meta graphs', () => {
    const { metaGraphs } = decodeFixture('two_tag_sets/1');
    expect(metaGraphs.map(({ tags }) => tags)).toEqual([['serve'], ['serve', 'gpu']]);
    expect([...metaGraphs[1]!.signatureDefs.keys()].sort()).toEqual(['gpu_only', 'serving_default']);
  });

  it('keeps names such as __proto__ and constructor', () => {
    const { signatureDefs } = decodeFixture('odd_names/1').metaGraphs[0]!;
    expect([...signatureDefs.keys()]).toContain('__proto__');
    expect([...signatureDefs.get('__proto__')!.outputs.keys()]).toEqual(['__proto__']);
    expect(new Set(signatureDefs.get('serving_default')!.inputs.keys())).toEqual(new Set(['__proto__', 'constructor']));
  });

  it('reads sparse and composite tensor infos', () => {
    const { signatureDefs } = decodeFixture('composite/1').metaGraphs[0]!;
    const sparse = signatureDefs.get('sparse')!.inputs.get('sparse')!;
    expect(sparse.cooSparse).toEqual({
      valuesTensorName: 'sparse/values:0',
      indicesTensorName: 'sparse/indices:0',
      denseShapeTensorName: 'sparse/shape:0',
    });
    expect(sparse).not.toHaveProperty('name');
    const { compositeTensor } = signatureDefs.get('ragged')!.inputs.get('ragged')!;
    expect(compositeTensor!.components.map(({ name }) => name)).toEqual(['ragged/values:0', 'ragged/splits:0']);
    expect(compositeTensor!.typeSpec).toEqual({
      typeSpecClass: 3,
      typeSpecClassName: 'RaggedTensorSpec',
      numFlatComponents: 2,
      typeState: {
        tupleValue: {
          values: [
            {
              tensorShapeValue: {
                dim: [
                  { size: -1n, name: '' },
                  { size: -1n, name: '' },
                ],
                unknownRank: false,
              },
            },
            { tensorDtypeValue: 9 },
            { int64Value: 1n },
            { tensorDtypeValue: 9 },
          ],
        },
      },
    });
  });

  it('reads default inputs as stored', () => {
    const { defaults } = decodeFixture('defaults/1').metaGraphs[0]!.signatureDefs.get('serving_default')!;
    expect(defaults.get('offsets')).toMatchObject({ dtype: 1, floatVal: [0.5], tensorShape: { dim: [{ size: 3n }] } });
    expect(defaults.get('prefix')!.stringVal).toEqual([new Uint8Array([...Buffer.from('count: '), 0xff])]);
    expect(defaults.get('big')!.tensorContent).toHaveLength(16);
  });

  it('tells an absent message or oneof member from one at its default', () => {
    const inputs = [
      { key: 'nothing', value: {} },
      { key: 'empty name', value: { name: '' } },
      { key: 'scalar', value: { name: 'x:0', tensorShape: {} } },
      { key: 'no value' },
    ];
    const read = metaGraphWith([{ key: 's', value: { inputs } }]).signatureDefs.get('s')!.inputs;
    expect([...read]).toEqual([
      ['nothing', { dtype: 0 }],
      ['empty name', { name: '', dtype: 0 }],
      ['scalar', { name: 'x:0', dtype: 0, tensorShape: { dim: [], unknownRank: false } }],
      ['no value', { dtype: 0 }],
    ]);
  });

  it('keeps the order of the file, and the last of several entries under one name', () => {
    const value = (methodName: string): object => ({ methodName });
    const { signatureDefs } = metaGraphWith([
      { key: '10', value: value('a') },
      { key: '9', value: value('b') },
      { key: 'x', value: value('c') },
      { key: '1', value: value('d') },
      { key: 'x', value: value('e') },
    ]);
    expect(Array.from(signatureDefs, ([name, { methodName }]) => name + methodName)).toEqual(['10a', '9b', 'xe', '1d']);
  });

  it('lets the last member of a oneof win', () => {
    // name: "x:0", then coo_sparse {}.
    const info = new Uint8Array([0x0a, 3, 0x78, 0x3a, 0x30, 0x22, 0]);
    const entry = [0x0a, 1, 0x78, 0x12, info.length, ...info];
    const signature = [0x0a, entry.length, ...entry];
    const signatures = [0x0a, 1, 0x73, 0x12, signature.length, ...signature];
    const metaGraph = [0x2a, signatures.length, ...signatures];
    const bytes = new Uint8Array([0x12, metaGraph.length, ...metaGraph]);
    const { inputs } = decodeSavedModel(bytes, 'made').metaGraphs[0]!.signatureDefs.get('s')!;
    expect(inputs.get('x')).toEqual({
      cooSparse: { valuesTensorName: '', indicesTensorName: '', denseShapeTensorName: '' },
      dtype: 0,
    } satisfies TensorInfo);
  });

  it.each(structuredValues())('reads the structured value %s', (_, message, expected) => {
    const typeSpec = { typeSpecClassName: 'T', typeState: message };
    const inputs = [{ key: 'x', value: { compositeTensor: { typeSpec } } }];
    const info = metaGraphWith([{ key: 's', value: { inputs } }])
      .signatureDefs.get('s')!
      .inputs.get('x')!;
    expect(info.compositeTensor!.typeSpec!.typeState).toEqual(expected);
  });

  it('shares no memory with the bytes it was given', () => {
    const bytes = fixtureFile('defaults/1/saved_model.pb');
    const before = decodeSavedModel(bytes, 'defaults');
    bytes.fill(0);
    expect(before).toEqual(decodeFixture('defaults/1'));
  });

  it('refuses a file cut short, naming it', () => {
    expect(() => decodeFixture('broken/truncated/1')).toThrow(
      expect.objectContaining({
        code: 'DATA_LOSS',
        message: expect.stringContaining("Can't parse broken/truncated/1/saved_model.pb as binary proto"),
      }),
    );
  });

  it('reads any bytes or refuses them with a ServingError', () => {
    const real = fixtureFile('composite/1/saved_model.pb');
    const changed = fc
      .tuple(fc.nat(real.length), fc.nat(real.length - 1), fc.nat(255))
      .map(([length, position, byte]) => {
        const bytes = Buffer.from(real.subarray(0, length));
        if (position < length) bytes[position] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), changed), (bytes) => {
        try {
          decodeSavedModel(bytes, 'any');
        } catch (error) {
          expect(error).toBeInstanceOf(ServingError);
          expect(error).toHaveProperty('code', 'DATA_LOSS');
        }
      }),
    );
  });
});

describe('parseSavedModelText', () => {
  it('skips the graph and reads what the binary form has', () => {
    const { metaGraphs } = parseSavedModelText(fixtureFile('pbtxt/1/saved_model.pbtxt').toString(), 'pbtxt');
    const binary = decodeFixture('half_plus_two/123').metaGraphs[0]!;
    expect(metaGraphs).toEqual([{ ...binary, signatureDefs: metaGraphs[0]!.signatureDefs }]);
    expect(metaGraphs[0]!.signatureDefs.get('serving_default')).toEqual(binary.signatureDefs.get('serving_default'));
  });

  it('reads escapes, lists, maps in both spellings and reference types', () => {
    const text = `
      # a comment
      saved_model_schema_version: 1
      meta_graphs: {
        meta_info_def < tags: ["serve", 'gpu'], tensorflow_version: "1.\\x30" meta_graph_version: "skipped" >
        collection_def { key: "k" value { bytes_list { value: "}" } } }
        signature_def [{ key: "\\303\\251" value: { method_name: "m" "ethod";
          inputs { key: "x" value { name: "x:0" dtype: DT_FLOAT_REF tensor_shape { unknown_rank: true } } }
          defaults { key: "x" value { dtype: DT_INT64 int64_val: -9223372036854775808 } } } }]
      }`;
    const { metaGraphs } = parseSavedModelText(text, 'made');
    expect(metaGraphs[0]).toMatchObject({ tags: ['serve', 'gpu'], tensorflowVersion: '1.0' });
    const signature = metaGraphs[0]!.signatureDefs.get('é')!;
    expect(signature.methodName).toBe('method');
    expect(signature.inputs.get('x')).toEqual({
      name: 'x:0',
      dtype: 101,
      tensorShape: { dim: [], unknownRank: true },
    });
    expect(signature.defaults.get('x')!.int64Val).toEqual([-(2n ** 63n)]);
  });

  it('refuses a text cut short, naming the file and the place', () => {
    expect(() => parseSavedModelText('meta_graphs {\n meta_info_def {', 'm.pbtxt')).toThrow(
      expect.objectContaining({
        code: 'DATA_LOSS',
        message: "Can't parse m.pbtxt as text proto (expected '}' (line 2))",
      }),
    );
  });
});

/** Name, message and expectation of every kind of StructuredValue. */
function structuredValues(): [string, object, object][] {
  const tensor = { dtype: 3, intVal: [7] };
  const readTensor = expect.objectContaining({ dtype: 3, intVal: [7], floatVal: [] });
  const shape = { dim: [{ size: -1, name: 'n' }] };
  const readShape = { dim: [{ size: -1n, name: 'n' }], unknownRank: false };
  const spec = { name: 's', shape, dtype: 1 };
  const readSpec = { name: 's', shape: readShape, dtype: 1 };
  const typeSpec = { typeSpecClass: 12, typeSpecClassName: 'C' };
  return [
    ['of no kind', {}, {}],
    ['none_value', { noneValue: {} }, { noneValue: {} }],
    ['float64_value', { float64Value: 0 }, { float64Value: 0 }],
    ['int64_value', { int64Value: -3 }, { int64Value: -3n }],
    ['string_value', { stringValue: '' }, { stringValue: '' }],
    ['bool_value', { boolValue: false }, { boolValue: false }],
    ['tensor_shape_value', { tensorShapeValue: shape }, { tensorShapeValue: readShape }],
    ['tensor_dtype_value', { tensorDtypeValue: 9 }, { tensorDtypeValue: 9 }],
    ['tensor_spec_value', { tensorSpecValue: spec }, { tensorSpecValue: readSpec }],
    ['type_spec_value', { typeSpecValue: typeSpec }, { typeSpecValue: { ...typeSpec, numFlatComponents: 0 } }],
    [
      'bounded_tensor_spec_value',
      { boundedTensorSpecValue: { ...spec, minimum: tensor } },
      { boundedTensorSpecValue: { ...readSpec, minimum: readTensor } },
    ],
    ['list_value', { listValue: { values: [{ boolValue: true }] } }, { listValue: { values: [{ boolValue: true }] } }],
    ['tuple_value', { tupleValue: {} }, { tupleValue: { values: [] } }],
    [
      'dict_value',
      { dictValue: { fields: [{ key: '__proto__', value: { noneValue: {} } }] } },
      { dictValue: { fields: new Map([['__proto__', { noneValue: {} }]]) } },
    ],
    [
      'named_tuple_value',
      { namedTupleValue: { name: 'n', values: [{ key: 'a' }, { key: 'b', value: {} }] } },
      { namedTupleValue: { name: 'n', values: [{ key: 'a' }, { key: 'b', value: {} }] } },
    ],
    ['tensor_value', { tensorValue: tensor }, { tensorValue: readTensor }],
    ['numpy_value', { numpyValue: tensor }, { numpyValue: readTensor }],
  ];
}
