import { expect, it } from 'vitest';
import { findCycle } from './find-cycle.js';
import type { Endpoint, GraphNode, SignatureGraph } from './graph.js';

function node(name: string, inputs: readonly GraphNode[] = []): GraphNode {
  const endpoints = inputs.map((each): Endpoint => ({ node: each, index: 0 }));
  return { op: 'AddN', name, attributes: new Map(), inputs: endpoints, outputs: [{ dtype: 'float', shape: [] }] };
}

function graphOf(root: GraphNode): SignatureGraph {
  const outputs = [{ alias: 'y', tensor: 'y:0', source: { node: root, index: 0 } }];
  return { name: 'serving_default', inputs: [], outputs, guards: [] };
}

const names = (root: GraphNode): string[] | undefined => findCycle(graphOf(root))?.map(({ name }) => name);

it('finds nothing where a node is used by several others', () => {
  const x = node('x');
  const [a, b] = [node('a', [x, x]), node('b', [x])];
  expect(names(node('y', [a, b, a]))).toBeUndefined();
});

it('returns the nodes that wait for each other', () => {
  const a = node('a');
  const b = node('b', [a]);
  a.inputs = [{ node: b, index: 0 }];
  expect(names(node('y', [node('x'), b]))).toEqual(['a', 'b']);
});

it('enters the bodies of control flow, which use nodes around them', () => {
  const choice = node('choice');
  const inner = node('inner', [choice]);
  choice.subgraphs = { then_branch: { arguments: [], results: [{ node: inner, index: 0 }] } };
  expect(names(node('y', [choice]))).toEqual(['inner', 'choice']);
});
