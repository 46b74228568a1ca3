/** Defaults of attributes, from JSON. */
import type { DataType, PartialShape } from '@serving/core/tensor';
import type { AttributeValue } from '../graph/attributes.js';

/** @param type as operation definitions name it: `int`, `list(float)`, … */
export function parseDefault(type: string, json: unknown): AttributeValue {
  const [, itemType] = /^list\((\w+)\)$/.exec(type) ?? [];
  if (itemType !== undefined)
    return { kind: 'list', value: (json as unknown[]).map((item) => parseDefault(itemType, item)) };
  switch (type) {
    case 'int':
      return { kind: 'int', value: BigInt(json as number | string) };
    case 'float':
      return { kind: 'float', value: Number(json) };
    case 'bool':
      return { kind: 'bool', value: json as boolean };
    case 'type':
      return { kind: 'type', value: json as DataType };
    case 'shape':
      return { kind: 'shape', value: (json ?? undefined) as PartialShape };
    case 'func':
      return { kind: 'function', value: { name: json as string, attributes: new Map() } };
    default:
      return { kind: 'bytes', value: Buffer.from(json as string, 'latin1') };
  }
}
