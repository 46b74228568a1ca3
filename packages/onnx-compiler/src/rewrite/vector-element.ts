/** Where an element of a small vector of integers comes from. */
import { intAttribute } from '../graph/attribute-readers.js';
import type { Endpoint } from '../graph/graph.js';
import { bothOrders, numbersOf, producer, shapeOf } from './graph-view.js';

/** A number, and the element that it is added to; without one it is the element itself. */
export interface VectorElement {
  readonly plus: number;
  readonly from: { readonly source: Endpoint; readonly index: number } | undefined;
}

/** Elements are followed through this many operations. */
const MAX_STEPS = 32;

const count = (endpoint: Endpoint): number | undefined => {
  const shape = shapeOf(endpoint);
  return shape?.every((size) => size >= 0) ? shape.reduce((product, size) => product * size, 1) : undefined;
};

/** Follows element `index`, in row-major order, through slices, stacks and sums with constants. */
export function traceElement(endpoint: Endpoint, index: number): VectorElement {
  let [source, at, plus] = [endpoint, index, 0];
  for (let step = 0; step < MAX_STEPS; step++) {
    const numbers = numbersOf(source);
    if (numbers !== undefined) return { plus: plus + (numbers[at] ?? Number.NaN), from: undefined };
    const next = before(source, at);
    if (next === undefined) break;
    [source, at, plus] = [next.source, next.index, plus + next.plus];
  }
  return { plus, from: { source, index: at } };
}

function before(endpoint: Endpoint, index: number): { source: Endpoint; index: number; plus: number } | undefined {
  const { node } = endpoint;
  const pack = producer(endpoint, 'Pack');
  const size = count(node.inputs[0] ?? endpoint);
  if (pack && size && intAttribute(pack.attributes, 'axis', 0) === 0) {
    const input = pack.inputs[Math.floor(index / size)];
    return input && { source: input, index: index % size, plus: 0 };
  }
  if (producer(endpoint, 'StridedSlice')) return beforeSlice(endpoint, index);
  if (producer(endpoint, 'AddV2', 'Add')) {
    for (const [value, constant] of bothOrders(node)) {
      const numbers = numbersOf(constant);
      const isSame = count(value) === count(endpoint) && (numbers?.length === 1 || numbers?.length === count(endpoint));
      if (numbers && isSame) return { source: value, index, plus: numbers[numbers.length === 1 ? 0 : index]! };
    }
  }
  return undefined;
}

/** A slice of rows from the start, or one element of a vector. */
function beforeSlice(endpoint: Endpoint, index: number): { source: Endpoint; index: number; plus: number } | undefined {
  const { node } = endpoint;
  const source = node.inputs[0]!;
  const [begin, step] = [numbersOf(node.inputs[1]), numbersOf(node.inputs[3])];
  const masks = ['new_axis_mask', 'ellipsis_mask'].map((name) => intAttribute(node.attributes, name, 0));
  const shape = shapeOf(source);
  if (begin?.length !== 1 || step?.[0] !== 1 || masks.some((mask) => mask !== 0) || !shape || shape.length === 0)
    return undefined;
  const isOpen = intAttribute(node.attributes, 'begin_mask', 0) === 1;
  const row = shape.slice(1).reduce((product, size) => product * size, 1);
  if (row < 0 || (!isOpen && begin[0]! < 0)) return undefined;
  return { source, index: (isOpen ? 0 : begin[0]!) * row + index, plus: 0 };
}
