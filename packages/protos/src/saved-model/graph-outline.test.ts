import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Messages } from '../gen/messages.js';
import { encodeMessage } from '../messages/message.js';
import type { GraphNode, GraphOutline } from './graph-outline.js';
import { decodeSavedModelGraphs, parseSavedModelGraphsText } from './saved-model-summary.js';

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../savedmodel/fixtures/${path}`, import.meta.url));
const read = (path: string): GraphOutline => decodeSavedModelGraphs(readFileSync(fixture(path)), path)[0]!;

function nodeOf(nodes: readonly GraphNode[], op: string): GraphNode {
  return nodes.find((node) => node.op === op)!;
}

describe('decodeSavedModelGraphs', () => {
  it('has the nodes of functions, with what their windows are like and which shapes they give', () => {
    const { nodes, functions } = read('digits/1/saved_model.pb');
    expect(nodeOf(nodes, 'Placeholder').outputShapes).toEqual([[-1, 8, 8, 1]]);
    const call = nodeOf(nodes, 'StatefulPartitionedCall');
    const called = functions.get(call.functions.get('f')![0]!)!;
    expect(called.inputs[0]).toBe('image');
    expect(called.results).toHaveLength(2);
    const bodies = [...functions.values()].flatMap((one) => one.nodes);
    const pool = nodeOf(bodies, 'MaxPool');
    expect([pool.integers.get('ksize'), pool.integers.get('strides')]).toEqual([
      [1, 2, 2, 1],
      [1, 2, 2, 1],
    ]);
    expect(pool.strings.get('padding')).toBe('VALID');
    expect(nodeOf(bodies, 'Conv2D').inputs).toHaveLength(2);
  });

  it('has what the file says of operations', () => {
    const { ops } = read('half_plus_two_tf2/123/saved_model.pb');
    expect(ops.get('ReadVariableOp')).toEqual({ isStateful: true, outputs: ['value'] });
    expect(ops.get('AddV2')).toEqual({ isStateful: false, outputs: ['z'] });
  });

  it('has an unknown rank, and constants that are small and whole', () => {
    const { nodes } = read('shapes/1/saved_model.pb');
    expect(nodes.find(({ name }) => name === 'any_rank')!.outputShapes).toEqual([undefined]);
    const values = nodes.flatMap(({ value }) => (value ? [value] : []));
    expect(values).toContainEqual([0, 2]);
    expect(
      nodes.find(({ op, outputShapes }) => op === 'Const' && outputShapes[0]?.length === 4)!.value,
    ).toBeUndefined();
  });

  it('reads lists of functions, and the shape of a placeholder that has no inferred one', () => {
    const graphDef = {
      node: [
        {
          name: 'case',
          op: 'Case',
          input: ['x', '^y'],
          attr: [{ key: 'branches', value: { list: { func: [{ name: 'a' }, { name: 'b' }] } } }],
        },
        {
          name: 'x',
          op: 'Placeholder',
          attr: [{ key: 'shape', value: { shape: { dim: [{ size: -1n }, { size: 3n }] } } }],
        },
      ],
    } as Messages['tensorflow.GraphDef'];
    const bytes = encodeMessage('serving.SavedModelOutline', { metaGraphs: [{ graphDef }] });
    const { nodes } = decodeSavedModelGraphs(bytes, 'f')[0]!;
    expect(nodes[0]).toMatchObject({ inputs: ['x', '^y'], functions: new Map([['branches', ['a', 'b']]]) });
    expect(nodes[1]!.outputShapes).toEqual([[-1, 3]]);
  });

  it('reads a text file to the same, but for the values of constants', () => {
    const text = readFileSync(fixture('pbtxt/1/saved_model.pbtxt'), 'utf8');
    const [fromText] = parseSavedModelGraphsText(text, 'f');
    expect(nodeOf(fromText!.nodes, 'Placeholder').outputShapes).toHaveLength(1);
    expect(fromText!.ops.get('Mul')).toEqual({ isStateful: false, outputs: ['z'] });
    expect(fromText!.nodes.some(({ inputs }) => inputs.length > 1)).toBe(true);
  });

  it('refuses bytes that are not a SavedModel', () => {
    expect(() => decodeSavedModelGraphs(Uint8Array.of(7), 'm.pb')).toThrow("Can't parse m.pb as binary proto");
  });
});
