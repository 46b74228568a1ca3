import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  attribute,
  SavedModelBuilder,
  type SignatureTensor,
} from '../../../../test-doubles/src/saved-model-builder.js';
import type { Endpoint, GraphNode, Subgraph } from '../../graph/graph.js';
import { openModel } from '../open-model.js';

let directory: string;
let model: SavedModelBuilder;
let x: SignatureTensor;
let p: SignatureTensor;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'frames-'));
  model = new SavedModelBuilder();
  x = model.placeholder('x', 'float', []);
  p = model.placeholder('p', 'bool', []);
});

afterEach(() => rm(directory, { recursive: true }));

const float = { T: attribute.type('float') };
const bool = { T: attribute.type('bool') };
const scalar = (value: number): Tensor => ({ dtype: 'float', shape: [], data: Float32Array.of(value) });

async function imported(tensor: string) {
  model.signature({ x, p }, { y: { tensor, dtype: 'float', shape: [] } });
  await model.write(directory);
  const { graph, refusals } = (await openModel(directory, ['serve'])).importSignature('serving_default');
  return {
    graph: graph!,
    y: graph?.outputs[0]?.source as Endpoint,
    reasons: refusals.map(({ op, reason }) => `${op}: ${reason}`),
  };
}

function expression({ node, index }: Endpoint): string {
  if (node.constant) return String(Array.from(node.constant.tensor().data as Iterable<unknown>));
  if (node.op === '_Argument') return node.name.replace(/.*argument_/, 'a');
  if (node.op === '_Input') return node.name;
  return `${node.op}(${node.inputs.map(expression).join(', ')})${index > 0 ? `:${index}` : ''}`;
}

const results = (node: GraphNode): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries<Subgraph>(node.subgraphs!).map(([name, subgraph]) => [name, subgraph.results.map(expression)]),
  );

/** `Switch(value, p)`; its outputs are those of the false and the true side. */
const switched = (value: string): string => model.node('Switch', [value, 'p'], float);

describe('conditionals of TensorFlow 1', () => {
  it('become branches', async () => {
    const whenTrue = model.node('Neg', [`${switched('x')}:1`], float);
    const whenFalse = model.node('Exp', [`${switched('x')}:0`], float);
    const merge = model.node('Merge', [whenFalse, whenTrue], { ...float, N: attribute.int(2) });
    const { y, reasons } = await imported(`${merge}:0`);
    expect(reasons).toEqual([]);
    expect([y.node.op, y.node.inputs.map(expression)]).toEqual(['If', ['p', 'x']]);
    expect(results(y.node)).toEqual({ then_branch: ['Neg(a0)'], else_branch: ['Exp(a0)'] });
  });

  it('may have a constant branch, which its control edge places', async () => {
    const pivot = model.node('Switch', ['p', 'p'], bool);
    const whenTrueSide = model.node('Identity', [`${pivot}:1`], bool);
    const constant = model.node('Const', [`^${whenTrueSide}`], {
      dtype: attribute.type('float'),
      value: attribute.tensor(scalar(7)),
    });
    const other = model.node('Const', [`^${model.node('Identity', [`${pivot}:0`], bool)}`], {
      dtype: attribute.type('float'),
      value: attribute.tensor(scalar(8)),
    });
    const merge = model.node('Merge', [other, constant], { ...float, N: attribute.int(2) });
    const { y, reasons } = await imported(`${merge}:0`);
    expect(reasons).toEqual([]);
    expect(results(y.node)).toEqual({ then_branch: ['7'], else_branch: ['8'] });
  });

  it('may be in branches of others', async () => {
    const q = model.node('Greater', ['x', model.constant(scalar(0))], float);
    const outer = switched('x');
    const inner = model.node('Switch', [`${outer}:1`, q], float);
    const negated = model.node('Neg', [`${inner}:1`], float);
    const merged = model.node('Merge', [`${inner}:0`, negated], { ...float, N: attribute.int(2) });
    const merge = model.node('Merge', [`${outer}:0`, merged], { ...float, N: attribute.int(2) });
    const { y, reasons } = await imported(`${merge}:0`);
    expect(reasons).toEqual([]);
    const { else_branch, then_branch } = y.node.subgraphs!;
    expect(else_branch!.results.map(expression)[0]).toMatch(/^a\d$/);
    expect(results(then_branch!.results[0]!.node)).toEqual({ then_branch: ['Neg(a0)'], else_branch: ['a0'] });
  });

  it('are refused when a side is fetched by itself', async () => {
    const { reasons } = await imported(`${switched('x')}:1`);
    expect(reasons).toEqual(['Switch: control flow of TensorFlow 1 in an unusual form']);
  });

  it('check assertions only where their branch is taken', async () => {
    const checked = switched('x');
    const positive = model.node('Greater', [`${checked}:1`, model.constant(scalar(0))], float);
    const assertion = model.node('Assert', [positive, `${checked}:1`], { T: attribute.types('float') });
    const y = model.node('Neg', ['x', `^${assertion}`], float);
    const { graph, reasons } = await imported(`${y}:0`);
    expect(reasons).toEqual([]);
    expect(graph.guards.map(({ condition }) => expression(condition))).toEqual([
      'LogicalOr(LogicalNot(p), Greater(x, 0))',
    ]);
  });
});

describe('loops of TensorFlow 1', () => {
  const frame = { ...float, frame_name: attribute.text('loop') };

  /** `while i < 3: i, a = i + 1, f(a, x)`, with `x` as a constant of the loop. */
  function addLoop(): string {
    const enterI = model.node('Enter', [model.constant(scalar(0))], frame);
    const enterA = model.node('Enter', ['x'], frame);
    const constant = model.node('Enter', ['x'], { ...frame, is_constant: attribute.bool(true) });
    const N = attribute.int(2);
    model.node('Merge', [enterI, 'nextI'], { ...float, N }, 'mergeI');
    model.node('Merge', [enterA, 'nextA'], { ...float, N }, 'mergeA');
    const less = model.node('Less', ['mergeI', model.constant(scalar(3))], float);
    const condition = model.node('LoopCond', [less]);
    const switchI = model.node('Switch', ['mergeI', condition], float);
    const switchA = model.node('Switch', ['mergeA', condition], float);
    const i = model.node('Add', [`${switchI}:1`, model.constant(scalar(1))], float);
    const a = model.node('Mul', [`${switchA}:1`, constant], float);
    model.node('NextIteration', [i], float, 'nextI');
    model.node('NextIteration', [a], float, 'nextA');
    return model.node('Exit', [`${switchA}:0`], float);
  }

  it('become While', async () => {
    const { y, reasons } = await imported(`${addLoop()}:0`);
    expect(reasons).toEqual([]);
    expect([y.node.op, y.node.inputs.map(expression)]).toEqual(['While', ['x', '0', 'x']]);
    expect(results(y.node)).toEqual({ cond: ['Less(a1, 3)'], body: ['Mul(a0, a2)', 'Add(a1, 1)', 'a2'] });
  });

  it('are refused without a condition', async () => {
    const enter = model.node('Enter', ['x'], frame);
    const { reasons } = await imported(`${model.node('Exit', [enter], float)}:0`);
    expect(reasons.join()).toContain('control flow of TensorFlow 1 in an unusual form');
  });
});
