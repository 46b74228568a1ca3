import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attribute, type NodeList, SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';
import type { GraphNode, SignatureGraph } from '../graph/graph.js';
import { allNodes } from '../graph/rewire.js';
import { type OpenModel, openModel } from './open-model.js';

let directory: string;
let model: SavedModelBuilder;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'import-'));
  model = new SavedModelBuilder();
});

afterEach(() => rm(directory, { recursive: true }));

const float = { T: attribute.type('float') };
const floats = (...values: number[]): Tensor => ({
  dtype: 'float',
  shape: [values.length],
  data: Float32Array.from(values),
});
const bool = (value: boolean): Tensor => ({ dtype: 'bool', shape: [], data: Uint8Array.of(value ? 1 : 0) });
const text = (value: string): Tensor => ({ dtype: 'string', shape: [], data: StringArray.from([value]) });
const output = (tensor: string) => ({ tensor, dtype: 'float' as const, shape: undefined });

async function open(): Promise<OpenModel> {
  await model.write(directory);
  return openModel(directory, ['serve']);
}

async function imported(): Promise<SignatureGraph> {
  const { graph, refusals } = (await open()).importSignature('serving_default');
  expect(refusals).toEqual([]);
  return graph!;
}

async function reasons(): Promise<string[]> {
  return (await open()).importSignature('serving_default').refusals.map(({ op, reason }) => `${op}: ${reason}`);
}

/** `op(input, …)`, constants as their values. */
function expression(node: GraphNode, depth = 0): string {
  if (node.constant) return `[${Array.from(node.constant.tensor().data as Iterable<unknown>)}]`;
  if (node.inputs.length === 0 || depth > 8) return node.op === '_Input' ? node.name : node.op;
  const inputs = node.inputs.map(
    ({ node: input, index }) => expression(input, depth + 1) + (index > 0 ? `:${index}` : ''),
  );
  return `${node.op}(${inputs.join(', ')})`;
}

function outputsOf(graph: SignatureGraph): string[] {
  return graph.outputs.map(({ alias, source }) => `${alias} = ${expression(source.node)}`);
}

describe('variables', () => {
  it('are what the restore operation assigns, under any key', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const w = model.variable('w', floats(1, 2));
    const read = model.node('ReadVariableOp', [w], { dtype: attribute.type('float') });
    model.signature({ x }, { y: output(`${model.node('Mul', ['x', read], float)}:0`) });
    const graph = await imported();
    expect(outputsOf(graph)).toEqual(['y = Mul(x, [1,2])']);
    const [, variable] = graph.outputs[0]!.source.node.inputs;
    expect(variable!.node.constant!.file).toMatchObject({ offset: 0, length: 8 });
  });

  it('are refused when nothing sets them', async () => {
    const attributes = {
      dtype: attribute.type('float'),
      shape: attribute.shape([2]),
      shared_name: attribute.text('v'),
    };
    const handle = model.node('VarHandleOp', [], attributes);
    const read = model.node('ReadVariableOp', [handle], { dtype: attribute.type('float') });
    model.signature({}, { y: output(`${read}:0`) });
    expect(await reasons()).toEqual(['ReadVariableOp: variable v is never initialised']);
  });

  it('become gathers and shapes of a constant', async () => {
    const ids = model.placeholder('ids', 'int32', [-1]);
    const table = model.variable('table', floats(5, 6, 7));
    const types = { dtype: attribute.type('float'), Tindices: attribute.type('int32') };
    const rows = model.node('ResourceGather', [table, 'ids'], types);
    const shape = model.node('VariableShape', [table], { out_type: attribute.type('int32') });
    model.signature({ ids }, { y: output(`${rows}:0`), s: { tensor: `${shape}:0`, dtype: 'int32', shape: [1] } });
    expect(outputsOf(await imported())).toEqual(['y = GatherV2([5,6,7], ids, [0])', 's = Shape([5,6,7])']);
  });

  it('that a signature sets are accepted unless a signature reads them', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const seen = model.variable('seen', floats(0));
    const set = model.node('AssignVariableOp', [seen, 'x'], { dtype: attribute.type('float') });
    const y = model.node('Neg', ['x', `^${set}`], float);
    model.signature({ x }, { y: output(`${y}:0`) });
    expect(outputsOf(await imported())).toEqual(['y = Neg(x)']);
    const read = model.node('ReadVariableOp', [seen], { dtype: attribute.type('float') });
    model.signature({}, { y: output(`${read}:0`) }, 'read');
    expect(await reasons()).toEqual(['AssignVariableOp: the signature changes state']);
  });
});

describe('calls', () => {
  /** A function that doubles, with the type of its argument bound by the call. */
  function addDouble(): void {
    const T = { attribute: 'T' };
    model.function('double', [{ name: 'a', dtype: T }], (nodes) => {
      nodes.node('AddV2', ['a', 'a'], { T: attribute.placeholder('T') }, 'sum');
      return [{ name: 'r', dtype: T, source: 'sum:z:0' }];
    });
  }

  const call = (nodes: NodeList, input: string): string =>
    nodes.node('PartitionedCall', [input], {
      Tin: attribute.types('float'),
      Tout: attribute.types('float'),
      f: attribute.function('double', float),
    });

  it('are inlined, with attributes that they bind', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    addDouble();
    model.signature({ x }, { y: output(`${call(model, call(model, 'x'))}:0`) });
    const graph = await imported();
    expect(outputsOf(graph)).toEqual(['y = AddV2(AddV2(x, x), AddV2(x, x))']);
    expect(graph.outputs[0]!.source.node.outputs).toEqual([{ dtype: 'float', shape: undefined }]);
    expect(graph.outputs[0]!.source.node.name).toBe('PartitionedCall_1/sum');
  });

  it('by the name of a function are inlined too', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    addDouble();
    model.signature({ x }, { y: output(`${model.node('double', ['x'], float)}:0`) });
    expect(outputsOf(await imported())).toEqual(['y = AddV2(x, x)']);
  });

  it('of a function by itself are refused with the cycle', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    for (const [name, callee] of [
      ['f', 'g'],
      ['g', 'f'],
    ] as const) {
      model.function(name, [{ name: 'a', dtype: 'float' }], (nodes) => {
        nodes.node(callee, ['a'], {}, 'inner');
        return [{ name: 'r', dtype: 'float', source: 'inner:r:0' }];
      });
    }
    model.signature({ x }, { y: output(`${model.node('f', ['x'])}:0`) });
    expect(await reasons()).toEqual(['signature: function f calls itself: f → g → f']);
  });

  it('that double at each level are refused before they fill the memory', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    for (let level = 0; level < 40; level++) {
      model.function(`level${level}`, [{ name: 'a', dtype: 'float' }], (nodes) => {
        const inner = (name: string): string =>
          level === 39 ? nodes.node('Neg', ['a'], float, name) : nodes.node(`level${level + 1}`, ['a'], {}, name);
        const result = level === 39 ? 'y:0' : 'r:0';
        nodes.node('Add', [`${inner('p')}:${result}`, `${inner('q')}:${result}`], float, 'sum');
        return [{ name: 'r', dtype: 'float', source: 'sum:z:0' }];
      });
    }
    model.signature({ x }, { y: output(`${model.node('level0', ['x'])}:0`) });
    expect((await reasons())[0]).toMatch(/more than 200000 nodes after inlining \(level\d+: \d+/);
  });

  it('follows chains longer than a stack', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    let last = 'x';
    for (let i = 0; i < 50_000; i++) last = model.node(i % 2 === 0 ? 'Neg' : 'Identity', [last], float);
    model.signature({ x }, { y: output(`${last}:0`) });
    expect(allNodes(await imported())).toHaveLength(25_001);
  });
});

describe('feeds and fetches', () => {
  it('may be any tensor: what it was made of is left out', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const inner = model.node('Exp', ['x'], float);
    const y = model.node('Neg', [inner], float);
    model.signature(
      { middle: { ...x, tensor: `${inner}:0` } },
      { y: output(y), same: output(`${y}:0`), fed: output(`${inner}:0`) },
    );
    const graph = await imported();
    expect(outputsOf(graph)).toEqual(['y = Neg(middle)', 'same = Neg(middle)', 'fed = middle']);
    expect(graph.outputs.map(({ tensor }) => tensor)).toEqual(['Neg_1:0', 'Neg_1:0', 'Exp_0:0']);
  });

  it('leave a placeholder with a default at its default', async () => {
    const value = model.constant(floats(3));
    const y = model.node('PlaceholderWithDefault', [value], {
      dtype: attribute.type('float'),
      shape: attribute.shape([1]),
    });
    model.signature({}, { y: output(`${y}:0`) });
    expect(outputsOf(await imported())).toEqual(['y = [3]']);
  });

  it('must include placeholders that are needed', async () => {
    model.placeholder('q', 'float', [-1]);
    model.signature({}, { y: output('q:0') });
    expect(await reasons()).toEqual(['Placeholder: needs a value, but the signature does not feed it']);
  });
});

it.each([
  ['no', [], 0],
  ['too many', ['x', 'x', 'x'], 3],
])('a node with %s inputs is refused as damage', async (_, inputs, count) => {
  const x = model.placeholder('x', 'float', [-1]);
  model.signature({ x }, { y: output(`${model.node('AddV2', inputs, float, 'sum')}:0`) });
  const opened = await open();
  const message = `Node "sum" (AddV2) has ${count} inputs; the operation takes 2`;
  expect(() => opened.importSignature('serving_default')).toThrow(
    expect.objectContaining({ code: 'DATA_LOSS', message }),
  );
});

it('fails of nodes that wait for each other', async () => {
  const x = model.placeholder('x', 'float', [2]);
  model.node('AddV2', [x.tensor, 'back'], float, 'there');
  model.node('Neg', ['there'], float, 'back');
  model.signature({ x }, { y: output('there:0') });
  await expect(open().then((opened) => opened.importSignature('serving_default'))).rejects.toMatchObject({
    code: 'DATA_LOSS',
    message: 'Nodes of signature "serving_default" wait for each other: back → there → back',
  });
});

describe('effects', () => {
  it.each([
    ['EagerPyFunc', { token: attribute.text('t') }, 'Python code is not in the SavedModel'],
    ['AssignAddVariableOp', {}, 'the signature changes state'],
    ['LookupTableInsertV2', {}, 'the signature changes state'],
    ['QueueEnqueueV2', {}, 'the signature changes state'],
    ['WriteFile', {}, 'the signature changes state'],
  ])('of %s are refused when only a control edge reaches it', async (op, attributes, reason) => {
    const x = model.placeholder('x', 'float', [-1]);
    const effect = model.node(op, [], attributes);
    const middle = model.node('NoOp', [`^${effect}`]);
    model.signature({ x }, { y: output(`${model.node('Neg', ['x', `^${middle}`], float)}:0`) });
    expect(await reasons()).toEqual([`${op}: ${reason}`]);
  });

  it('of an unknown operation are refused by name', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    model.signature({ x }, { y: output(`${model.node('MyOp', ['x'])}:0`) });
    expect(await reasons()).toEqual(['MyOp: unknown operator']);
  });

  it('of an assertion in a called function become a guard with its message', async () => {
    const x = model.placeholder('x', 'float', []);
    model.function(
      'checked',
      [{ name: 'a', dtype: 'float' }],
      (nodes) => {
        const limit = nodes.constant({ dtype: 'float', shape: [], data: Float32Array.of(0) }, 'limit');
        nodes.node('Greater', ['a', `${limit}:output:0`], float, 'positive');
        nodes.constant(text('must be positive:'), 'message');
        const T = attribute.types('string', 'float');
        nodes.node('Assert', ['positive:z:0', 'message:output:0', 'a'], { T }, 'assertion');
        return [{ name: 'r', dtype: 'float', source: 'a' }];
      },
      ['assertion'],
    );
    const types = { Tin: attribute.types('float'), Tout: attribute.types('float'), f: attribute.function('checked') };
    model.signature({ x }, { y: output(`${model.node('StatefulPartitionedCall', ['x'], types)}:0`) });
    const [guard, ...others] = (await imported()).guards;
    expect(others).toEqual([]);
    expect(expression(guard!.condition.node)).toBe('Greater(x, [0])');
    expect(guard!.message.map((part) => (typeof part === 'string' ? part : expression(part.node)))).toEqual([
      'assertion failed: ',
      '',
      '[must be positive:]',
      ' ',
      'x',
    ]);
  });

  it('of a check of numbers become guards', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const y = model.node('CheckNumerics', ['x'], { ...float, message: attribute.text('bad') });
    model.signature({ x }, { y: output(`${y}:0`) });
    const graph = await imported();
    expect(outputsOf(graph)).toEqual(['y = x']);
    expect(graph.guards.map(({ message }) => message)).toEqual([
      ['bad : Tensor had Inf and NaN values'],
      ['bad : Tensor had Inf values'],
      ['bad : Tensor had NaN values'],
    ]);
  });
});

describe('control flow', () => {
  const types = (...dtypes: ('float' | 'resource')[]) => attribute.types(...dtypes);

  function addBranches(): void {
    for (const [name, op] of [
      ['negate', 'Neg'],
      ['scale', 'Mul'],
    ] as const) {
      const inputs = [
        { name: 'a', dtype: 'float' as const },
        { name: 'w', dtype: 'resource' as const },
      ];
      model.function(name, inputs, (nodes) => {
        const read = nodes.node('ReadVariableOp', ['w'], { dtype: attribute.type('float') }, 'read');
        nodes.node(op, op === 'Neg' ? ['a'] : ['a', `${read}:value:0`], float, 'result');
        return [{ name: 'r', dtype: 'float', source: `result:${op === 'Neg' ? 'y' : 'z'}:0` }];
      });
    }
  }

  const branches = { then_branch: attribute.function('negate'), else_branch: attribute.function('scale') };

  it('keeps branches as subgraphs, with variables in them bound', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const p = model.placeholder('p', 'bool', []);
    const w = model.variable('w', floats(4));
    addBranches();
    const attributes = {
      Tcond: attribute.type('bool'),
      Tin: types('float', 'resource'),
      Tout: types('float'),
      ...branches,
    };
    const y = model.node('StatelessIf', ['p', 'x', w], attributes);
    model.signature({ x, p }, { y: output(`${y}:0`) });
    const { node } = (await imported()).outputs[0]!.source;
    expect(node.op).toBe('If');
    expect(node.inputs.map((input) => input.node.name)).toEqual(['p', 'x']);
    const results = Object.entries(node.subgraphs!).map(
      ([
        name,
        {
          results: [result],
        },
      ]) => `${name}: ${expression(result!.node)}`,
    );
    expect(results).toEqual(['then_branch: Neg(_Argument)', 'else_branch: Mul(_Argument, [4])']);
  });

  it.each([
    [true, 'y = Neg(x)'],
    [false, 'y = Mul(x, [4])'],
  ])('takes the branch of a predicate that is always %s', async (predicate, expected) => {
    const x = model.placeholder('x', 'float', [-1]);
    const w = model.variable('w', floats(4));
    addBranches();
    const p = model.constant(bool(predicate));
    const attributes = {
      Tcond: attribute.type('bool'),
      Tin: types('float', 'resource'),
      Tout: types('float'),
      ...branches,
    };
    model.signature({ x }, { y: output(`${model.node('If', [p, 'x', w], attributes)}:0`) });
    expect(outputsOf(await imported())).toEqual([expected]);
  });

  it('places constants in loops and drops state that nothing needs', async () => {
    const x = model.placeholder('x', 'float', []);
    const w = model.variable('w', floats(2));
    const state = ['i', 'a', 'w', 'unused'].map((name) => ({
      name,
      dtype: name === 'w' ? ('resource' as const) : ('float' as const),
    }));
    model.function('cond', state, (nodes) => {
      const limit = nodes.constant({ dtype: 'float', shape: [], data: Float32Array.of(3) }, 'limit');
      nodes.node('Less', ['i', `${limit}:output:0`], float, 'less');
      return [{ name: 'r', dtype: 'bool', source: 'less:z:0' }];
    });
    model.function('body', state, (nodes) => {
      const one = nodes.constant({ dtype: 'float', shape: [], data: Float32Array.of(1) }, 'one');
      nodes.node('AddV2', ['i', `${one}:output:0`], float, 'next');
      const read = nodes.node('ReadVariableOp', ['w'], { dtype: attribute.type('float') }, 'read');
      nodes.node('Mul', ['a', `${read}:value:0`], float, 'product');
      nodes.node('Neg', ['unused'], float, 'other');
      nodes.node('Identity', ['w'], { T: attribute.type('resource') }, 'same');
      return [
        { name: 'r0', dtype: 'float', source: 'next:z:0' },
        { name: 'r1', dtype: 'float', source: 'product:z:0' },
        { name: 'r2', dtype: 'resource', source: 'same:output:0' },
        { name: 'r3', dtype: 'float', source: 'other:y:0' },
      ];
    });
    const zero = model.constant({ dtype: 'float', shape: [], data: Float32Array.of(0) });
    const loop = model.node('While', [zero, 'x', w, 'x'], {
      T: types('float', 'float', 'resource', 'float'),
      cond: attribute.function('cond'),
      body: attribute.function('body'),
    });
    model.signature({ x }, { y: output(`${loop}:1`) });
    const { node, index } = (await imported()).outputs[0]!.source;
    expect(index).toBe(1);
    expect(node.inputs.map((input) => expression(input.node))).toEqual(['[0]', 'x']);
    expect(node.outputs).toHaveLength(2);
    const { cond, body } = node.subgraphs!;
    expect(cond!.arguments).toHaveLength(2);
    expect(body!.results.map((result) => expression(result.node))).toEqual([
      'AddV2(_Argument, [1])',
      'Mul(_Argument, [2])',
    ]);
  });

  it('moves assertions out of branches and loops', async () => {
    const x = model.placeholder('x', 'float', []);
    const p = model.placeholder('p', 'bool', []);
    model.function('plain', [{ name: 'a', dtype: 'float' }], () => [{ name: 'r', dtype: 'float', source: 'a' }]);
    model.function(
      'asserted',
      [{ name: 'a', dtype: 'float' }],
      (nodes) => {
        nodes.node('Greater', ['a', 'a'], float, 'never');
        nodes.node('Assert', ['never:z:0', 'a'], { T: attribute.types('float') }, 'assertion');
        return [{ name: 'r', dtype: 'float', source: 'a' }];
      },
      ['assertion'],
    );
    const y = model.node('If', ['p', 'x'], {
      Tcond: attribute.type('bool'),
      Tin: types('float'),
      Tout: types('float'),
      then_branch: attribute.function('asserted'),
      else_branch: attribute.function('plain'),
    });
    model.signature({ x, p }, { y: output(`${y}:0`) });
    const graph = await imported();
    const { condition, message } = graph.guards[0]!;
    expect(condition.node.op).toBe('If');
    const results = Object.values(condition.node.subgraphs!).map((branch) =>
      expression(branch.results[condition.index]!.node),
    );
    expect(results).toEqual(['Greater(_Argument, _Argument)', '[1]']);
    expect(message[2]).toMatchObject({ node: condition.node });
  });
});
