/** Examples → serialized tf.Examples, written without messages in between. */
import type { Example, ExampleInput, Feature } from '@serving/core';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { int64Size, varintSize, WireWriter } from './wire-writer.js';

/** Tags of length-delimited fields: all that a tf.Example has, but for the elements of packed lists. */
const FIELD_1 = 0x0a;
const FIELD_2 = 0x12;
const FIELD_3 = 0x1a;

/**
 * The bytes of one tf.Example, features in the order of their names (UTF-16 code units), whatever order the `Map` has.
 * With a context its bytes come first; a reader merges the two, and the example's feature replaces the context's of the
 * same name.
 *
 * @example
 * ```ts
 * encodeExample(new Map([['x', { kind: 'float', values: [1.5] }]]));
 * ```
 */
export function encodeExample(example: Example, context?: Example): Uint8Array {
  const writer = new WireWriter(exampleSize(example) + (context ? exampleSize(context) : 0));
  if (context) writeExample(writer, context);
  writeExample(writer, example);
  return writer.bytes;
}

/** Each example as {@link encodeExample} writes it: a string tensor of shape [examples], all in one buffer. */
export function encodeExamples({ examples, context }: ExampleInput): Tensor<'string'> {
  const contextBytes = context && encodeExample(context);
  const contextLength = contextBytes?.length ?? 0;
  const offsets = new Uint32Array(examples.length + 1);
  let end = 0;
  for (let i = 0; i < examples.length; i++) {
    end += contextLength + exampleSize(examples[i]!);
    offsets[i + 1] = end;
  }
  const writer = new WireWriter(end);
  for (let i = 0; i < examples.length; i++) {
    if (contextBytes) writer.raw(contextBytes);
    writeExample(writer, examples[i]!);
  }
  return { dtype: 'string', shape: [examples.length], data: new StringArray(writer.bytes, offsets) };
}

function exampleSize(example: Example): number {
  const size = featuresSize(example);
  return size === 0 ? 0 : fieldSize(size);
}

function featuresSize(example: Example): number {
  let size = 0;
  for (const [name, feature] of example) size += fieldSize(entrySize(name, featureSize(feature)));
  return size;
}

function entrySize(name: string, size: number): number {
  return fieldSize(Buffer.byteLength(name)) + fieldSize(size);
}

function featureSize(feature: Feature): number {
  return feature.kind === 'unset' ? 0 : fieldSize(listSize(feature));
}

function listSize(feature: Feature): number {
  switch (feature.kind) {
    case 'unset':
      return 0;
    case 'bytes': {
      let size = 0;
      for (const value of feature.values) size += fieldSize(value.length);
      return size;
    }
    case 'float':
      return feature.values.length === 0 ? 0 : fieldSize(4 * feature.values.length);
    case 'int64':
      return feature.values.length === 0 ? 0 : fieldSize(packedSize(feature.values));
  }
}

function packedSize(values: Iterable<bigint>): number {
  let size = 0;
  for (const value of values) size += int64Size(value);
  return size;
}

/** Of a field with a tag of one byte: tag, length, content. */
function fieldSize(length: number): number {
  return 1 + varintSize(length) + length;
}

function writeExample(writer: WireWriter, example: Example): void {
  if (example.size === 0) return;
  writer.field(FIELD_1, featuresSize(example));
  for (const [name, feature] of inOrder(example)) {
    const size = featureSize(feature);
    writer.field(FIELD_1, entrySize(name, size));
    writer.field(FIELD_1, Buffer.byteLength(name));
    writer.text(name);
    writer.field(FIELD_2, size);
    writeFeature(writer, feature);
  }
}

function inOrder(example: Example): Iterable<readonly [string, Feature]> {
  return example.size === 1 ? example : [...example].sort(([a], [b]) => (a < b ? -1 : 1));
}

function writeFeature(writer: WireWriter, feature: Feature): void {
  const { kind, values } = feature;
  if (kind === 'unset') return;
  writer.field(kind === 'bytes' ? FIELD_1 : kind === 'float' ? FIELD_2 : FIELD_3, listSize(feature));
  if (values.length === 0) return;
  if (kind === 'bytes') {
    for (const value of values) {
      writer.field(FIELD_1, value.length);
      writer.raw(value);
    }
  } else if (kind === 'float') {
    writer.field(FIELD_1, 4 * values.length);
    for (const value of values) writer.float(value);
  } else {
    writer.field(FIELD_1, packedSize(values));
    for (const value of values) writer.int64(value);
  }
}
