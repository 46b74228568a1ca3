/** Divisions of integers whose values a request chooses. */
import { ServingError } from '@serving/core';
import { messageFields } from './message-fields.js';
import type { OnnxGraphOutline, OnnxModelOutline, OnnxNodeOutline, OnnxTensorOutline } from './model-outline.js';
import { readPacked } from './read-model-outline.js';
import { outputType } from './value-types.js';

/** Types whose smallest value divided by -1 ends the process. */
const DIVIDED_IN_HARDWARE: ReadonlySet<number> = new Set([6, 7]);
const INT64 = 7;

/** What is known of a value: whether a request chooses it, whether it is a constant without -1, its type. */
interface ValueFacts {
  readonly isChosen: boolean;
  readonly isConstant: boolean;
  readonly type: number | undefined;
}

type Scope = Map<string, ValueFacts>;

/**
 * ONNX Runtime's kernels divide the smallest integer by -1 as the processor does, which ends the process. Sizes of tensors, which most
 * divisions in exported models are made with, are never that small.
 *
 * @throws ServingError `UNIMPLEMENTED` for a division of int32 or int64 that comes from an input, by something other than a constant.
 */
export function checkDivisions({ graph }: OnnxModelOutline): void {
  checkGraph(graph, new Map());
}

function checkGraph(graph: OnnxGraphOutline, outer: Scope): Scope {
  const scope: Scope = new Map(outer);
  for (const { name, type } of graph.inputs) {
    scope.set(name, {
      isChosen: true,
      isConstant: false,
      type: type.kind === 'tensor' && type.elementType !== 0 ? type.elementType : undefined,
    });
  }
  for (const tensor of graph.initializers) {
    scope.set(tensor.name, { isChosen: false, isConstant: !hasMinusOne(tensor), type: tensor.elementType });
  }
  for (const node of graph.nodes) visit(node, scope);
  return scope;
}

function visit(node: OnnxNodeOutline, scope: Scope): void {
  const { operator, domain, inputs, outputs } = node;
  const typeOf = (value: string): number | undefined => scope.get(value)?.type;
  if ((operator === 'Div' || operator === 'Mod') && domain === '') checkDivision(node, scope);
  const inner = node.subgraphs.map((graph) => ({ graph, scope: checkGraph(graph, scope) }));
  const readsSizesOnly = operator === 'Shape' || operator === 'Size';
  // What a branch or a body returns may be chosen by what it sees of the graphs around it.
  const isChosen = !readsSizesOnly && (inner.length > 0 || inputs.some((input) => scope.get(input)?.isChosen));
  for (const [i, output] of outputs.entries()) {
    const type = inner.length > 0 ? innerType(inner, i) : outputType(node, i, typeOf);
    scope.set(output, {
      isChosen,
      isConstant: operator === 'Constant' && node.tensors.length > 0 && !node.tensors.some(hasMinusOne),
      type,
    });
  }
}

const TENSOR = { int32: 5, int64: 7, raw: 9 };

/** Whether an element is -1, as far as the values are in the model. Those of external data are taken to have one. */
function hasMinusOne({ bytes, elementType, externalData }: OnnxTensorOutline): boolean {
  if (!DIVIDED_IN_HARDWARE.has(elementType)) return false;
  if (externalData !== undefined) return true;
  for (const { number, content, value } of messageFields(bytes)) {
    if (number === TENSOR.raw && hasOnes(content, elementType === INT64 ? 8 : 4)) return true;
    if (number !== TENSOR.int32 && number !== TENSOR.int64) continue;
    if (content.length === 0 ? value === -1 : readPacked(content).includes(-1)) return true;
  }
  return false;
}

/** Whether all bits of an element are set. */
function hasOnes(bytes: Uint8Array, width: number): boolean {
  for (let at = 0; at + width <= bytes.length; at += width) {
    let i = 0;
    while (i < width && bytes[at + i] === 0xff) i++;
    if (i === width) return true;
  }
  return false;
}

/** Bodies of loops have their condition before the values; any of the two types will do, as a division checks it. */
function innerType(
  inner: readonly { readonly graph: OnnxGraphOutline; readonly scope: Scope }[],
  index: number,
): number | undefined {
  for (const { graph, scope } of inner) {
    for (const output of [graph.outputs[index + 1], graph.outputs[index]]) {
      const type = output && scope.get(output.name)?.type;
      if (type !== undefined && DIVIDED_IN_HARDWARE.has(type)) return type;
    }
  }
  return undefined;
}

function checkDivision({ operator, name, inputs }: OnnxNodeOutline, scope: Scope): void {
  const [dividend, divisor] = inputs.map((input) => scope.get(input));
  const type = dividend?.type ?? divisor?.type;
  if (type === undefined || !DIVIDED_IN_HARDWARE.has(type)) return;
  if (!dividend?.isChosen || divisor?.isConstant) return;
  throw new ServingError(
    'UNIMPLEMENTED',
    `${operator} (node ${name || 'without a name'}) divides integers of a request by "${inputs[1]}", which is -1 or not constant: some values ` +
      'would end the process. Divide floats and cast the result',
  );
}
