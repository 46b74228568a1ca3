/** Definitions of the operations that the compiler knows. */
import { ServingError } from '@serving/core';
import type { DataType } from '@serving/core/tensor';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { parseDefault } from './default-value.js';
import { operationRows } from './gen/operations.js';

/** An input or output of an operation: one tensor, several of one type, or a list of types. */
interface OpArgument {
  readonly name: string;
  /** Of a fixed type; otherwise one of the attributes gives it. */
  readonly dtype?: DataType;
  readonly typeAttribute?: string;
  readonly numberAttribute?: string;
  readonly typeListAttribute?: string;
}

/** What an operation takes and returns, and its attributes. */
export interface OpDef {
  readonly name: string;
  readonly inputs: readonly OpArgument[];
  readonly outputs: readonly OpArgument[];
  /** Defaults by attribute, of those that have one. */
  readonly defaults: Attributes;
}

let rowsByName: ReadonlyMap<string, string> | undefined;
const parsed = new Map<string, OpDef>();

/** The definition of an operation; `undefined` for an operation that the compiler doesn't know. */
export function opDef(name: string): OpDef | undefined {
  rowsByName ??= new Map(operationRows.map((row) => [row.slice(0, row.indexOf('|')), row]));
  const known = parsed.get(name);
  if (known) return known;
  const row = rowsByName.get(name);
  if (row === undefined) return undefined;
  const definition = parseRow(row);
  parsed.set(name, definition);
  return definition;
}

function parseRow(row: string): OpDef {
  const [name = '', inputs = '', outputs = ''] = row.split('|', 3);
  const attributes = row.slice(name.length + inputs.length + outputs.length + 3);
  const defaults = new Map<string, AttributeValue>();
  for (const attribute of attributes.split('\t')) {
    const [, key = '', type = '', json] = /^(\w+):([^=]*)(?:=(.*))?$/.exec(attribute) ?? [];
    if (json !== undefined) defaults.set(key, parseDefault(type, JSON.parse(json)));
  }
  return { name, inputs: parseArguments(inputs), outputs: parseArguments(outputs), defaults };
}

function parseArguments(text: string): OpArgument[] {
  if (text === '') return [];
  return text.split(',').map((argument) => {
    const [, name = '', number, type = ''] = /^(\w+):(?:(\w*)\*)?(.*)$/.exec(argument) ?? [];
    if (number === '') return { name, typeListAttribute: type };
    return {
      name,
      ...(type.startsWith('=') ? { dtype: type.slice(1) as DataType } : { typeAttribute: type }),
      ...(number !== undefined && { numberAttribute: number }),
    };
  });
}

/** The attributes with the defaults of those that the file leaves out. */
export function withDefaults({ defaults }: OpDef, attributes: Attributes): Attributes {
  if (defaults.size === 0) return attributes;
  return new Map([...defaults, ...attributes]);
}

/**
 * The data type of each output, in order, of a node with all its attributes.
 *
 * @throws ServingError `DATA_LOSS` for a node that lacks an attribute which its operation requires.
 */
export function outputTypes({ name, outputs }: OpDef, attributes: Attributes): DataType[] {
  return outputs.flatMap((output) => typesOf(name, output, attributes));
}

/**
 * How many tensors a node with all its attributes takes.
 *
 * @throws ServingError as {@link outputTypes}.
 */
export function inputCount({ name, inputs }: OpDef, attributes: Attributes): number {
  return inputs.reduce((count, input) => count + typesOf(name, input, attributes).length, 0);
}

/**
 * The place of `OUTPUT:index` among all outputs of a node with all its attributes.
 *
 * @throws ServingError `DATA_LOSS` for an output that the operation doesn't have.
 */
export function outputIndex(definition: OpDef, attributes: Attributes, output: string, index: number): number {
  let before = 0;
  for (const argument of definition.outputs) {
    if (argument.name === output) return before + index;
    before += typesOf(definition.name, argument, attributes).length;
  }
  throw new ServingError('DATA_LOSS', `The graph names output "${output}" of a ${definition.name}, which has none`);
}

function typesOf(op: string, argument: OpArgument, attributes: Attributes): DataType[] {
  const { typeListAttribute, typeAttribute, numberAttribute } = argument;
  if (typeListAttribute !== undefined) {
    const list = required(op, attributes, typeListAttribute);
    if (list.kind !== 'list') throw wrongKind(op, typeListAttribute);
    return list.value.map((item) => (item.kind === 'type' ? item.value : 'invalid'));
  }
  const type = typeAttribute === undefined ? argument.dtype! : typeOf(op, attributes, typeAttribute);
  if (numberAttribute === undefined) return [type];
  const number = required(op, attributes, numberAttribute);
  if (number.kind !== 'int' || number.value < 0n || number.value > MAX_OUTPUTS) throw wrongKind(op, numberAttribute);
  return Array.from({ length: Number(number.value) }, () => type);
}

/** More than any node has that is not made to exhaust memory. */
const MAX_OUTPUTS = 1_000_000n;

function typeOf(op: string, attributes: Attributes, name: string): DataType {
  const type = required(op, attributes, name);
  if (type.kind !== 'type') throw wrongKind(op, name);
  return type.value;
}

function required(op: string, attributes: Attributes, name: string): AttributeValue {
  const attribute = attributes.get(name);
  if (!attribute) throw new ServingError('DATA_LOSS', `A ${op} lacks its attribute "${name}"`);
  return attribute;
}

function wrongKind(op: string, name: string): ServingError {
  return new ServingError('DATA_LOSS', `Attribute "${name}" of a ${op} has a value of the wrong kind`);
}
