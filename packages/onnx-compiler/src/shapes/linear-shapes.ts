/** Shapes of matrix products. */
import { boolAttribute, textAttribute } from '../graph/attribute-readers.js';
import type { Dimension } from './dimension.js';
import {
  broadcastShapes,
  forAll,
  type ShapeContext,
  type ShapeFunction,
  type ShapeFunctions,
} from './shape-function.js';

const transposed = ({ node }: ShapeContext, side: 'a' | 'b'): boolean => {
  const batched = side === 'a' ? 'adj_x' : 'adj_y';
  return boolAttribute(node.attributes, `transpose_${side}`, false) || boolAttribute(node.attributes, batched, false);
};

const matMul: ShapeFunction = (context) => {
  const [a, b] = [context.shape(0), context.shape(1)];
  if (a === undefined || b === undefined || a.length < 2 || b.length < 2) return [undefined];
  const batch = broadcastShapes(context, [a.slice(0, -2), b.slice(0, -2)]);
  if (batch === undefined) return [undefined];
  return [[...batch, a.at(transposed(context, 'a') ? -1 : -2)!, b.at(transposed(context, 'b') ? -2 : -1)!]];
};

/** An equation of `Einsum`: labels of each operand and of the result, `…` for an ellipsis. */
export interface EinsumEquation {
  readonly operands: readonly (readonly string[])[];
  readonly result: readonly string[];
}

/** Reads an equation; a result that is left out has the labels that occur once, sorted. `undefined` when it is malformed. */
export function readEinsum(equation: string): EinsumEquation | undefined {
  const [left, right, ...more] = equation.replaceAll(' ', '').split('->');
  if (left === undefined || more.length > 0) return undefined;
  const labels = (text: string) => text.replace('...', '…').split('');
  const operands = left.split(',').map(labels);
  if (![...operands.flat(), ...(right ?? '')].every((label) => /^[A-Za-z….]$/.test(label))) return undefined;
  if (right !== undefined) return { operands, result: labels(right) };
  const all = operands.flat();
  const once = [...new Set(all)]
    .filter((label) => label !== '…' && all.indexOf(label) === all.lastIndexOf(label))
    .sort();
  return { operands, result: all.includes('…') ? ['…', ...once] : once };
}

const einsum: ShapeFunction = (context) => {
  const equation = readEinsum(textAttribute(context.node.attributes, 'equation'));
  if (equation === undefined) return [undefined];
  const sizes = new Map<string, Dimension>();
  const ellipses: Dimension[][] = [];
  for (const [i, labels] of equation.operands.entries()) {
    const shape = context.shape(i);
    if (shape === undefined) return [undefined];
    const hidden = shape.length - labels.filter((label) => label !== '…').length;
    if (hidden < 0 || (hidden > 0 && !labels.includes('…'))) return [undefined];
    let at = 0;
    for (const label of labels) {
      if (label === '…') {
        ellipses.push(shape.slice(at, at + hidden));
        at += hidden;
      } else {
        const size = shape[at++]!;
        if (typeof sizes.get(label) !== 'number') sizes.set(label, size);
      }
    }
  }
  const hidden = broadcastShapes(context, ellipses) ?? [];
  return [
    equation.result.flatMap((label, i) => (label === '…' ? hidden : [sizes.get(label) ?? context.unknown(0, i)])),
  ];
};

/** Shape functions of matrix products. */
export const linearShapes: ShapeFunctions = {
  ...forAll(['MatMul', '_FusedMatMul', 'BatchMatMul', 'BatchMatMulV2', 'BatchMatMulV3'], matMul),
  Einsum: einsum,
};
