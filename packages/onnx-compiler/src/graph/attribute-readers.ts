/**
 * Attributes of a node by their kind. A fallback is for attributes that not every operation of a family has: defaults are filled in
 * when the file is read.
 */
import { ServingError } from '@serving/core/portable';
import type { DataType, PartialShape, Tensor } from '@serving/core/tensor';
import type { Attributes, AttributeValue } from './attributes.js';

type Kind = AttributeValue['kind'];
type ValueOf<K extends Kind> = Extract<AttributeValue, { kind: K }>['value'];

const decoder = new TextDecoder();

function read<K extends Kind>(attributes: Attributes, name: string, kind: K): ValueOf<K> {
  const found = attributes.get(name);
  if (found?.kind === kind) return found.value as ValueOf<K>;
  throw new ServingError(
    'INVALID_ARGUMENT',
    `Attribute "${name}" must be of kind ${kind} (got ${found === undefined ? 'none' : found.kind})`,
  );
}

function readList<K extends Kind>(attributes: Attributes, name: string, kind: K): ValueOf<K>[] {
  return read(attributes, name, 'list').map((item) => {
    if (item.kind === kind) return item.value as ValueOf<K>;
    throw new ServingError('INVALID_ARGUMENT', `Attribute "${name}" must list ${kind} (got ${item.kind})`);
  });
}

/** An integer attribute. Integers beyond 2⁵³ lose digits. */
export function intAttribute(attributes: Attributes, name: string, fallback?: number): number {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return Number(read(attributes, name, 'int'));
}

/** A number attribute. */
export function floatAttribute(attributes: Attributes, name: string, fallback?: number): number {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return read(attributes, name, 'float');
}

/** A boolean attribute. */
export function boolAttribute(attributes: Attributes, name: string, fallback?: boolean): boolean {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return read(attributes, name, 'bool');
}

/** A string attribute, decoded as UTF-8. */
export function textAttribute(attributes: Attributes, name: string, fallback?: string): string {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return decoder.decode(read(attributes, name, 'bytes'));
}

/** A string attribute as it is. */
export function bytesAttribute(attributes: Attributes, name: string): Uint8Array {
  return read(attributes, name, 'bytes');
}

/** A data type attribute. */
export function typeAttribute(attributes: Attributes, name: string): DataType {
  return read(attributes, name, 'type');
}

/** A shape attribute. */
export function shapeAttribute(attributes: Attributes, name: string): PartialShape {
  return read(attributes, name, 'shape');
}

/** A tensor attribute. */
export function tensorAttribute(attributes: Attributes, name: string): Tensor {
  return read(attributes, name, 'tensor');
}

/** A list of integers. */
export function intsAttribute(attributes: Attributes, name: string, fallback?: number[]): number[] {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return readList(attributes, name, 'int').map(Number);
}

/** A list of numbers. */
export function floatsAttribute(attributes: Attributes, name: string, fallback?: number[]): number[] {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return readList(attributes, name, 'float');
}

/** A list of strings, decoded as UTF-8. */
export function textsAttribute(attributes: Attributes, name: string): string[] {
  return readList(attributes, name, 'bytes').map((value) => decoder.decode(value));
}

/** A list of data types. */
export function typesAttribute(attributes: Attributes, name: string): DataType[] {
  return readList(attributes, name, 'type');
}

/** A list of shapes. */
export function shapesAttribute(attributes: Attributes, name: string, fallback?: PartialShape[]): PartialShape[] {
  if (fallback !== undefined && !attributes.has(name)) return fallback;
  return readList(attributes, name, 'shape');
}
