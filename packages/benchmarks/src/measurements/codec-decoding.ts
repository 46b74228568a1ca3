/** Bodies of predict requests for the codec, and the same work by `JSON.parse`. */
import type { Signature } from '@serving/core/extend';
import { type DataType, StringArray } from '@serving/core/tensor';
import { decodePredictRequest } from '@serving/json-codec';

/** Two ways to do the same. */
export interface CodecContest {
  readonly name: string;
  /** Length of the JSON text. */
  readonly bytes: number;
  readonly codec: () => unknown;
  readonly json: () => unknown;
}

/** A generator of the same numbers from 0 to 1 in every run. */
export function randomNumbers(): () => number {
  let state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

type Nested = string | readonly Nested[];

const signatureOf = (dtype: DataType): Signature => ({
  name: 'serving_default',
  methodName: 'tensorflow/serving/predict',
  inputs: new Map([['x', { name: 'x', dtype, shape: undefined }]]),
  outputs: new Map(),
  defaults: new Map(),
});

function nested(shape: readonly number[], value: () => string): Nested {
  const [size, ...rest] = shape;
  return size === undefined ? value() : Array.from({ length: size }, () => nested(rest, value));
}

/** As Python's `json.dumps` lays it out. */
const textOf = (value: Nested): string =>
  typeof value === 'string' ? value : `[${value.map((item) => textOf(item)).join(', ')}]`;

function flatten<T>(value: unknown, into: { [index: number]: T }, convert: (value: never) => T, from = 0): number {
  if (!Array.isArray(value)) {
    into[from] = convert(value as never);
    return from + 1;
  }
  let at = from;
  for (const item of value) at = flatten(item, into, convert, at);
  return at;
}

function contest(
  name: string,
  dtype: DataType,
  shape: readonly number[],
  value: () => string,
  flat: (instances: unknown, count: number) => unknown,
): CodecContest {
  const body = Buffer.from(`{"instances": ${textOf(nested(shape, value))}}`);
  const signature = signatureOf(dtype);
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name: `decode ${name}`,
    bytes: body.length,
    codec: () => decodePredictRequest(body, () => signature),
    json: () => flat(JSON.parse(body.toString()).instances, count),
  };
}

const number = (value: number): number => value;

function floats(instances: unknown, count: number): Float32Array {
  const array = new Float32Array(count);
  flatten(instances, array, number);
  return array;
}

function bytes(instances: unknown, count: number): Uint8Array {
  const array = new Uint8Array(count);
  flatten(instances, array, number);
  return array;
}

function longs(instances: unknown, count: number): BigInt64Array {
  const array = new BigInt64Array(count);
  flatten(instances, array, (value: number) => BigInt(value));
  return array;
}

function strings(instances: unknown, count: number): StringArray {
  const array = new Array<string>(count);
  flatten(instances, array, (value: string) => value);
  return StringArray.from(array);
}

function images(instances: unknown, count: number): StringArray {
  const array = new Array<Uint8Array>(count);
  flatten(instances, array, (value: { b64: string }) => Buffer.from(value.b64, 'base64'));
  return StringArray.from(array);
}

export function decodeContests(): CodecContest[] {
  const random = randomNumbers();
  const image = [1, 224, 224, 3];
  const whole = (below: number): string => String(Math.floor(random() * below));
  const jpeg = Buffer.from(Array.from({ length: 100_000 }, () => random() * 256)).toString('base64');
  const word = (): string => `"${(random() * 2 ** 52).toString(36)} ${(random() * 2 ** 52).toString(36)}"`;
  let next = 0;
  return [
    contest('`{"instances": [1.0, 2.0, 5.0]}`', 'float', [3], () => ['1.0', '2.0', '5.0'][next++]!, floats),
    contest('784 floats of 6 digits', 'float', [1, 784], () => random().toFixed(6), floats),
    contest('224×224×3 floats of 6 digits', 'float', image, () => random().toFixed(6), floats),
    contest('224×224×3 floats of 17 digits', 'float', image, () => String(random() + random() / 2 ** 32), floats),
    contest('224×224×3 uint8', 'uint8', image, () => whole(256), bytes),
    contest('1000×100 int64', 'int64', [1000, 100], () => whole(1e13), longs),
    contest('8 images of 100 kB as base64', 'string', [8], () => `{"b64": "${jpeg}"}`, images),
    contest('10,000 strings of 21 characters', 'string', [10_000], word, strings),
  ];
}
