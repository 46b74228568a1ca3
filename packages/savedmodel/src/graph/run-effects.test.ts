import { describe, expect, it } from 'vitest';
import { fn, graphOf, node } from './graph.test-support.js';
import { RunEffectsOfGraph } from './run-effects.js';

const ops = {
  Add: {},
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
    ['plain:0', false, false],
    ['reads:0', false, false],
    ['after:0', true, false],
    ['custom:0', true, false],
    ['convolves:0', false, true],
    ['draws:0', true, false],
    ['reading:0', false, true],
    ['loop:0', true, false],
    ['itself:0', false, false],
    ['missing:0', false, false],
  ])('%s: stateful %s, wrong without rows %s', (fetch, isStateful, isWrongWithoutRows) => {
    expect(effects.of([fetch])).toEqual({ isStateful, isWrongWithoutRows });
  });

  it('takes several tensors together', () => {
    expect(effects.of(['convolves:0', 'draws:0'])).toEqual({ isStateful: true, isWrongWithoutRows: true });
  });
});
