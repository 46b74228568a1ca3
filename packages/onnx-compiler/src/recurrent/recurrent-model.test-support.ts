/** SavedModels of recurrent layers, as Keras writes them: a loop over lists of steps. */
import type { DataType, Tensor } from '@serving/core/tensor';
import { attribute, type NodeList, SavedModelBuilder } from '../../../test-doubles/src/saved-model-builder.js';

export interface RecurrentModelOptions {
  readonly cell: 'lstm' | 'gru-after' | 'gru-before' | 'simple';
  /** Whether the layer has a mask, and what it shows at masked steps. */
  readonly masked?: 'repeat' | 'zeros';
  /** All steps, or the last one. Default: all. */
  readonly returns?: 'all' | 'last';
  /** Of gates. */
  readonly gates?: 'sigmoid' | 'hard_sigmoid' | 'older_hard_sigmoid';
  readonly activation?: 'Tanh' | 'Relu' | 'Sigmoid';
  readonly dtype?: 'float' | 'double';
  /** Adds a node to a step that makes it another cell. */
  readonly unusual?: boolean;
}

export const WIDTH = 3;
const HIDDEN = 4;

/** Weights that differ from each other, without a pattern that a swap of gates would keep. */
function weights(dtype: 'float' | 'double', shape: readonly number[], seed: number): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(seed * 12.9898 + i * 78.233) * 0.7);
  const data = dtype === 'float' ? Float32Array.from(values) : Float64Array.from(values);
  return { dtype, shape, data } as Tensor;
}

const int = (...values: number[]): Tensor => ({
  dtype: 'int32',
  shape: [values.length],
  data: Int32Array.from(values),
});
const scalarInt = (value: number): Tensor => ({ dtype: 'int32', shape: [], data: Int32Array.of(value) });

/** Writes nodes of one data type. */
class CellWriter {
  readonly #nodes: NodeList;
  readonly #dtype: 'float' | 'double';
  #count = 0;

  constructor(nodes: NodeList, dtype: 'float' | 'double') {
    this.#nodes = nodes;
    this.#dtype = dtype;
  }

  op(op: string, output: string, ...inputs: string[]): string {
    return `${this.node(op, inputs)}:${output}:0`;
  }

  node(op: string, inputs: readonly string[], attributes: Parameters<NodeList['node']>[2] = {}): string {
    const T = { T: attribute.type(this.#dtype) };
    return this.#nodes.node(op, inputs, { ...T, ...attributes }, `${op}_${this.#count++}`);
  }

  constant(value: Tensor): string {
    return `${this.#nodes.constant(value, `constant_${this.#count++}`)}:output:0`;
  }

  number(value: number): string {
    const data = this.#dtype === 'float' ? Float32Array.of(value) : Float64Array.of(value);
    return this.constant({ dtype: this.#dtype, shape: [], data } as Tensor);
  }

  weights(shape: readonly number[], seed: number): string {
    return this.constant(weights(this.#dtype, shape, seed));
  }

  product(a: string, shape: readonly number[], seed: number): string {
    return this.op('MatMul', 'product', a, this.weights(shape, seed));
  }

  split(value: string, count: number): string[] {
    const node = this.node('Split', [this.constant(scalarInt(1)), value], { num_split: attribute.int(count) });
    return Array.from({ length: count }, (_, i) => `${node}:output:${i}`);
  }

  gate(value: string, kind: RecurrentModelOptions['gates']): string {
    if (kind === 'hard_sigmoid') {
      const clipped = this.op('Relu6', 'activations', this.op('AddV2', 'z', value, this.number(3)));
      return this.op('RealDiv', 'z', clipped, this.number(6));
    }
    if (kind === 'older_hard_sigmoid') {
      const line = this.op('AddV2', 'z', this.op('Mul', 'z', value, this.number(0.2)), this.number(0.5));
      return this.op('Minimum', 'z', this.op('Maximum', 'z', line, this.number(0)), this.number(1));
    }
    return this.op('Sigmoid', 'y', value);
  }

  activation(value: string, kind: RecurrentModelOptions['activation'] = 'Tanh'): string {
    return this.op(kind, kind === 'Relu' ? 'activations' : 'y', value);
  }
}

interface CellStates {
  readonly h: string;
  readonly c?: string;
}

function lstmStep(w: CellWriter, x: string, { h, c = '' }: CellStates, options: RecurrentModelOptions): CellStates {
  const sum = w.op('AddV2', 'z', w.product(x, [WIDTH, 4 * HIDDEN], 1), w.product(h, [HIDDEN, 4 * HIDDEN], 2));
  const z = w.split(w.op('BiasAdd', 'output', sum, w.weights([4 * HIDDEN], 3)), 4);
  const [i = '', f = '', o = ''] = [z[0]!, z[1]!, z[3]!].map((value) => w.gate(value, options.gates));
  const written = w.op('Mul', 'z', i, w.activation(z[2]!, options.activation));
  const next = w.op('AddV2', 'z', w.op('Mul', 'z', f, c), written);
  return { h: w.op('Mul', 'z', o, w.activation(next, options.activation)), c: next };
}

function gruStep(w: CellWriter, x: string, h: string, options: RecurrentModelOptions): CellStates {
  const after = options.cell === 'gru-after';
  const inputs = w.op('BiasAdd', 'output', w.product(x, [WIDTH, 3 * HIDDEN], 1), w.weights([3 * HIDDEN], 3));
  const [xz = '', xr = '', xh = ''] = w.split(inputs, 3);
  const states = after
    ? w.op('AddV2', 'z', w.product(h, [HIDDEN, 3 * HIDDEN], 2), w.weights([3 * HIDDEN], 4))
    : w.product(h, [HIDDEN, 2 * HIDDEN], 2);
  const [hz = '', hr = '', hh = ''] = w.split(states, after ? 3 : 2);
  const z = w.gate(w.op('AddV2', 'z', xz, hz), options.gates);
  const r = w.gate(w.op('AddV2', 'z', xr, hr), options.gates);
  const reset = after ? w.op('Mul', 'z', r, hh) : w.product(w.op('Mul', 'z', r, h), [HIDDEN, HIDDEN], 5);
  const candidate = w.activation(w.op('AddV2', 'z', xh, reset), options.activation);
  const rest = w.op('Mul', 'z', w.op('Sub', 'z', w.number(1), z), candidate);
  return { h: w.op('AddV2', 'z', w.op('Mul', 'z', z, h), rest) };
}

function simpleStep(w: CellWriter, x: string, h: string, options: RecurrentModelOptions): CellStates {
  const inputs = w.op('BiasAdd', 'output', w.product(x, [WIDTH, HIDDEN], 1), w.weights([HIDDEN], 3));
  return { h: w.activation(w.op('AddV2', 'z', inputs, w.product(h, [HIDDEN, HIDDEN], 2)), options.activation) };
}

/** A signature of `x:0` [steps, batch, 3] and, for a masked layer, `mask:0` [steps, batch, 1] to `stack:0`, `loop:4` (h) and `loop:5` (c). */
export function recurrentModel(options: RecurrentModelOptions): SavedModelBuilder {
  const { cell, masked, returns = 'all', dtype = 'float' } = options;
  const hasCell = cell === 'lstm';
  const state: { name: string; dtype: DataType }[] = [
    { name: 'counter', dtype: 'int32' },
    { name: 'limit', dtype: 'int32' },
    { name: 'time', dtype: 'int32' },
    { name: 'list', dtype: 'variant' },
    { name: 'h', dtype },
    ...(hasCell ? [{ name: 'c', dtype }] : []),
    { name: 'xs', dtype: 'variant' },
    ...(masked ? [{ name: 'masks', dtype: 'variant' as const }] : []),
    ...(masked ? [{ name: 'shown', dtype }] : []),
  ];
  const model = new SavedModelBuilder();
  const int32 = { T: attribute.type('int32') };
  model.function('cond', state, (nodes) => {
    nodes.node('Less', ['counter', 'limit'], int32, 'a');
    nodes.node('Less', ['time', 'limit'], int32, 'b');
    nodes.node('LogicalAnd', ['a:z:0', 'b:z:0'], {}, 'both');
    return [{ name: 'r', dtype: 'bool', source: 'both:z:0' }];
  });
  model.function('body', state, (nodes) => {
    const w = new CellWriter(nodes, dtype);
    const one = w.constant(scalarInt(1));
    const element = { element_dtype: attribute.type(dtype) };
    const counter = nodes.node('AddV2', ['counter', one], int32, 'next_counter');
    const time = nodes.node('AddV2', ['time', one], int32, 'next_time');
    const x = nodes.node('TensorListGetItem', ['xs', 'time', w.constant(int(-1, WIDTH))], element, 'x_t');
    const before: CellStates = { h: 'h', ...(hasCell && { c: 'c' }) };
    const stepped = hasCell
      ? lstmStep(w, `${x}:item:0`, before, options)
      : cell === 'simple'
        ? simpleStep(w, `${x}:item:0`, 'h', options)
        : gruStep(w, `${x}:item:0`, 'h', options);
    const next = options.unusual ? { ...stepped, h: w.op('Neg', 'y', stepped.h) } : stepped;
    let select = (value: string, _old: string): string => value;
    if (masked) {
      const boolean = { element_dtype: attribute.type('bool') };
      const row = nodes.node('TensorListGetItem', ['masks', 'time', w.constant(int(-1, 1))], boolean, 'm_t');
      select = (value, old) => {
        const types = { T: attribute.type('bool'), Tmultiples: attribute.type('int32') };
        const tile = w.node('Tile', [`${row}:item:0`, w.constant(int(1, HIDDEN))], types);
        return w.op('SelectV2', 'output', `${tile}:output:0`, value, old);
      };
    }
    const shown = select(next.h, 'shown');
    const place = returns === 'all' ? 'time' : w.constant(scalarInt(0));
    nodes.node('TensorListSetItem', ['list', place, shown], element, 'set');
    return [
      { name: 'r_counter', dtype: 'int32', source: `${counter}:z:0` },
      { name: 'r_limit', dtype: 'int32', source: 'limit' },
      { name: 'r_time', dtype: 'int32', source: `${time}:z:0` },
      { name: 'r_list', dtype: 'variant', source: 'set:output_handle:0' },
      { name: 'r_h', dtype, source: select(next.h, 'h') },
      ...(hasCell ? [{ name: 'r_c', dtype, source: select(next.c!, 'c') }] : []),
      { name: 'r_xs', dtype: 'variant', source: 'xs' },
      ...(masked ? [{ name: 'r_masks', dtype: 'variant' as const, source: 'masks' }] : []),
      ...(masked ? [{ name: 'r_shown', dtype, source: masked === 'repeat' ? shown : 'shown' }] : []),
    ];
  });
  addSignature(model, options, state);
  return model;
}

function addSignature(
  model: SavedModelBuilder,
  { cell, masked, returns = 'all', dtype = 'float' }: RecurrentModelOptions,
  state: readonly { readonly name: string; readonly dtype: DataType }[],
): void {
  const x = model.placeholder('x', dtype, [-1, -1, WIDTH]);
  const T = { T: attribute.type(dtype) };
  const listTypes = (element: DataType) => ({
    element_dtype: attribute.type(element),
    shape_type: attribute.type('int32'),
  });
  const sizes = model.node('Shape', ['x'], T);
  const size = (axis: number): string => {
    const types = {
      Tparams: attribute.type('int32'),
      Tindices: attribute.type('int32'),
      Taxis: attribute.type('int32'),
    };
    return model.node('GatherV2', [sizes, model.constant(scalarInt(axis)), model.constant(scalarInt(0))], types);
  };
  const steps = model.node(
    'StridedSlice',
    [sizes, model.constant(int(0)), model.constant(int(1)), model.constant(int(1))],
    { T: attribute.type('int32'), Index: attribute.type('int32'), shrink_axis_mask: attribute.int(1) },
  );
  const packed = model.node('Pack', [size(1), model.constant(scalarInt(HIDDEN))], {
    T: attribute.type('int32'),
    N: attribute.int(2),
  });
  const zeros = (): string => {
    const data = dtype === 'float' ? Float32Array.of(0) : Float64Array.of(0);
    return model.node('Fill', [packed, model.constant({ dtype, shape: [], data } as Tensor)], T);
  };
  const count = returns === 'all' ? steps : model.constant(scalarInt(1));
  const elementShape = model.constant(int(-1, HIDDEN));
  const list = model.node('TensorListReserve', [elementShape, count], listTypes(dtype));
  const xs = model.node('TensorListFromTensor', ['x', model.constant(int(-1, WIDTH))], listTypes(dtype));
  const inputs = [model.constant(scalarInt(0)), steps, model.constant(scalarInt(0)), list, zeros()];
  if (cell === 'lstm') inputs.push(zeros());
  inputs.push(xs);
  const mask = masked && model.placeholder('mask', 'bool', [-1, -1, 1]);
  if (mask) {
    inputs.push(model.node('TensorListFromTensor', ['mask', model.constant(int(-1, 1))], listTypes('bool')), zeros());
  }
  const loopAttributes = {
    T: attribute.types(...state.map((each) => each.dtype)),
    cond: attribute.function('cond'),
    body: attribute.function('body'),
    output_shapes: attribute.list(...state.map(() => attribute.shape(undefined))),
  };
  const loop = model.node('StatelessWhile', inputs, loopAttributes, 'loop');
  const stack = model.node(
    'TensorListStack',
    [`${loop}:3`, elementShape],
    { element_dtype: attribute.type(dtype) },
    'stack',
  );
  const output = (tensor: string) => ({ tensor, dtype, shape: undefined });
  const states = { h: output(`${loop}:4`), ...(cell === 'lstm' && { c: output(`${loop}:5`) }) };
  model.signature({ x, ...(mask && { mask }) }, { y: output(`${stack}:0`), ...states });
}
