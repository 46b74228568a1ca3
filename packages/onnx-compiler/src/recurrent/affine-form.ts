/** Sums of products with constants: what gates of recurrent cells compute before their activation. */
import type { Endpoint, GraphNode } from '../graph/graph.js';
import { numbersOf } from '../rewrite/graph-view.js';
import { columnRange } from './column-range.js';

/** Rows of numbers, in row-major order. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** `Σ source · matrix + bias`, by source. */
export interface AffineForm {
  readonly width: number;
  readonly products: ReadonlyMap<GraphNode, Matrix>;
  readonly bias: Float64Array | undefined;
}

/** Weights beyond this are left to a loop. */
const MAX_ELEMENTS = 2 ** 26;
/** Gates are a handful of operations. */
const MAX_DEPTH = 24;

/** Reads affine forms of some nodes' first outputs. */
export class AffineReader {
  readonly #sources: ReadonlySet<GraphNode>;
  readonly #known = new Map<GraphNode, (AffineForm | undefined)[]>();

  constructor(sources: Iterable<GraphNode>) {
    this.#sources = new Set(sources);
  }

  /** The form of a tensor; `undefined` for one that is none of its sources. */
  read(endpoint: Endpoint, depth = 0): AffineForm | undefined {
    const { node, index } = endpoint;
    const known = this.#known.get(node) ?? [];
    this.#known.set(node, known);
    if (index in known) return known[index];
    known[index] = depth > MAX_DEPTH ? undefined : this.#compute(endpoint, depth + 1);
    return known[index];
  }

  #compute({ node, index }: Endpoint, depth: number): AffineForm | undefined {
    const { op, inputs } = node;
    if (node.constant) return constantForm(node);
    if (op === 'AddV2' || op === 'Add' || op === 'BiasAdd') {
      const [a, b] = inputs.map((input) => this.read(input, depth));
      return a && b && sum(a, b);
    }
    if (op === 'MatMul') return this.#product(node);
    const range = columnRange(node, index);
    const whole = range && this.read(range.input, depth);
    return whole && range.begin >= 0 && range.end <= whole.width ? columns(whole, range.begin, range.end) : undefined;
  }

  #product({ inputs: [left, right], attributes }: GraphNode): AffineForm | undefined {
    if (attributes.get('transpose_a')?.value === true || !left || !right) return undefined;
    const matrix = matrixOf(right);
    if (!matrix) return undefined;
    const weights = attributes.get('transpose_b')?.value === true ? transposed(matrix) : matrix;
    const products = new Map<GraphNode, Matrix>();
    let row = 0;
    for (const { node, index } of concatenated(left)) {
      if (index !== 0 || !this.#sources.has(node) || products.has(node)) return undefined;
      const rows = node.outputs[0]!.shape?.at(-1) ?? -1;
      if (rows < 0 || row + rows > weights.rows) return undefined;
      products.set(node, rowsOf(weights, row, row + rows));
      row += rows;
    }
    return row === weights.rows ? { width: weights.columns, products, bias: undefined } : undefined;
  }
}

/** The parts of a concatenation along the last dimension, or the tensor itself. */
function concatenated(endpoint: Endpoint): readonly Endpoint[] {
  const { op, inputs } = endpoint.node;
  if (op !== 'ConcatV2') return [endpoint];
  const axis = numbersOf(inputs.at(-1))?.[0];
  return axis === 1 || axis === -1 ? inputs.slice(0, -1) : [endpoint];
}

function constantForm({ constant }: GraphNode): AffineForm | undefined {
  const { shape } = constant!;
  const width = shape.at(-1);
  if (width === undefined || shape.slice(0, -1).some((size) => size !== 1)) return undefined;
  const bias = valuesOf(constant!);
  return bias && { width, products: new Map(), bias };
}

function valuesOf(constant: NonNullable<GraphNode['constant']>): Float64Array | undefined {
  const { dtype, shape } = constant;
  if (dtype !== 'float' && dtype !== 'double') return undefined;
  if (shape.reduce((product, size) => product * size, 1) > MAX_ELEMENTS) return undefined;
  return Float64Array.from(constant.tensor().data as Float32Array);
}

/** A constant of two dimensions. */
export function matrixOf({ node: { constant } }: Endpoint): Matrix | undefined {
  if (constant?.shape.length !== 2) return undefined;
  const data = valuesOf(constant);
  const [rows, columnCount] = constant.shape as [number, number];
  return data && { rows, columns: columnCount, data };
}

function sum(a: AffineForm, b: AffineForm): AffineForm | undefined {
  if (a.width !== b.width) return undefined;
  const products = new Map(a.products);
  for (const [source, matrix] of b.products) {
    const other = products.get(source);
    products.set(source, other ? { ...matrix, data: added(matrix.data, other.data) } : matrix);
  }
  return { width: a.width, products, bias: a.bias && b.bias ? added(a.bias, b.bias) : (a.bias ?? b.bias) };
}

function added(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value + b[i]!);
}

function columns({ products, bias }: AffineForm, begin: number, end: number): AffineForm {
  return {
    width: end - begin,
    products: new Map(Array.from(products, ([source, matrix]) => [source, columnsOf(matrix, begin, end)])),
    bias: bias?.slice(begin, end),
  };
}

function columnsOf({ rows, columns: width, data }: Matrix, begin: number, end: number): Matrix {
  const taken = new Float64Array(rows * (end - begin));
  for (let row = 0; row < rows; row++) {
    taken.set(data.subarray(row * width + begin, row * width + end), row * (end - begin));
  }
  return { rows, columns: end - begin, data: taken };
}

function rowsOf({ columns: width, data }: Matrix, begin: number, end: number): Matrix {
  return { rows: end - begin, columns: width, data: data.subarray(begin * width, end * width) };
}

/** The matrix with rows and columns exchanged. */
export function transposed({ rows, columns: width, data }: Matrix): Matrix {
  const result = new Float64Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < width; column++) result[column * rows + row] = data[row * width + column]!;
  }
  return { rows: width, columns: rows, data: result };
}
