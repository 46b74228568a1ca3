import { createTensor, type DataType, type Tensor } from '@serving/core/tensor';
import { beforeEach, describe, expect, it } from 'vitest';
import { attribute, type NodeList, SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';
import { type CaseTensors, compareModel } from './both-engines.test-support.js';

let model: SavedModelBuilder;

beforeEach(() => {
  model = new SavedModelBuilder();
});

const T = (dtype: DataType) => ({ T: attribute.type(dtype) });
const float = T('float');
const int32 = T('int32');
const floats = (shape: readonly number[], ...values: number[]): Tensor =>
  createTensor('float', shape, Float32Array.from(values));
const int = (value: number): Tensor => createTensor('int32', [], Int32Array.of(value));
const ints = (...values: number[]): Tensor => createTensor('int32', [values.length], Int32Array.from(values));
const bool = (value: boolean): Tensor => createTensor('bool', [], Uint8Array.of(value ? 1 : 0));
const output = (tensor: string) => ({ tensor, dtype: 'float' as const, shape: undefined });

/** Both engines' answers agree for each of these values. */
async function expectSame(feeds: readonly string[], fetches: readonly string[], ...values: (readonly Tensor[])[]) {
  const runs: CaseTensors[] = values.map((each) => ({ feeds, fetches, values: each }));
  expect(await compareModel(model, runs)).toEqual(runs.map(() => undefined));
}

/** A function of `a` that returns `f(a)`. */
function addBranch(name: string, f: (nodes: NodeList) => string, controlResults: readonly string[] = []): void {
  model.function(
    name,
    [{ name: 'a', dtype: 'float' }],
    (nodes) => [{ name: 'r', dtype: 'float', source: f(nodes) }],
    controlResults,
  );
}

const branchTypes = { Tin: attribute.types('float'), Tout: attribute.types('float') };

describe('branches', () => {
  it.each<[DataType, readonly Tensor[]]>([
    ['bool', [bool(true), bool(false)]],
    ['int32', [int(0), int(1), int(-3)]],
    ['float', [floats([], 0), floats([], 0.5), floats([], Number.NaN)]],
  ])('are chosen by a %s, with results of different shapes', async (dtype, predicates) => {
    const x = model.placeholder('x', 'float', [-1]);
    const p = model.placeholder('p', dtype, []);
    addBranch('plain', (nodes) => `${nodes.node('Neg', ['a'], float, 'n')}:y:0`);
    addBranch('longer', (nodes) => {
      nodes.constant(int(0), 'axis');
      const attributes = { ...float, N: attribute.int(2), Tidx: attribute.type('int32') };
      return `${nodes.node('ConcatV2', ['a', 'a', 'axis:output:0'], attributes, 'c')}:output:0`;
    });
    const y = model.node('StatelessIf', ['p', 'x'], {
      ...branchTypes,
      Tcond: attribute.type(dtype),
      then_branch: attribute.function('plain'),
      else_branch: attribute.function('longer'),
    });
    model.signature({ x, p }, { y: output(`${y}:0`) });
    await expectSame(['x:0', 'p:0'], [`${y}:0`], ...predicates.map((predicate) => [floats([2], 1, 2), predicate]));
  });

  it('of a Case are chosen by an index, the last one for all others', async () => {
    const x = model.placeholder('x', 'float', [-1]);
    const i = model.placeholder('i', 'int32', []);
    for (const [k, op] of ['Neg', 'Exp', 'Square'].entries()) {
      addBranch(`b${k}`, (nodes) => `${nodes.node(op, ['a'], float, 'n')}:y:0`);
    }
    const branches = attribute.list(...[0, 1, 2].map((k) => attribute.function(`b${k}`)));
    const y = model.node('StatelessCase', ['i', 'x'], { ...branchTypes, branches });
    model.signature({ x, i }, { y: output(`${y}:0`) });
    const values = [0, 1, 2, 3, -1].map((index) => [floats([2], 1, 2), int(index)]);
    await expectSame(['x:0', 'i:0'], [`${y}:0`], ...values);
  });

  it('fail where their own assertion does not hold, and only where they are taken', async () => {
    const x = model.placeholder('x', 'float', []);
    const p = model.placeholder('p', 'bool', []);
    addBranch('plain', () => 'a');
    addBranch(
      'checked',
      (nodes) => {
        nodes.constant(floats([], 0), 'zero');
        nodes.node('Greater', ['a', 'zero:output:0'], float, 'positive');
        nodes.node('Assert', ['positive:z:0', 'a'], { T: attribute.types('float') }, 'assertion');
        return 'a';
      },
      ['assertion'],
    );
    const y = model.node('If', ['p', 'x'], {
      ...branchTypes,
      Tcond: attribute.type('bool'),
      then_branch: attribute.function('checked'),
      else_branch: attribute.function('plain'),
    });
    model.signature({ x, p }, { y: output(`${y}:0`) });
    const values = [
      [floats([], 1), bool(true)],
      [floats([], -1), bool(true)],
      [floats([], -1), bool(false)],
    ];
    await expectSame(['x:0', 'p:0'], [`${y}:0`], ...values);
  });
});

interface LoopOptions {
  /** Starts of the index, and elements that are set before the loop. */
  readonly start?: number;
  readonly room: string;
  readonly elementShape: readonly number[];
  readonly write: 'set' | 'push' | 'first' | 'twice';
  readonly resizes?: boolean;
}

/** `for i in start … n: list.write(i, x · (i + 1))`, with `n` as an input. */
function addListLoop({ start = 0, room, elementShape, write, resizes = false }: LoopOptions): string {
  const element = { element_dtype: attribute.type('float') };
  const state: { name: string; dtype: DataType }[] = [
    { name: 'i', dtype: 'int32' },
    { name: 'n', dtype: 'int32' },
    { name: 'x', dtype: 'float' },
    { name: 'list', dtype: 'variant' },
  ];
  model.function('cond', state, (nodes) => [
    { name: 'r', dtype: 'bool', source: `${nodes.node('Less', ['i', 'n'], int32, 'less')}:z:0` },
  ]);
  model.function('body', state, (nodes) => {
    nodes.constant(int(1), 'one');
    nodes.constant(int(0), 'zero');
    nodes.node('AddV2', ['i', 'one:output:0'], int32, 'next');
    nodes.node('Cast', ['next:z:0'], { SrcT: attribute.type('int32'), DstT: attribute.type('float') }, 'factor');
    nodes.node('Mul', ['x', 'factor:y:0'], float, 'value');
    const attributes = { ...element, resize_if_index_out_of_bounds: attribute.bool(resizes) };
    if (write === 'push') nodes.node('TensorListPushBack', ['list', 'value:z:0'], element, 'w');
    else {
      const place = write === 'first' ? 'zero:output:0' : 'i';
      const list = write === 'twice' ? 'w0:output_handle:0' : 'list';
      if (write === 'twice') nodes.node('TensorListSetItem', ['list', 'zero:output:0', 'x'], attributes, 'w0');
      nodes.node('TensorListSetItem', [list, place, 'value:z:0'], attributes, 'w');
    }
    return [
      { name: 'r0', dtype: 'int32', source: 'next:z:0' },
      { name: 'r1', dtype: 'int32', source: 'n' },
      { name: 'r2', dtype: 'float', source: 'x' },
      { name: 'r3', dtype: 'variant', source: 'w:output_handle:0' },
    ];
  });
  const x = model.placeholder('x', 'float', [-1]);
  const n = model.placeholder('n', 'int32', []);
  const shape = model.constant(ints(...elementShape));
  const listTypes = { ...element, shape_type: attribute.type('int32') };
  let list =
    write === 'push'
      ? model.node('EmptyTensorList', [shape, model.constant(int(-1))], listTypes)
      : model.node('TensorListReserve', [shape, room], listTypes);
  if (start > 0) list = model.node('TensorListSetItem', [list, model.constant(int(0)), 'x'], element);
  const loop = model.node('StatelessWhile', [model.constant(int(start)), 'n', 'x', list], {
    T: attribute.types('int32', 'int32', 'float', 'variant'),
    cond: attribute.function('cond'),
    body: attribute.function('body'),
    output_shapes: attribute.list(...state.map(() => attribute.shape(undefined))),
  });
  const stack = model.node('TensorListStack', [`${loop}:3`, shape], element);
  model.signature({ x, n }, { y: output(`${stack}:0`) });
  return `${stack}:0`;
}

describe('loops', () => {
  const runs = [3, 1, 2].map((n) => [floats([2], 1, -2), int(n)]);
  const none = [floats([2], 1, -2), int(0)];

  it.each<[string, LoopOptions]>([
    ['as long as the loop', { room: 'n', elementShape: [2], write: 'set' }],
    ['longer than the loop, zeros at the end', { room: 'four', elementShape: [2], write: 'set' }],
    ['that grows', { room: 'none', elementShape: [2], write: 'set', resizes: true }],
    ['that is pushed to', { room: 'none', elementShape: [2], write: 'push' }],
    ['of which one element is set each time', { room: 'one', elementShape: [2], write: 'first' }],
    ['that is written twice in each trip', { room: 'four', elementShape: [2], write: 'twice' }],
  ])('fill a list %s, also without a trip', async (_, options) => {
    model.constant(int(4), 'four');
    model.constant(int(0), 'none');
    model.constant(int(1), 'one');
    await expectSame(['x:0', 'n:0'], [addListLoop(options)], ...runs, none);
  });

  it('fill a list behind what was set before', async () => {
    const y = addListLoop({ start: 1, room: 'n', elementShape: [-1], write: 'set' });
    await expectSame(['x:0', 'n:0'], [y], [floats([2], 1, -2), int(1)], ...runs.slice(0, 1));
  });

  it('fail without a trip where elements have no known shape', async () => {
    await expectSame(['x:0', 'n:0'], [addListLoop({ room: 'n', elementShape: [-1], write: 'set' })], ...runs, none);
  });

  it('carry values whose shape changes, in loops in loops', async () => {
    const state: { name: string; dtype: DataType }[] = [
      { name: 'i', dtype: 'int32' },
      { name: 'a', dtype: 'float' },
    ];
    const lessThan = (limit: number) => (nodes: NodeList) => {
      nodes.constant(int(limit), 'limit');
      return [
        {
          name: 'r',
          dtype: 'bool' as const,
          source: `${nodes.node('Less', ['i', 'limit:output:0'], int32, 'less')}:z:0`,
        },
      ];
    };
    const next = (nodes: NodeList) => {
      nodes.constant(int(1), 'one');
      return {
        name: 'r0',
        dtype: 'int32' as const,
        source: `${nodes.node('AddV2', ['i', 'one:output:0'], int32, 'next')}:z:0`,
      };
    };
    model.function('inner_cond', state, lessThan(2));
    model.function('inner_body', state, (nodes) => {
      nodes.constant(int(0), 'axis');
      const attributes = { ...float, N: attribute.int(2), Tidx: attribute.type('int32') };
      nodes.node('ConcatV2', ['a', 'a', 'axis:output:0'], attributes, 'doubled');
      return [next(nodes), { name: 'r1', dtype: 'float', source: 'doubled:output:0' }];
    });
    const attributes = (name: string) => ({
      T: attribute.types('int32', 'float'),
      cond: attribute.function(`${name}_cond`),
      body: attribute.function(`${name}_body`),
      output_shapes: attribute.list(attribute.shape([]), attribute.shape([-1])),
    });
    model.function('outer_cond', state, lessThan(3));
    model.function('outer_body', state, (nodes) => {
      nodes.constant(int(0), 'zero');
      nodes.node('StatelessWhile', ['zero:output:0', 'a'], attributes('inner'), 'inner');
      nodes.node('Neg', ['inner:output:1'], float, 'negated');
      return [next(nodes), { name: 'r1', dtype: 'float', source: 'negated:y:0' }];
    });
    const x = model.placeholder('x', 'float', [-1]);
    const loop = model.node('StatelessWhile', [model.constant(int(0)), 'x'], attributes('outer'));
    model.signature({ x }, { y: output(`${loop}:1`) });
    await expectSame(['x:0'], [`${loop}:1`], [floats([1], 3)], [floats([2], 1, 2)]);
  });
});
