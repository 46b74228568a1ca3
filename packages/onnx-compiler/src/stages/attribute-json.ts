/** Attributes of operations as JSON. */
import type { DataType, PartialShape } from '@serving/core/tensor';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { latin1Bytes } from '../kernels/elements/bytes.js';
import { type TensorJson, tensorFromJson, tensorToJson, toBase64 } from './tensor-json.js';

/** An attribute of a file of stages, by its kind. */
export type AttributeJson =
  | { readonly bytes: string }
  | { readonly int: string }
  | { readonly float: number | string }
  | { readonly bool: boolean }
  | { readonly type: DataType }
  | { readonly shape: PartialShape | null }
  | { readonly tensor: TensorJson }
  | { readonly list: readonly AttributeJson[] };

/** Attributes by name. TensorFlow's own notes (`_…`), functions and placeholders, which no kernel reads, are left out. */
export function attributesToJson(attributes: Attributes): Record<string, AttributeJson> {
  const own = [...attributes].filter(([name]) => !name.startsWith('_'));
  const entries = own.map(([name, value]) => [name, attributeToJson(value)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, AttributeJson] => entry[1] !== undefined));
}

/** What {@link attributesToJson} wrote. */
export function attributesFromJson(attributes: Readonly<Record<string, AttributeJson>>): Attributes {
  return new Map(Object.entries(attributes).map(([name, value]) => [name, attributeFromJson(value)]));
}

function attributeToJson(attribute: AttributeValue): AttributeJson | undefined {
  switch (attribute.kind) {
    case 'bytes':
      return { bytes: toBase64(attribute.value) };
    case 'int':
      return { int: String(attribute.value) };
    case 'float':
      // JSON has neither infinities nor NaN.
      return { float: Number.isFinite(attribute.value) ? attribute.value : String(attribute.value) };
    case 'bool':
      return { bool: attribute.value };
    case 'type':
      return { type: attribute.value };
    case 'shape':
      return { shape: attribute.value ?? null };
    case 'tensor':
      return { tensor: tensorToJson(attribute.value) };
    case 'list': {
      const values = attribute.value.map(attributeToJson);
      return values.every((value) => value !== undefined) ? { list: values } : undefined;
    }
    default:
      return undefined;
  }
}

function attributeFromJson(json: AttributeJson): AttributeValue {
  if ('bytes' in json) return { kind: 'bytes', value: latin1Bytes(atob(json.bytes)) };
  if ('int' in json) return { kind: 'int', value: BigInt(json.int) };
  if ('float' in json) return { kind: 'float', value: Number(json.float) };
  if ('bool' in json) return { kind: 'bool', value: json.bool };
  if ('type' in json) return { kind: 'type', value: json.type };
  if ('shape' in json) return { kind: 'shape', value: json.shape ?? undefined };
  if ('tensor' in json) return { kind: 'tensor', value: tensorFromJson(json.tensor) };
  return { kind: 'list', value: json.list.map(attributeFromJson) };
}
