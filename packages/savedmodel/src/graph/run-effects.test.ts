import { describe, expect, it } from 'vitest';
import { fn, graphOf, node } from './graph.test-support.js';
import { RunEffectsOfGraph } from './run-effects.js';

const ops = {
  Add: {},
  AssignAdd: {},
  ScatterNd: {},
  Conv2D: {},
  PartitionedCall: {},
  StatefulPartitionedCall: { isStateful: true },
  ReadVariableOp: { isStateful: true },
  AssignAddVariableOp: { isStateful: true },
  RandomUniform: { isStateful: true },
  While: { isStateful: true },
};
const calling = (name: string, f: string) => node(name, 'StatefulPartitionedCall', [], { functions: { f: [f] } });

describe('RunEffectsOfGraph', () => {
  const graph = graphOf(
    [
      node('x', 'Add'),
      node('plain', 'Add', ['x']),
      node('reads', 'ReadVariableOp', ['plain:0']),
      node('writes', 'AssignAddVariableOp', ['x']),
      node('after', 'Add', ['x', '^writes']),
      node('counts', 'AssignAdd', ['x']),
      node('adds', 'ResourceScatterAdd', ['x']),
      node('scatters', 'ScatterNd', ['x']),
      node('custom', 'CustomOp', ['x']),
      node('convolves', 'Conv2D', ['reads']),
      calling('draws', 'outer'),
      calling('reading', 'reader'),
      node('loop', 'While', [], { functions: { body: ['inner'] } }),
      calling('itself', 'self'),
    ],
    [
      fn('outer', [], [], node('call', 'PartitionedCall', [], { functions: { f: ['inner'] } })),
      fn('inner', [], [], node('random', 'RandomUniform')),
      fn('reader', [], [], node('read', 'ReadVariableOp'), node('y', 'Conv2D', ['read:value:0'])),
      fn('self', [], [], calling('again', 'self')),
    ],
    ops,
  );
  const effects = new RunEffectsOfGraph(graph);

  it.each([
    ['plain:0', false, false, false],
    ['reads:0', false, false, false],
    ['after:0', true, true, false],
    ['counts:0', true, true, false],
    ['adds:0', true, true, false],
    ['scatters:0', false, false, false],
    ['custom:0', true, false, false],
    ['convolves:0', false, false, true],
    ['draws:0', true, true, false],
    ['reading:0', false, false, true],
    ['loop:0', true, true, false],
    ['itself:0', false, false, false],
    ['missing:0', false, false, false],
  ])(
    '%s: stateful %s, changes state %s, wrong without rows %s',
    (fetch, isStateful, changesState, isWrongWithoutRows) => {
      expect(effects.of([fetch])).toEqual({ isStateful, changesState, isWrongWithoutRows });
    },
  );

  it('takes several tensors together', () => {
    expect(effects.of(['convolves:0', 'draws:0'])).toEqual({
      isStateful: true,
      changesState: true,
      isWrongWithoutRows: true,
    });
  });
});
