/** Several tensors by name as JSON text: an object per row, or one object of whole tensors. */
import type { NamedTensors, Tensor } from '@serving/core/tensor';
import { ByteWriter } from './byte-writer.js';
import { TensorWriter } from './tensor-writer.js';

/** How {@link writeRowObjects} and {@link writeColumnObject} write. */
export interface NamedTensorsLayout {
  /** Without any white space. */
  readonly compact: boolean;
  /** Whether the strings of a tensor go out as `{"b64": …}`. */
  readonly isBase64: (name: string) => boolean;
}

/** Writes a list with an object per row; all tensors have the first dimension `batchSize`, which is not 0. */
export function writeRowObjects(
  writer: ByteWriter,
  tensors: NamedTensors,
  names: readonly string[],
  batchSize: number,
  { compact, isBase64 }: NamedTensorsLayout,
): void {
  const keys = names.map((name, index) => memberStart(name, index, 3, compact));
  const sizes = names.map((name) => valueCount(tensors[name]!) / batchSize);
  const style = compact ? 'compact' : 'inline';
  const members = names.map((name) => {
    return new TensorWriter(writer, tensors[name]!, { style, level: 3, firstDimension: 1, base64: isBase64(name) });
  });
  writer.byte(OPEN_BRACKET);
  for (let row = 0; row < batchSize; row++) {
    if (row > 0) writer.byte(COMMA);
    newLine(writer, 2, compact);
    writer.byte(OPEN_BRACE);
    for (let i = 0; i < members.length; i++) {
      writer.raw(keys[i]!);
      members[i]!.write(row * sizes[i]!);
    }
    newLine(writer, 2, compact);
    writer.byte(CLOSE_BRACE);
  }
  newLine(writer, 1, compact);
  writer.byte(CLOSE_BRACKET);
}

/** Writes an object with a member per tensor. */
export function writeColumnObject(
  writer: ByteWriter,
  tensors: NamedTensors,
  names: readonly string[],
  { compact, isBase64 }: NamedTensorsLayout,
): void {
  const style = compact ? 'compact' : 'open';
  writer.byte(OPEN_BRACE);
  for (const [index, name] of names.entries()) {
    writer.raw(memberStart(name, index, 2, compact));
    const place = { style, level: 2, firstDimension: 0, base64: isBase64(name) } as const;
    new TensorWriter(writer, tensors[name]!, place).write(0);
  }
  newLine(writer, 1, compact);
  writer.byte(CLOSE_BRACE);
}

const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COMMA = 0x2c;

function valueCount(tensor: Tensor): number {
  let count = 1;
  for (const size of tensor.shape) count *= size;
  return count;
}

function newLine(writer: ByteWriter, level: number, compact: boolean): void {
  if (!compact) writer.newLine(level);
}

/** What stands before a member's value: comma, line and name. */
function memberStart(name: string, index: number, level: number, compact: boolean): Uint8Array {
  const writer = new ByteWriter(64);
  if (index > 0) writer.byte(COMMA);
  newLine(writer, level, compact);
  writer.jsonString(Buffer.from(name));
  writer.ascii(compact ? ':' : ': ');
  return writer.finish();
}
