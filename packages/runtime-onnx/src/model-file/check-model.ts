/** Refuses models that ONNX Runtime would not survive, or whose values can't be served. */
import { ServingError } from '@serving/core';
import { dtypeOfElementType, elementTypeName } from '../native/element-types.js';
import { checkDivisions } from './check-divisions.js';
import { checkKernels } from './check-kernels.js';
import type {
  OnnxGraphOutline,
  OnnxModelOutline,
  OnnxNodeOutline,
  OnnxTensorOutline,
  OnnxValueOutline,
} from './model-outline.js';

/** Bits of an element, by ONNX's number of its type. */
const ELEMENT_BITS: Readonly<Record<number, number>> = {
  1: 32,
  2: 8,
  3: 8,
  4: 16,
  5: 16,
  6: 32,
  7: 64,
  9: 8,
  10: 16,
  11: 64,
  12: 32,
  13: 64,
  14: 64,
  15: 128,
  16: 16,
  17: 8,
  18: 8,
  19: 8,
  20: 8,
  21: 4,
  22: 4,
  23: 4,
  24: 8,
  25: 2,
  26: 2,
};

/** Calls of functions within functions, and nodes that they come to. */
const MAX_INLINED_NODES = 200_000;

/**
 * Checks what can be checked without the files of external data.
 *
 * @throws ServingError `UNIMPLEMENTED` for inputs and outputs of a type that can't be served, `INVALID_ARGUMENT` for functions that call
 * themselves and tensors whose size doesn't fit their shape. See also
 * {@link checkDivisions} and {@link checkKernels}.
 */
export function checkModel(model: OnnxModelOutline): void {
  const { graph } = model;
  for (const value of servedInputs(graph)) checkType('Input', value);
  for (const value of graph.outputs) checkType('Output', value);
  checkFunctions(model);
  checkDivisions(model);
  checkKernels(model);
  for (const tensor of tensorsOf(model)) checkSize(tensor);
}

/** Inputs of a graph without those that are there for an initializer, as old models have them. */
export function servedInputs({ inputs, initializers }: OnnxGraphOutline): OnnxValueOutline[] {
  const constants = new Set(initializers.map(({ name }) => name));
  return inputs.filter(({ name }) => !constants.has(name));
}

/** All constants: of graphs, of graphs in nodes, of nodes. */
export function* tensorsOf({ graph, functions }: OnnxModelOutline): Generator<OnnxTensorOutline> {
  yield* graph.initializers;
  for (const node of allNodes(graph.nodes)) {
    yield* node.tensors;
    for (const { initializers } of node.subgraphs) yield* initializers;
  }
  for (const { nodes } of functions) for (const node of allNodes(nodes)) yield* node.tensors;
}

/** The bytes that a tensor's values take; `undefined` for strings and unknown types. */
export function tensorByteLength({ elementType, dims }: OnnxTensorOutline): number | undefined {
  const bits = ELEMENT_BITS[elementType];
  return bits === undefined ? undefined : Math.ceil((dims.reduce((count, size) => count * size, 1) * bits) / 8);
}

function* allNodes(nodes: readonly OnnxNodeOutline[]): Generator<OnnxNodeOutline> {
  for (const node of nodes) {
    yield node;
    for (const subgraph of node.subgraphs) yield* allNodes(subgraph.nodes);
  }
}

function checkType(what: string, { name, type }: OnnxValueOutline): void {
  if (type.kind === 'tensor' && dtypeOfElementType(type.elementType) !== undefined) return;
  const kind = type.kind === 'tensor' ? elementTypeName(type.elementType) : `a ${type.kind}`;
  throw new ServingError(
    'UNIMPLEMENTED',
    `${what} "${name}" of the model is ${kind}; only tensors of numbers, bool and string can be served`,
  );
}

function checkSize(tensor: OnnxTensorOutline): void {
  const { name, dims, rawBytes } = tensor;
  const place = `Constant "${name}" of shape [${dims}]`;
  if (!dims.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw ServingError.invalidArgument(`${place} has a negative dimension`);
  }
  const expected = tensorByteLength(tensor);
  if (expected !== undefined && !Number.isSafeInteger(expected)) {
    throw ServingError.invalidArgument(`${place} has more elements than fit into memory`);
  }
  if (expected !== undefined && rawBytes !== undefined && rawBytes !== expected) {
    throw ServingError.invalidArgument(`${place} has ${rawBytes} bytes, expected ${expected}`);
  }
}

/** ONNX Runtime copies functions to where they are called. */
function checkFunctions({ graph, functions }: OnnxModelOutline): void {
  const byName = new Map(functions.map((each) => [`${each.domain}:${each.name}`, each]));
  if (byName.size === 0) return;
  const sizes = new Map<string, number>();
  const sizeOf = (nodes: readonly OnnxNodeOutline[], callers: readonly string[]): number => {
    let size = 0;
    for (const { domain, operator } of allNodes(nodes)) {
      const name = `${domain}:${operator}`;
      const called = byName.get(name);
      if (callers.includes(name)) {
        throw ServingError.invalidArgument(
          `Function "${operator}" of the model calls itself: ${[...callers, name].join(' → ')}`,
        );
      }
      if (called !== undefined && !sizes.has(name)) sizes.set(name, sizeOf(called.nodes, [...callers, name]));
      size += sizes.get(name) ?? 1;
      if (size > MAX_INLINED_NODES) {
        throw ServingError.invalidArgument(
          `The model has more than ${MAX_INLINED_NODES} nodes with its functions inlined`,
        );
      }
    }
    return size;
  };
  sizeOf(graph.nodes, []);
}
