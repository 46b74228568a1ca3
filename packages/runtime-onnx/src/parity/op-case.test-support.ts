/** One operation with inputs, for both engines. */
import type { DataType, Tensor, TensorDataType } from '@serving/core/tensor';
import type { CompileOptions } from '@serving/onnx-compiler';
import type { AttributeValue } from '../../../onnx-compiler/src/graph/attributes.js';
import { opDef, outputTypes, withDefaults } from '../../../onnx-compiler/src/op-defs/op-def.js';
import { attribute } from '../../../test-doubles/src/saved-model-builder.js';

/**
 * A tensor that is fed, with its rank known and its sizes free; one whose sizes after the first are known too; or one that is a constant
 * of the graph.
 */
export type CaseInput = Tensor | { readonly sized: Tensor } | { readonly constant: Tensor };

/** How far floating-point results may be apart. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly CaseInput[];
  /** Those that don't follow from the inputs. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Operations of one input after it, each of the one before, whose data type stays the same but for the last. */
  readonly followedBy?: readonly string[];
  /** In place of the data type's own. */
  readonly tolerance?: Tolerance;
  /** Why the engines differ. The test proves that they do. */
  readonly accepted?: string;
  /** Why the engines differ on some processors: libraries choose kernels by what a processor has. */
  readonly differsOnSome?: string;
  readonly options?: Pick<CompileOptions, 'float64' | 'nan'>;
}

export const isConstant = (input: CaseInput): input is { readonly constant: Tensor } => 'constant' in input;

export const tensorOf = (input: CaseInput): Tensor => {
  if ('sized' in input) return input.sized;
  return isConstant(input) ? input.constant : input;
};

/** The shape that is declared for an input. */
export function declaredShape(input: CaseInput): number[] {
  const { shape } = tensorOf(input);
  return shape.map((size, i) => ('sized' in input && i > 0 ? size : -1));
}

/** All attributes of a case's node: those of types and numbers follow from the inputs. */
export function caseAttributes({ op, inputs, attributes = {} }: OpCase): Readonly<Record<string, AttributeValue>> {
  const found: Record<string, AttributeValue> = {};
  const definition = opDef(op)!;
  let next = 0;
  for (const [i, argument] of definition.inputs.entries()) {
    const after = definition.inputs.length - i - 1;
    const isList = argument.numberAttribute !== undefined || argument.typeListAttribute !== undefined;
    const given = argument.numberAttribute === undefined ? undefined : attributes[argument.numberAttribute];
    const wanted = given?.kind === 'int' ? Number(given.value) : inputs.length - next - after;
    const count = isList ? wanted : 1;
    const types = inputs.slice(next, next + count).map((input) => tensorOf(input).dtype);
    if (argument.numberAttribute !== undefined) found[argument.numberAttribute] = attribute.int(count);
    if (argument.typeAttribute !== undefined) found[argument.typeAttribute] = attribute.type(types[0]!);
    if (argument.typeListAttribute !== undefined) found[argument.typeListAttribute] = attribute.types(...types);
    next += count;
  }
  return { ...found, ...attributes };
}

/** The data types of a case's outputs. What follows the operation makes floats. */
export function caseOutputs(of: OpCase): DataType[] {
  return of.followedBy === undefined ? operationOutputs(of) : ['float'];
}

/** The data type of the operation's own first output. */
export const firstOutput = (of: OpCase): DataType => operationOutputs(of)[0]!;

function operationOutputs(of: OpCase): DataType[] {
  const definition = opDef(of.op)!;
  return outputTypes(definition, withDefaults(definition, new Map(Object.entries(caseAttributes(of)))));
}

type Extra = Omit<OpCase, 'name' | 'op' | 'inputs'>;

/** One case. */
export function opCase(op: string, inputs: readonly CaseInput[], extra: Extra & { name?: string } = {}): OpCase {
  const { name, ...rest } = extra;
  const shapes = inputs.map((input) => {
    const { dtype, shape } = tensorOf(input);
    return `${isConstant(input) ? 'constant ' : 'sized' in input ? 'sized ' : ''}${dtype}[${shape}]`;
  });
  const after = [...(rest.followedBy ?? []), ...(name === undefined ? [] : [name])];
  return { op, inputs, name: [`${op}(${shapes.join(', ')})`, ...after].join(' '), ...rest };
}

/** The same case in several data types. */
export function overTypes(
  op: string,
  dtypes: readonly TensorDataType[],
  inputs: (dtype: TensorDataType) => readonly CaseInput[],
  extra: Extra & { name?: string } = {},
): OpCase[] {
  return dtypes.map((dtype) => opCase(op, inputs(dtype), extra));
}

/** Cases of one operation that the engines answer differently, for a reason. */
export function accepted(reason: string, ...cases: readonly OpCase[]): OpCase[] {
  return cases.map((each) => ({ ...each, accepted: reason }));
}

/** Cases of one operation that the engines answer differently on some processors, for a reason. */
export function differentOnSome(reason: string, ...cases: readonly OpCase[]): OpCase[] {
  return cases.map((each) => ({ ...each, differsOnSome: reason }));
}
