import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';
import { readMetaGraphDef } from './meta-graph-def.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'meta-graph-'));
});

afterEach(() => rm(directory, { recursive: true }));

const text = `
saved_model_schema_version: 1
meta_graphs {
  meta_info_def { tags: "serve" stripped_op_list { op { name: "Const" } } }
  graph_def {
    node {
      name: "c" op: "Const"
      attr { key: "dtype" value { type: DT_FLOAT } }
      attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 3 } } float_val: 1 float_val: 2 } } }
      attr { key: "_output_shapes" value { list { shape { dim { size: 3 } } shape { unknown_rank: true } } } }
    }
    node { name: "n" op: "MyOp" input: "c" input: "^c" attr { key: "ints" value { list { i: 1 i: -2 } } } }
    library {
      function {
        signature { name: "f" input_arg { name: "a" type_attr: "T" } output_arg { name: "r" type: DT_INT32 } }
        node_def { name: "inner" op: "Neg" input: "a" attr { key: "T" value { placeholder: "T" } } }
        ret { key: "r" value: "inner:y:0" }
        control_ret { key: "x" value: "inner" }
        arg_attr { key: 0 value { attr { key: "_output_shapes" value { list { shape { dim { size: 7 } } } } } } }
      }
    }
    versions { producer: 1 }
  }
  collection_def { key: "saved_model_main_op" value { node_list { value: "init" } } }
  asset_file_def { tensor_info { name: "asset:0" } filename: "words.txt" }
}`;

describe('a SavedModel in text form', () => {
  it('is read like a binary one', async () => {
    await writeFile(join(directory, 'saved_model.pbtxt'), text);
    const { nodes, functions, collections, assets } = await readMetaGraphDef(directory, ['serve']);
    const { attributes } = nodes.get('c')!;
    expect(attributes.get('value')!.value).toEqual({ dtype: 'float', shape: [3], data: Float32Array.of(1, 2, 2) });
    expect(attributes.get('_output_shapes')!.value).toEqual([
      { kind: 'shape', value: [3] },
      { kind: 'shape', value: undefined },
    ]);
    expect(nodes.get('n')).toMatchObject({ op: 'MyOp', inputs: ['c', '^c'] });
    expect(nodes.get('n')!.attributes.get('ints')!.value).toEqual([
      { kind: 'int', value: 1n },
      { kind: 'int', value: -2n },
    ]);
    const f = functions.get('f');
    expect(f.arguments).toMatchObject([{ name: 'a', typeAttribute: 'T' }]);
    expect(f.arguments[0]!.attributes.get('_output_shapes')!.value).toEqual([{ kind: 'shape', value: [7] }]);
    expect(f.results).toEqual(['inner:y:0']);
    expect(f.controlResults).toEqual(['inner']);
    expect(f.nodes.get('inner')!.attributes.get('T')).toEqual({ kind: 'placeholder', value: 'T' });
    expect(collections.get('saved_model_main_op')).toEqual(['init']);
    expect(assets).toEqual(new Map([['asset:0', join(directory, 'assets', 'words.txt')]]));
  });

  it.each(['../words.txt', '/etc/passwd', 'a/../../b', '', 'C:\\\\words.txt'])(
    'is refused with asset file %j',
    async (filename) => {
      await writeFile(
        join(directory, 'saved_model.pbtxt'),
        text.replace('filename: "words.txt"', `filename: "${filename}"`),
      );
      await expect(readMetaGraphDef(directory, ['serve'])).rejects.toThrow(/must lie in the folder "assets"/);
    },
  );
});

it('fails with a ServingError, or reads on, for any damage of a binary file', async () => {
  const model = new SavedModelBuilder();
  model.placeholder('x', 'float', [-1]);
  model.constant({ dtype: 'int32', shape: [2], data: Int32Array.of(1, 2) }, 'c');
  model.function('f', [{ name: 'a', dtype: 'float' }], (nodes) => {
    nodes.node('Neg', ['a'], {}, 'n');
    return [{ name: 'r', dtype: 'float', source: 'n:y:0' }];
  });
  await model.write(directory);
  const path = join(directory, 'saved_model.pb');
  const bytes = await readFile(path);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), async (position, byte) => {
      const changed = Buffer.from(bytes);
      changed[position] = byte;
      await writeFile(path, changed);
      try {
        const { nodes, functions } = await readMetaGraphDef(directory, ['serve']);
        for (const { attributes } of nodes.values()) for (const { value } of attributes.values()) void value;
        if (functions.has('f')) functions.get('f');
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }),
    { numRuns: 300, seed: 11 },
  );
});
