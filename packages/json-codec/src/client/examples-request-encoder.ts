/** Examples to the body of a classify or regress request: the client's side of the codec. */
import { isUtf8 } from 'node:buffer';
import { type ExampleRequest, ServingError } from '@serving/core';
import type { Example, Feature } from '@serving/core/extend';
import { toExampleInput } from '@serving/core/internal';
import { ByteWriter } from '../encode/byte-writer.js';
import { writeBase64Object } from '../encode/element-writer.js';
import { MAX_FLOAT_TEXT, writeFloat32 } from '../encode/float-writer.js';
import { CLOSE_BRACE, CLOSE_BRACKET, COLON, COMMA, OPEN_BRACE, OPEN_BRACKET } from '../json/characters.js';

/** How a classify or regress request is written. */
export interface ExamplesRequestEncodeOptions {
  /** Default: none, which the server takes for `serving_default`. */
  readonly signatureName?: string;
}

/** Examples, as plain objects, Maps or typed features. */
export type ExamplesToEncode = Pick<ExampleRequest, 'examples' | 'context'>;

/**
 * Encodes a classify request without white space. The server reads exactly these features: numbers are float features
 * (`1` goes out as `1.0`), bigints and booleans int64 ones, strings and byte arrays bytes (as `{"b64": …}` where they
 * aren't UTF-8). One thing is lost: a feature of a kind without values is written `[]`, which has no kind.
 * The bytes returned are the caller's.
 *
 * @example
 * ```ts
 * const body = encodeClassificationRequest({ examples: [{ age: 42n, income: 1250, city: 'Ulm' }] });
 * await fetch('http://localhost:8501/v1/models/census:classify', { method: 'POST', body });
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` without examples, for a value that no feature has, and for a feature
 * with a NUL in its name.
 */
export function encodeClassificationRequest(
  input: ExamplesToEncode,
  options: ExamplesRequestEncodeOptions = {},
): Uint8Array {
  return encodeExamplesRequest(input, options);
}

/**
 * Encodes a regress request; its form and rules are those of {@link encodeClassificationRequest}.
 *
 * @throws ServingError as {@link encodeClassificationRequest}
 */
export function encodeRegressionRequest(
  input: ExamplesToEncode,
  options: ExamplesRequestEncodeOptions = {},
): Uint8Array {
  return encodeExamplesRequest(input, options);
}

function encodeExamplesRequest(input: ExamplesToEncode, { signatureName }: ExamplesRequestEncodeOptions): Uint8Array {
  const { examples, context } = toExampleInput(input);
  if (examples.length === 0) throw new ServingError('INVALID_ARGUMENT', 'examples: at least one is needed');
  const writer = new ByteWriter(256);
  const keys: MemberKeys = new Map();
  writer.byte(OPEN_BRACE);
  if (signatureName !== undefined) {
    writer.ascii('"signature_name":');
    writer.jsonString(Buffer.from(signatureName));
    writer.byte(COMMA);
  }
  if (context !== undefined) {
    writer.ascii('"context":');
    writeExample(writer, context, 'context', keys);
    writer.byte(COMMA);
  }
  writer.ascii('"examples":[');
  for (const [i, example] of examples.entries()) {
    if (i > 0) writer.byte(COMMA);
    writeExample(writer, example, `examples[${i}]`, keys);
  }
  writer.ascii(']}');
  return writer.finish();
}

/** `"name":` of the features met so far; most examples have the same. */
type MemberKeys = Map<string, Uint8Array>;

function writeExample(writer: ByteWriter, example: Example, path: string, keys: MemberKeys): void {
  writer.byte(OPEN_BRACE);
  let first = true;
  for (const [name, feature] of example) {
    let key = keys.get(name);
    if (key === undefined) {
      key = memberKey(name, path);
      keys.set(name, key);
    }
    if (!first) writer.byte(COMMA);
    first = false;
    writer.raw(key);
    writeFeature(writer, feature);
  }
  writer.byte(CLOSE_BRACE);
}

function memberKey(name: string, path: string): Uint8Array {
  if (name.includes('\0')) {
    throw new ServingError('INVALID_ARGUMENT', `${path}.${name}: over REST the server cuts a name at its NUL`);
  }
  const writer = new ByteWriter(name.length + 3);
  writer.jsonString(Buffer.from(name));
  writer.byte(COLON);
  return writer.finish();
}

function writeFeature(writer: ByteWriter, feature: Feature): void {
  const { values } = feature;
  if (values.length !== 1) writer.byte(OPEN_BRACKET);
  for (let i = 0; i < values.length; i++) {
    if (i > 0) writer.byte(COMMA);
    writeValue(writer, values[i]!);
  }
  if (values.length !== 1) writer.byte(CLOSE_BRACKET);
}

function writeValue(writer: ByteWriter, value: number | bigint | Uint8Array): void {
  if (typeof value === 'number') {
    writer.reserve(MAX_FLOAT_TEXT);
    writer.length = writeFloat32(Math.fround(value), writer.bytes, writer.length);
  } else if (typeof value === 'bigint') {
    writer.ascii(value.toString());
  } else if (isUtf8(value)) {
    writer.jsonString(value);
  } else {
    writeBase64Object(writer, value, 0, value.length, undefined);
  }
}
