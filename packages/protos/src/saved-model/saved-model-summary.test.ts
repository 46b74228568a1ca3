import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Messages } from '../gen/messages.js';
import { encodeMessage } from '../messages/message.js';
import { restoredFunctionNames } from './python-function-names.js';
import { decodeSavedModelOutline, parseSavedModelOutlineText } from './saved-model-summary.js';

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../savedmodel/fixtures/${path}`, import.meta.url));

const call = (op: string, f: string) => ({ op, attr: [{ key: 'f', value: { func: { name: f } } }] });
const graph = (library: readonly object[], ...nodes: readonly object[]) =>
  ({ node: nodes, library: { function: library } }) as Messages['tensorflow.GraphDef'];
const definition = (name: string, ...nodes: readonly object[]) => ({ signature: { name }, nodeDef: nodes });
describe('decodeSavedModelOutline', () => {
  it('has the operations of functions that are called, through other functions too', () => {
    const library = [
      definition('outer', call('StatefulPartitionedCall', 'inner')),
      definition('inner', { op: 'Relu' }, { op: 'byOp' }),
      definition('byOp', { op: 'Tanh' }),
      definition('branch', { op: 'Exp' }),
    ];
    const graphDef = graph(library, { op: 'Add' }, call('PartitionedCall', 'outer'), call('If', 'branch'));
    const bytes = encodeMessage('serving.SavedModelOutline', { metaGraphs: [{ graphDef }] });
    const { ops, functions } = decodeSavedModelOutline(bytes, 'f')[0]!;
    expect([...ops].sort()).toEqual(['Add', 'If', 'PartitionedCall', 'Relu', 'StatefulPartitionedCall', 'Tanh']);
    expect(functions).toBeUndefined();
  });

  it('has the functions of the root object with their signatures', () => {
    const [outline] = decodeSavedModelOutline(readFileSync(fixture('functions/1/saved_model.pb')), 'f');
    expect([...outline!.functions!.keys()].sort()).toEqual(
      ['__call__', 'bare', 'listed', 'named', 'noargs', 'ragged', 'sig', 'sparse', 'variadic'].sort(),
    );
    expect(outline!.functions!.get('bare')).toMatchObject([{ argumentKeywords: ['a', 'bee'] }]);
  });

  it('reads a text file to the same', () => {
    const text = readFileSync(fixture('pbtxt/1/saved_model.pbtxt'), 'utf8');
    const binary = readFileSync(fixture('half_plus_two/123/saved_model.pb'));
    const [fromText] = parseSavedModelOutlineText(text, 'f');
    expect(fromText!.ops).toContain('MergeV2Checkpoints');
    expect(decodeSavedModelOutline(binary, 'f')[0]!.ops).toContain('MergeV2Checkpoints');
  });

  it.each([
    [() => decodeSavedModelOutline(Uint8Array.of(7), 'saved_model.pb'), "Can't parse saved_model.pb as binary proto"],
    [() => parseSavedModelOutlineText('what: 1', 'saved_model.pbtxt'), "Can't parse saved_model.pbtxt as text proto"],
  ])('rejects bytes that are not a SavedModel', (read, message) => {
    expect(read).toThrow(expect.objectContaining({ code: 'DATA_LOSS', message: expect.stringContaining(message) }));
  });
});

describe('restoredFunctionNames', () => {
  it('counts tensors, what is called before what calls it', () => {
    const library = [
      definition('__inference_f_7', { op: 'Relu' }, call('PartitionedCall', '__inference_g_8')),
      definition('__inference_g_8', { op: 'NoOp' }, { op: 'Const' }),
      definition('plain', { op: 'FusedBatchNormV3' }),
    ];
    expect([...restoredFunctionNames(encodeMessage('tensorflow.GraphDef', graph(library)))]).toEqual([
      ['plain', '__inference_plain_9'],
      ['__inference_g_8', '__inference_g_12'],
      ['__inference_f_7', '__inference_f_16'],
    ]);
  });
});
