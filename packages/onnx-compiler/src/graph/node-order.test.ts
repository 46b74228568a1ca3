import { describe, expect, it } from 'vitest';
import type { GraphNode } from './graph.js';
import { graphRoots, nodesInOrder } from './node-order.js';

const node = (name: string, ...inputs: GraphNode[]): GraphNode => ({
  op: 'AddV2',
  name,
  attributes: new Map(),
  inputs: inputs.map((input) => ({ node: input, index: 0 })),
  outputs: [{ dtype: 'float', shape: [] }],
});

describe('nodesInOrder', () => {
  it('returns inputs before their users, each once', () => {
    const a = node('a');
    const b = node('b', a);
    const c = node('c', a, b);
    expect(nodesInOrder([c, b]).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('leaves out what is done', () => {
    const a = node('a');
    const b = node('b', a);
    const done = new Set([a]);
    expect(nodesInOrder([{ node: b, index: 0 }], done)).toEqual([b]);
    expect(done).toEqual(new Set([a, b]));
  });

  it('orders a chain that is deeper than the stack', () => {
    let last = node('first');
    for (let i = 0; i < 200_000; i++) last = node(`n${i}`, last);
    expect(nodesInOrder([last])).toHaveLength(200_001);
  });
});

describe('graphRoots', () => {
  it('are the outputs and what guards need', () => {
    const [y, condition, shown] = ['y', 'condition', 'shown'].map((name) => ({ node: node(name), index: 0 }));
    const graph = {
      name: 'serving_default',
      inputs: [],
      outputs: [{ alias: 'y', tensor: 'y:0', source: y! }],
      guards: [{ condition: condition!, message: ['assertion failed: ', shown!] }],
    };
    expect(graphRoots(graph)).toEqual([y, condition, shown]);
  });
});
