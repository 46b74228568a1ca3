import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataType, Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attribute, type NodeList, SavedModelBuilder } from '../../../../test-doubles/src/saved-model-builder.js';
import type { GraphNode } from '../../graph/graph.js';
import { openModel } from '../open-model.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lists-'));
  model = new SavedModelBuilder();
});

afterEach(() => rm(directory, { recursive: true }));

const int = (...values: number[]): Tensor => ({
  dtype: 'int32',
  shape: values.length === 1 ? [] : [values.length],
  data: Int32Array.from(values),
});
const vector = (...values: number[]): Tensor => ({
  dtype: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
});
const float = { T: attribute.type('float') };
const listTypes = { element_dtype: attribute.type('float'), shape_type: attribute.type('int32') };

/** A loop over `x`: state is (i, input list, output list), and each trip writes what `write` returns. */
function addLoop(limit: number, write: (nodes: NodeList, row: string) => string, setsAt = 'i'): string {
  const state: { name: string; dtype: DataType }[] = [
    { name: 'i', dtype: 'int32' },
    { name: 'rows', dtype: 'variant' },
    { name: 'out', dtype: 'variant' },
  ];
  model.function('cond', state, (nodes) => {
    nodes.constant(int(limit), 'limit');
    nodes.node('Less', ['i', 'limit:output:0'], { T: attribute.type('int32') }, 'less');
    return [{ name: 'r', dtype: 'bool', source: 'less:z:0' }];
  });
  model.function('body', state, (nodes) => {
    nodes.constant(int(1), 'one');
    nodes.constant(vector(-1), 'any');
    nodes.constant(int(0), 'zero');
    nodes.node('AddV2', ['i', 'one:output:0'], { T: attribute.type('int32') }, 'next');
    nodes.node('TensorListGetItem', ['rows', 'i', 'any:output:0'], { element_dtype: attribute.type('float') }, 'row');
    const value = write(nodes, 'row:item:0');
    nodes.node('TensorListSetItem', ['out', setsAt, value], { element_dtype: attribute.type('float') }, 'set');
    return [
      { name: 'r0', dtype: 'int32', source: 'next:z:0' },
      { name: 'r1', dtype: 'variant', source: 'rows' },
      { name: 'r2', dtype: 'variant', source: 'set:output_handle:0' },
    ];
  });
  return 'While';
}

/** Imports the loop over the rows of `x`, with room for `count` elements of this shape. */
async function imported(count: number, elementShape: number[], start = 0) {
  const x = model.placeholder('x', 'float', [-1, 4]);
  const rows = model.node('TensorListFromTensor', ['x', model.constant(vector(4))], listTypes);
  const list = model.node(
    'TensorListReserve',
    [model.constant(vector(...elementShape)), model.constant(int(count))],
    listTypes,
  );
  const loop = model.node('While', [model.constant(int(start)), rows, list], {
    T: attribute.types('int32', 'variant', 'variant'),
    cond: attribute.function('cond'),
    body: attribute.function('body'),
  });
  const stacked = model.node('TensorListStack', [`${loop}:2`, model.constant(vector(-1))], {
    element_dtype: attribute.type('float'),
  });
  model.signature({ x }, { y: { tensor: `${stacked}:0`, dtype: 'float', shape: undefined } });
  await model.write(directory);
  const { graph, refusals } = (await openModel(directory, ['serve'])).importSignature('serving_default');
  return { y: graph!.outputs[0]!.source.node, refusals };
}

const scaled = (nodes: NodeList, row: string): string => `${nodes.node('Neg', [row], float, 'negated')}:y:0`;
const flag = (node: GraphNode, name: string) => node.attributes.get(name)!.value;

describe('lists in loops', () => {
  it('become a row for each trip, read from rows of a tensor', async () => {
    addLoop(3, scaled);
    const { y, refusals } = await imported(3, [4]);
    expect(refusals).toEqual([]);
    expect(y.op).toBe('_ScanResult');
    expect([flag(y, 'pads'), flag(y, 'has_element_shape'), flag(y, 'keeps_last')]).toEqual([false, true, false]);
    const { node: loop, index } = y.inputs[0]!;
    expect([loop.op, loop.inputs.length, loop.outputs.length, index]).toEqual(['While', 2, 3, 2]);
    const value = loop.subgraphs!.body!.results[2]!.node;
    expect([value.op, value.inputs[0]!.node.op]).toEqual(['Neg', 'GatherV2']);
    expect(value.inputs[0]!.node.inputs[0]!.node).toBe(loop.subgraphs!.body!.arguments[1]);
    expect(loop.inputs[1]!.node.op).toBe('_Input');
  });

  it('are filled up with zeros where the loop may end before', async () => {
    addLoop(2, scaled);
    const { y } = await imported(5, [4]);
    expect(flag(y, 'pads')).toBe(true);
    expect(y.inputs.at(-1)!.node.constant!.tensor().data).toEqual(Int32Array.of(5));
  });

  it('without a known element shape have none after a loop without trips', async () => {
    addLoop(3, scaled);
    const { y } = await imported(3, [-1]);
    expect([flag(y, 'has_element_shape'), flag(y, 'element_shape')]).toEqual([false, [-1]]);
    expect(y.inputs).toHaveLength(1);
  });

  it('of one element that each trip sets keep the last value', async () => {
    addLoop(3, scaled, 'zero:output:0');
    const { y } = await imported(1, [4]);
    expect(flag(y, 'keeps_last')).toBe(true);
  });

  it('that are written in another order are carried as a tensor', async () => {
    addLoop(3, scaled);
    const { y } = await imported(4, [4], 1);
    expect(y.op).toBe('While');
    const result = y.subgraphs!.body!.results[2]!.node;
    expect(result.op).toBe('TensorScatterUpdate');
    expect(y.inputs[2]!.node.op).toBe('Fill');
  });

  it('that are written in another order are refused without a known element shape', async () => {
    addLoop(3, scaled);
    const { refusals } = await imported(4, [-1], 1);
    expect(refusals.map(({ reason }) => reason)).toContain(
      'a list whose elements have no known shape is changed in a loop',
    );
  });
});

describe('lists outside of loops', () => {
  async function output(node: string): Promise<GraphNode> {
    model.signature(
      { x: { tensor: 'x:0', dtype: 'float', shape: [4] } },
      { y: { tensor: `${node}:0`, dtype: 'float', shape: undefined } },
    );
    await model.write(directory);
    const { graph, refusals } = (await openModel(directory, ['serve'])).importSignature('serving_default');
    expect(refusals).toEqual([]);
    return graph!.outputs[0]!.source.node;
  }

  it('are packed from what they were given', async () => {
    model.placeholder('x', 'float', [4]);
    const empty = model.node('EmptyTensorList', [model.constant(vector(4)), model.constant(int(-1))], listTypes);
    const element = { element_dtype: attribute.type('float') };
    const one = model.node('TensorListPushBack', [empty, 'x'], element);
    const two = model.node('TensorListPushBack', [one, model.node('Neg', ['x'], float)], element);
    const y = await output(model.node('TensorListStack', [two, model.constant(vector(4))], element));
    expect(y.op).toBe('Pack');
    expect(y.inputs.map((input) => input.node.op)).toEqual(['_Input', 'Neg']);
  });

  it('have zeros where nothing was set', async () => {
    model.placeholder('x', 'float', [4]);
    const list = model.node('TensorListReserve', [model.constant(vector(4)), model.constant(int(3))], listTypes);
    const element = { element_dtype: attribute.type('float') };
    const set = model.node('TensorListSetItem', [list, model.constant(int(0)), 'x'], element);
    const y = await output(model.node('TensorListStack', [set, model.constant(vector(4))], element));
    expect(y.op).toBe('ConcatV2');
    expect(y.inputs.slice(0, 2).map((input) => input.node.op)).toEqual(['Pack', 'Fill']);
  });
});
