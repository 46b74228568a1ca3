/** Emitters from formulas over the inputs' data type. */
import type { DataType } from '@serving/core/tensor';
import type { GraphNode } from '../../graph/graph.js';
import type { EmitContext, Emitter, OnnxValue } from '../emitter.js';
import { inputType, inputValues } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

/** Computes a value of the math's data type, or a bool. */
export type Formula = (
  math: TypedMath,
  inputs: readonly OnnxValue[],
  node: GraphNode,
  context: EmitContext,
) => OnnxValue;

/** The type that formulas of several operators are computed in: 16 bits are too few for values in between. */
export function wideType(dtype: DataType): DataType {
  return dtype === 'half' || dtype === 'bfloat16' ? 'float' : dtype;
}

/** Each operator's result is rounded to the inputs' type. */
export function formula(write: Formula): Emitter {
  return (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    return [write(math, inputValues(node, context), node, context)];
  };
}

/** Only the result is rounded to the inputs' type. */
export function wideFormula(write: Formula): Emitter {
  return (node, builder, context) => {
    const narrow = new TypedMath(node, builder, context, inputType(node, 0));
    const math = narrow.in(wideType(narrow.dtype));
    const inputs = inputValues(node, context).map((input) => narrow.to(math.dtype, input));
    return [narrow.from(math.dtype, write(math, inputs, node, context))];
  };
}

/** One operator of ONNX on inputs and a result of one type. */
export const direct = (operator: string): Emitter => formula((math, inputs) => math.apply(operator, inputs));
