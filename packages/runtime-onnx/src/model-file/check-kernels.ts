/** Operators that ONNX Runtime can't survive or end for shapes that a request may bring. */
import { ServingError } from '@serving/core';
import { fieldText, messageFields } from './message-fields.js';
import type { OnnxGraphOutline, OnnxModelOutline, OnnxNodeOutline } from './model-outline.js';

const NODE = { attribute: 5 };
const ATTRIBUTE = { name: 1, int: 3 };
/** Inputs that are lengths, steps and axes. */
const SIZE_INPUTS: Readonly<Record<string, readonly number[]>> = { DFT: [1, 2], STFT: [1, 3] };

/** What is known of values by name. */
interface KnownValues {
  /** Inputs and constants whose last two sizes are fixed and equal. */
  readonly square: ReadonlySet<string>;
  readonly constants: ReadonlySet<string>;
}

/**
 * @throws ServingError `UNIMPLEMENTED` for an `Inverse` of matrices that are not square by their declared sizes, whose kernel reads past
 * their end; and for a `DFT` or `STFT` that never ends, or ends the process, for some sizes: the inverse of one side, one whose lengths or axis are not constant.
 */
export function checkKernels({ graph, functions }: OnnxModelOutline): void {
  checkNodes(graph.nodes, {
    square: squareMatrices(graph),
    constants: new Set(graph.initializers.map(({ name }) => name)),
  });
  for (const { nodes } of functions) checkNodes(nodes, { square: new Set(), constants: new Set() });
}

function squareMatrices({ inputs, initializers }: OnnxGraphOutline): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (name: string, dims: readonly (number | undefined)[]): void => {
    const [rows, columns] = dims.slice(-2);
    if (rows !== undefined && rows === columns) names.add(name);
  };
  for (const { name, type } of inputs) {
    if (type.kind === 'tensor') add(name, type.shape?.map(({ size }) => size) ?? []);
  }
  for (const { name, dims } of initializers) add(name, dims);
  return names;
}

function checkNodes(nodes: readonly OnnxNodeOutline[], outer: KnownValues): void {
  const constants = new Set(outer.constants);
  for (const { operator, outputs } of nodes)
    if (operator === 'Constant') for (const output of outputs) constants.add(output);
  for (const node of nodes) {
    const { operator, domain, inputs, subgraphs } = node;
    if (operator === 'Inverse' && domain === 'com.microsoft' && !outer.square.has(inputs[0] ?? '')) {
      throw refusal(node, 'inverts matrices that are not declared to be square: others would end the process');
    }
    if (operator === 'DFT' || operator === 'STFT') checkTransform(node, constants);
    for (const { nodes: inner, initializers } of subgraphs) {
      checkNodes(inner, { ...outer, constants: new Set([...constants, ...initializers.map(({ name }) => name)]) });
    }
  }
}

function checkTransform(node: OnnxNodeOutline, constants: ReadonlySet<string>): void {
  if (intAttribute(node, 'inverse') === 1 && intAttribute(node, 'onesided') === 1) {
    throw refusal(node, 'inverts one side of a spectrum, which for some sizes never ends. Give it both sides');
  }
  const sizes = SIZE_INPUTS[node.operator]!.map((index) => node.inputs[index] ?? '');
  const chosen = sizes.find((name) => name !== '' && !constants.has(name));
  if (chosen === undefined) return;
  throw refusal(
    node,
    `takes a length or axis from "${chosen}", some values of which it does not survive. Make it constant`,
  );
}

function intAttribute({ bytes }: OnnxNodeOutline, name: string): number | undefined {
  for (const { number, content } of messageFields(bytes)) {
    if (number !== NODE.attribute) continue;
    const fields = messageFields(content);
    const given = fields.findLast((field) => field.number === ATTRIBUTE.name);
    if (given !== undefined && fieldText(given) === name) {
      return fields.findLast((field) => field.number === ATTRIBUTE.int)?.value;
    }
  }
  return undefined;
}

function refusal({ operator, name }: OnnxNodeOutline, reason: string): ServingError {
  return new ServingError('UNIMPLEMENTED', `${operator} (node ${name || 'without a name'}) ${reason}`);
}
