/** Typed reading of attributes. */
import { ServingError } from '@serving/core';
import type { DataType, PartialShape } from '@serving/core/tensor';
import type { Attributes, AttributeValue } from './attributes.js';

/** What has attributes, and a name for messages. */
export interface Attributed {
  readonly attributes: Attributes;
  readonly op?: string;
  readonly name?: string;
}

type Kind = AttributeValue['kind'];
type ValueOf<K extends Kind> = Extract<AttributeValue, { kind: K }>['value'];

function read<K extends Kind>(of: Attributed, name: string, kind: K, fallback?: unknown): ValueOf<K> {
  const attribute = of.attributes.get(name);
  if (attribute?.kind === kind) return attribute.value as ValueOf<K>;
  if (attribute === undefined && fallback !== undefined) return fallback as ValueOf<K>;
  throw malformed(of, name, kind, attribute);
}

function readList<K extends Kind>(of: Attributed, name: string, kind: K): ValueOf<K>[] {
  const attribute = of.attributes.get(name);
  if (attribute === undefined) return [];
  if (attribute.kind !== 'list') throw malformed(of, name, `list of ${kind}`, attribute);
  return attribute.value.map((element) => {
    if (element.kind !== kind) throw malformed(of, name, `list of ${kind}`, element);
    return element.value as ValueOf<K>;
  });
}

function malformed(of: Attributed, name: string, expected: string, got: AttributeValue | undefined): ServingError {
  const node = of.op === undefined ? 'The node' : `${of.op} (node ${of.name})`;
  return new ServingError(
    'INVALID_ARGUMENT',
    `${node}: attribute "${name}" must be ${expected} (got ${got === undefined ? 'nothing' : got.kind})`,
  );
}

/** Returns an integer attribute as a number. */
export function integerAttribute(of: Attributed, name: string, fallback?: number): number {
  return Number(read(of, name, 'int', fallback === undefined ? undefined : BigInt(fallback)));
}

/** Returns a float attribute. */
export function floatAttribute(of: Attributed, name: string, fallback?: number): number {
  return read(of, name, 'float', fallback);
}

/** Returns a bool attribute. */
export function boolAttribute(of: Attributed, name: string, fallback?: boolean): boolean {
  return read(of, name, 'bool', fallback);
}

/** Returns a bytes attribute as text. */
export function textAttribute(of: Attributed, name: string, fallback?: string): string {
  const bytes = read(of, name, 'bytes', fallback === undefined ? undefined : new TextEncoder().encode(fallback));
  return new TextDecoder().decode(bytes);
}

/** Returns a dtype attribute. */
export function typeAttribute(of: Attributed, name: string, fallback?: DataType): DataType {
  return read(of, name, 'type', fallback);
}

/** Returns a shape attribute; `undefined` when it is missing or of unknown rank. */
export function shapeAttribute(of: Attributed, name: string): PartialShape {
  return of.attributes.has(name) ? read(of, name, 'shape') : undefined;
}

/** Returns a list of integers; empty when it is missing. */
export function integersAttribute(of: Attributed, name: string): number[] {
  return readList(of, name, 'int').map(Number);
}

/** Returns a list of floats; empty when it is missing. */
export function floatsAttribute(of: Attributed, name: string): number[] {
  return readList(of, name, 'float');
}
