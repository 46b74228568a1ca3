/** Nested lists of JSON to tensors, and tensors to the text of nested lists. */
import { base64Of, bytesOfBase64 } from './base64.js';
import type { DataType } from './data-type.js';
import type { Json } from './json.js';
import type { Scalar, Tensor } from './tensor.js';
import { indexOf, shapeText } from './tensor.js';
import { ValueError } from './value-error.js';

/** The tensor of regular nested lists. */
export function tensorOf(json: Json, dtype: DataType): Tensor {
  const shape: number[] = [];
  for (let item = json; Array.isArray(item); item = item[0] as Json) {
    shape.push(item.length);
    if (item.length === 0) break;
  }
  const values: Scalar[] = [];
  collect(json, 0);
  return { dtype, shape, values };

  function collect(item: Json, depth: number): void {
    if (depth === shape.length) {
      if (Array.isArray(item)) throw irregular(depth);
      values.push(scalarOf(item, dtype, () => shapeText(indexOf(shape, values.length))));
      return;
    }
    if (!Array.isArray(item) || item.length !== shape[depth]) throw irregular(depth);
    for (const inner of item) collect(inner, depth + 1);
  }

  function irregular(depth: number): ValueError {
    return new ValueError(`The lists at depth ${depth + 1} differ: each must be like the first, ${shapeText(shape)}.`);
  }
}

function scalarOf(item: Json, { kind, name }: DataType, place: () => string): Scalar {
  const type = typeof item;
  if (kind === 'string') {
    if (type === 'string') return item as string;
    const bytes = item !== null && type === 'object' ? (item as { b64?: Json }).b64 : undefined;
    if (typeof bytes === 'string') return bytesOfBase64(bytes);
  } else if (kind === 'bool') {
    if (type === 'boolean') return item as boolean;
  } else if (kind === 'integer') {
    if (type === 'bigint' || Number.isInteger(item)) return item as number | bigint;
  } else if (type === 'number' || type === 'bigint') {
    return Number(item);
  }
  const text = JSON.stringify(item, (_, value) => (typeof value === 'bigint' ? String(value) : value)).slice(0, 60);
  throw new ValueError(`${text} at ${place()} is not a value of type ${name}.`);
}

/** The JSON of one element. */
function scalarText(value: Scalar): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint8Array) return `{"b64":"${base64Of(value)}"}`;
  return Object.is(value, -0) ? '-0.0' : String(value);
}

/** The JSON of a tensor, without white space. */
export function nestedText({ shape, values }: Omit<Tensor, 'dtype'>): string {
  let next = 0;
  const write = (depth: number): string => {
    if (depth === shape.length) return scalarText(values[next++] as Scalar);
    const items: string[] = [];
    for (let i = 0; i < (shape[depth] ?? 0); i++) items.push(write(depth + 1));
    return `[${items.join(',')}]`;
  };
  return write(0);
}
