/** Examples → serialized tf.Examples, written without messages in between. */
import { ServingError } from '@serving/core';
import type { Example, ExampleInput, Feature } from '@serving/core/extend';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { WireWriter } from '../wire/wire-writer.js';

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
  const writer = new WireWriter();
  writeExample(writer, example);
  if (context) writeExample(writer, context);
  return writer.finish();
}

/** Bytes that a context may take when each example has a copy of it. */
const MAX_CONTEXT_BYTES = 2 ** 29;

/**
 * Each example as {@link encodeExample} writes it: a string tensor of shape [examples], all in one buffer.
 *
 * @throws ServingError `INVALID_ARGUMENT` for a context whose copies would take more than 512 MiB.
 */
export function encodeExamples({ examples, context }: ExampleInput): Tensor<'string'> {
  const contextBytes = context && encodeExample(context);
  if (contextBytes && contextBytes.length * examples.length > MAX_CONTEXT_BYTES) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `A context of ${contextBytes.length} bytes for each of ${examples.length} examples takes more than ${MAX_CONTEXT_BYTES} bytes`,
    );
  }
  const writer = new WireWriter();
  const sizes = new Uint32Array(examples.length);
  for (let i = examples.length - 1; i >= 0; i--) {
    const before = writer.length;
    writeExample(writer, examples[i]!);
    if (contextBytes) writer.raw(contextBytes);
    sizes[i] = writer.length - before;
  }
  const offsets = new Uint32Array(examples.length + 1);
  for (let i = 0; i < examples.length; i++) offsets[i + 1] = offsets[i]! + sizes[i]!;
  return { dtype: 'string', shape: [examples.length], data: new StringArray(writer.finish(), offsets) };
}

/** Back to front, the writer's order. */
function writeExample(writer: WireWriter, example: Example): void {
  if (example.size === 0) return;
  const names = [...example.keys()];
  if (names.length > 1) names.sort();
  const beforeFeatures = writer.length;
  for (let i = names.length - 1; i >= 0; i--) {
    const name = names[i]!;
    const beforeEntry = writer.length;
    writeFeature(writer, example.get(name)!);
    writer.field(FIELD_2, beforeEntry);
    const beforeName = writer.length;
    writer.text(name);
    writer.field(FIELD_1, beforeName);
    writer.field(FIELD_1, beforeEntry);
  }
  writer.field(FIELD_1, beforeFeatures);
}

function writeFeature(writer: WireWriter, { kind, values }: Feature): void {
  const before = writer.length;
  switch (kind) {
    case 'unset':
      return;
    case 'bytes':
      for (let i = values.length - 1; i >= 0; i--) {
        const beforeValue = writer.length;
        writer.raw(values[i]!);
        writer.field(FIELD_1, beforeValue);
      }
      writer.field(FIELD_1, before);
      return;
    case 'float': {
      const floats = values instanceof Float32Array ? values : Float32Array.from(values);
      writer.raw(new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength));
      if (values.length > 0) writer.field(FIELD_1, before);
      writer.field(FIELD_2, before);
      return;
    }
    case 'int64':
      if (values instanceof BigInt64Array) writer.int64s(values);
      else for (let i = values.length - 1; i >= 0; i--) writer.int64(values[i]!);
      if (values.length > 0) writer.field(FIELD_1, before);
      writer.field(FIELD_3, before);
      return;
  }
}
