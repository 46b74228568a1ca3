/** Reads what tests ask of a serialized `onnx.ModelProto`. */
import { readFields } from '@serving/protos/tensor';

const bytesTag = (field: number): number => (field << 3) | 2;

interface ReadNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface ReadInitializer {
  readonly name: string;
  readonly dtype: number;
  readonly dims: readonly number[];
  readonly rawBytes: number;
  readonly external: Readonly<Record<string, string>>;
}

export interface ReadModel {
  readonly nodes: readonly ReadNode[];
  readonly initializers: readonly ReadInitializer[];
  readonly opsets: Readonly<Record<string, number>>;
}

/** The fields of a message: byte fields as views, varints as numbers. */
function fieldsOf(message: Uint8Array): [tag: number, value: Uint8Array | number][] {
  const fields: [number, Uint8Array | number][] = [];
  readFields(message, (tag, reader) => {
    const type = tag & 7;
    if (type === 2) fields.push([tag, reader.bytes()]);
    else if (type === 0) fields.push([tag, Number(reader.int64())]);
    return type === 2 || type === 0;
  });
  return fields;
}

const all = (message: Uint8Array, field: number): Uint8Array[] =>
  fieldsOf(message).flatMap(([tag, value]) => (tag === bytesTag(field) ? [value as Uint8Array] : []));
const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const number = (message: Uint8Array, field: number): number =>
  Number(fieldsOf(message).find(([tag]) => tag === field << 3)?.[1] ?? 0);

const readNode = (node: Uint8Array): ReadNode => ({
  op: text(all(node, 4)[0]),
  domain: text(all(node, 7)[0]),
  inputs: all(node, 1).map(text),
  outputs: all(node, 2).map(text),
});

function readInitializer(tensor: Uint8Array): ReadInitializer {
  const dims: number[] = [];
  for (const packed of all(tensor, 1)) {
    for (let at = 0, value = 0, shift = 0; at < packed.length; at++) {
      value += (packed[at]! & 127) * 2 ** shift;
      shift += 7;
      if (packed[at]! < 128) {
        dims.push(value);
        value = 0;
        shift = 0;
      }
    }
  }
  return {
    name: text(all(tensor, 8)[0]),
    dtype: number(tensor, 2),
    dims,
    rawBytes: all(tensor, 9)[0]?.length ?? 0,
    external: Object.fromEntries(all(tensor, 13).map((entry) => [text(all(entry, 1)[0]), text(all(entry, 2)[0])])),
  };
}

export function readModel(model: Uint8Array): ReadModel {
  const [graph] = all(model, 7);
  return {
    nodes: all(graph!, 1).map(readNode),
    initializers: all(graph!, 5).map(readInitializer),
    opsets: Object.fromEntries(all(model, 8).map((opset) => [text(all(opset, 1)[0]), number(opset, 2)])),
  };
}
