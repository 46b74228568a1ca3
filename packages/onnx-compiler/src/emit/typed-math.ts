/** Arithmetic over ONNX values of one data type, in formulas. */
import type { DataType } from '@serving/core/tensor';
import type { GraphNode } from '../graph/graph.js';
import { onnxDataType } from './builder/onnx-data-type.js';
import type { EmitContext, OnnxAttribute, OnnxBuilder, OnnxValue } from './emitter.js';
import { kernelType } from './kernel-types.js';

type Attributes = Readonly<Record<string, OnnxAttribute>>;

const FLOAT64_HINT = 'pass { float64: "float32" } to accept float32 results';
const SHORT_NAMES: Partial<Record<DataType, string>> = { double: 'float64', float: 'float32', half: 'float16' };

/** Converts a value; without a node where the types are equal. */
export function cast(builder: OnnxBuilder, value: OnnxValue, from: DataType, to: DataType): OnnxValue {
  if (from === to) return value;
  return builder.node('Cast', [value], { to: { int: onnxDataType(to)! } });
}

/**
 * Operators on values of `dtype`. Where ONNX Runtime has no kernel for it, they are computed in a type that holds all its values
 * and converted back, which wraps as the type itself does; or the node is refused.
 */
export class TypedMath {
  readonly builder: OnnxBuilder;
  readonly dtype: DataType;
  readonly #node: GraphNode;
  readonly #context: EmitContext;

  constructor(node: GraphNode, builder: OnnxBuilder, context: EmitContext, dtype: DataType) {
    this.#node = node;
    this.builder = builder;
    this.#context = context;
    this.dtype = dtype;
  }

  /** The same node's formulas in another type. */
  in(dtype: DataType): TypedMath {
    return new TypedMath(this.#node, this.builder, this.#context, dtype);
  }

  /** The type in which an operator is computed. */
  kernelType(operator: string): DataType {
    const found = kernelType(operator, this.dtype);
    if (found !== undefined) return found;
    if (this.dtype === 'double') {
      if (this.#context.options.float64 === 'float32') return 'float';
      this.#context.refuse(this.#node, `no float64 kernel in ONNX Runtime; ${FLOAT64_HINT}`);
    }
    const dtype = SHORT_NAMES[this.dtype] ?? this.dtype;
    return this.#context.refuse(this.#node, `no ${operator} kernel for ${dtype} in ONNX Runtime`);
  }

  /** An operator whose inputs and result have the type. */
  apply(operator: string, inputs: readonly OnnxValue[], attributes?: Attributes, domain?: string): OnnxValue {
    const type = this.kernelType(operator);
    const given = inputs.map((input) => this.to(type, input));
    return cast(this.builder, this.builder.node(operator, given, attributes, domain), type, this.dtype);
  }

  /** An operator of which the first input and the result have the type; the other inputs are given as they are. */
  move(operator: string, value: OnnxValue, others: readonly OnnxValue[], attributes?: Attributes): OnnxValue {
    const type = this.kernelType(operator);
    const moved = this.builder.node(operator, [this.to(type, value), ...others], attributes);
    return cast(this.builder, moved, type, this.dtype);
  }

  /** A tensor of a shape, given as an int64 vector, with one number everywhere. */
  filled(shape: OnnxValue, value: number | bigint): OnnxValue {
    return this.move('Expand', this.scalar(value), [shape]);
  }

  /** An operator on values of the type whose result has one of its own: bool, or int64. */
  test(operator: string, inputs: readonly OnnxValue[], attributes?: Attributes): OnnxValue {
    const type = this.kernelType(operator);
    return this.builder.node(
      operator,
      inputs.map((input) => this.to(type, input)),
      attributes,
    );
  }

  /** A value of the type as another type; `''`, an input that is left out, stays so. */
  to(dtype: DataType, value: OnnxValue): OnnxValue {
    return value === '' ? value : cast(this.builder, value, this.dtype, dtype);
  }

  /** A value of another type as this one. */
  from(dtype: DataType, value: OnnxValue): OnnxValue {
    return cast(this.builder, value, dtype, this.dtype);
  }

  scalar(value: number | bigint): OnnxValue {
    return this.builder.scalar(this.dtype, value);
  }

  where(condition: OnnxValue, yes: OnnxValue, no: OnnxValue): OnnxValue {
    const type = this.kernelType('Where');
    const chosen = this.builder.node('Where', [condition, this.to(type, yes), this.to(type, no)]);
    return cast(this.builder, chosen, type, this.dtype);
  }

  add(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Add', [a, b]);
  }

  sub(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Sub', [a, b]);
  }

  mul(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Mul', [a, b]);
  }

  /** Of floating-point numbers; integers need a guarded division. */
  div(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Div', [a, b]);
  }

  max(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Max', [a, b]);
  }

  min(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.apply('Min', [a, b]);
  }

  neg(a: OnnxValue): OnnxValue {
    return this.apply('Neg', [a]);
  }

  abs(a: OnnxValue): OnnxValue {
    return this.apply('Abs', [a]);
  }

  exp(a: OnnxValue): OnnxValue {
    return this.apply('Exp', [a]);
  }

  log(a: OnnxValue): OnnxValue {
    return this.apply('Log', [a]);
  }

  sqrt(a: OnnxValue): OnnxValue {
    return this.apply('Sqrt', [a]);
  }

  floor(a: OnnxValue): OnnxValue {
    return this.apply('Floor', [a]);
  }

  equal(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.test('Equal', [a, b]);
  }

  less(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.test('Less', [a, b]);
  }

  and(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.builder.node('And', [a, b]);
  }

  or(a: OnnxValue, b: OnnxValue): OnnxValue {
    return this.builder.node('Or', [a, b]);
  }

  not(a: OnnxValue): OnnxValue {
    return this.builder.node('Not', [a]);
  }
}
