/** Writes checkpoints as TensorFlow does, for tests. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataTypeInfo, StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { maskedCrc32c } from '@serving/protos/saved-model';

/** Bytes of protobuf and LevelDB: varints and length-delimited fields. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

export function field(number: number, content: Uint8Array | number): Buffer {
  if (typeof content === 'number') return Buffer.concat([varint(number << 3), varint(content)]);
  return Buffer.concat([varint((number << 3) | 2), varint(content.length), content]);
}

/** A serialized TensorShapeProto. */
function shapeBytes(shape: readonly number[]): Buffer {
  return Buffer.concat(shape.map((size) => field(2, size === 0 ? Buffer.alloc(0) : field(1, size))));
}

/** Writes `variables/variables.index` and one data file into `directory`. */
export async function writeCheckpoint(directory: string, variables: Readonly<Record<string, Tensor>>): Promise<void> {
  const data: Buffer[] = [];
  const entries: [string, Buffer][] = [['', field(1, 1)]];
  let offset = 0;
  for (const key of Object.keys(variables).sort()) {
    const tensor = variables[key]!;
    const { bytes, checksum } = tensorContent(tensor);
    const crc = Buffer.alloc(5, 0x35);
    crc.writeUInt32LE(checksum, 1);
    const { number } = dataTypeInfo(tensor.dtype);
    const place = [field(4, offset), field(5, bytes.length)];
    entries.push([key, Buffer.concat([field(1, number), field(2, shapeBytes(tensor.shape)), ...place, crc])]);
    data.push(bytes);
    offset += bytes.length;
  }
  await mkdir(join(directory, 'variables'), { recursive: true });
  await writeFile(join(directory, 'variables', 'variables.index'), indexTable(entries));
  await writeFile(join(directory, 'variables', 'variables.data-00000-of-00001'), Buffer.concat(data));
}

function tensorContent(tensor: Tensor): { readonly bytes: Buffer; readonly checksum: number } {
  if (!(tensor.data instanceof StringArray)) {
    const bytes = Buffer.from(tensorBytes(tensor));
    return { bytes, checksum: maskedCrc32c(bytes) };
  }
  const { data } = tensor;
  const strings = Array.from({ length: data.length }, (_, i) => data.at(i));
  const fixed = Buffer.concat(strings.map(({ length }) => Buffer.from(Uint32Array.of(length).buffer)));
  const lengthChecksum = Buffer.from(Uint32Array.of(maskedCrc32c(fixed)).buffer);
  const content = Buffer.concat(strings);
  return {
    bytes: Buffer.concat([...strings.map(({ length }) => varint(length)), lengthChecksum, content]),
    checksum: maskedCrc32c(Buffer.concat([fixed, lengthChecksum, content])),
  };
}

/** A table of one block, without compression and shared prefixes. */
function indexTable(entries: readonly (readonly [key: string, value: Uint8Array])[]): Buffer {
  const block = blockOf(entries);
  const handle = Buffer.concat([varint(0), varint(block.length)]);
  const meta = blockOf([]);
  const index = blockOf([[entries.at(-1)?.[0] ?? '', handle]]);
  const parts = [block, trailer(block), meta, trailer(meta), index, trailer(index)];
  const metaOffset = block.length + 5;
  const indexOffset = metaOffset + meta.length + 5;
  const handles = Buffer.concat([varint(metaOffset), varint(meta.length), varint(indexOffset), varint(index.length)]);
  const footer = Buffer.alloc(48);
  handles.copy(footer);
  footer.writeBigUInt64LE(0xdb4775248b80fb57n, 40);
  return Buffer.concat([...parts, footer]);
}

function blockOf(entries: readonly (readonly [key: string, value: Uint8Array])[]): Buffer {
  const parts = entries.flatMap(([key, value]) => {
    const bytes = Buffer.from(key);
    return [varint(0), varint(bytes.length), varint(value.length), bytes, value];
  });
  const restarts = Buffer.from(Uint32Array.of(0, 1).buffer);
  return Buffer.concat([...parts, restarts]);
}

function trailer(block: Buffer): Buffer {
  const checked = Buffer.concat([block, Buffer.from([0])]);
  return Buffer.concat([Buffer.from([0]), Buffer.from(Uint32Array.of(maskedCrc32c(checked)).buffer)]);
}
