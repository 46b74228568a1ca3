/** The SavedModels of `packages/savedmodel/fixtures` and TensorFlow's own answers for them, for every package's tests. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  createTensor,
  dataTypeInfo,
  elementCount,
  type NamedTensors,
  StringArray,
  type Tensor,
  type TensorDataMap,
  type TensorDataType,
} from '@serving/core/tensor';

/** A request to a fixture and what TensorFlow answers. Inputs that are left out take the signature's defaults. */
export interface ReferenceCase {
  readonly model: string;
  readonly version: number;
  readonly signature: string;
  readonly inputs: NamedTensors;
  readonly outputs: NamedTensors;
  /** The answer depends on the model's cases before it: run them in order on a freshly loaded model. */
  readonly stateful: boolean;
  /** The request leaves inputs out. */
  readonly usesDefaults: boolean;
}

interface StoredTensor {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  /** Little-endian bytes. */
  readonly base64?: string;
  /** The bytes are a repetition of these. */
  readonly repeat?: string;
  readonly strings?: readonly string[];
}

interface StoredCase {
  readonly model: string;
  readonly version: number;
  readonly signature: string;
  readonly inputs: Readonly<Record<string, StoredTensor>>;
  readonly outputs: Readonly<Record<string, StoredTensor>>;
  readonly stateful?: boolean;
  readonly usesDefaults?: boolean;
}

/** The folder of a fixture (a model's base path), or of one of its versions. */
export function fixturePath(name: string, version?: number): string {
  return fileURLToPath(
    new URL(`../../savedmodel/fixtures/${name}${version === undefined ? '' : `/${version}`}`, import.meta.url),
  );
}

/** Every case of `reference.json`, or those of one model, in order. */
export function referenceCases(model?: string): ReferenceCase[] {
  const cases = JSON.parse(readFileSync(fixturePath('reference.json'), 'utf8')) as StoredCase[];
  return cases
    .filter((stored) => model === undefined || stored.model === model)
    .map(({ stateful = false, usesDefaults = false, ...stored }) => ({
      ...stored,
      inputs: parseTensors(stored.inputs),
      outputs: parseTensors(stored.outputs),
      stateful,
      usesDefaults,
    }));
}

/**
 * What an answer does differently from TensorFlow's: one line per output, nothing when they agree. Floating-point
 * values agree within 1e-6 (absolute below 1, relative above; 0 and -0 differ), everything else exactly.
 */
export function differences(actual: NamedTensors, expected: NamedTensors): string[] {
  const aliases = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  const lines: string[] = [];
  for (const alias of aliases) {
    const found = tensorDifference(actual[alias], expected[alias]);
    if (found !== undefined) lines.push(`${alias}: ${found}`);
  }
  return lines;
}

function parseTensors(stored: Readonly<Record<string, StoredTensor>>): NamedTensors {
  const tensors = Object.create(null) as NamedTensors;
  for (const alias of Object.keys(stored)) tensors[alias] = parseTensor(stored[alias]!);
  return tensors;
}

function parseTensor({ dtype, shape, base64, repeat, strings }: StoredTensor): Tensor {
  if (strings !== undefined) {
    return createTensor('string', shape, StringArray.from(strings.map((text) => Buffer.from(text, 'base64'))));
  }
  const { array, width } = dataTypeInfo(dtype);
  const length = elementCount(shape) * width;
  const bytes = new Uint8Array(length * array!.BYTES_PER_ELEMENT);
  const given = Buffer.from(base64 ?? repeat ?? '', 'base64');
  if (repeat === undefined) bytes.set(given);
  else for (let offset = 0; offset < bytes.length; offset += given.length) bytes.set(given, offset);
  return createTensor(dtype, shape, new array!(bytes.buffer, 0, length) as TensorDataMap[TensorDataType]);
}

function tensorDifference(actual: Tensor | undefined, expected: Tensor | undefined): string | undefined {
  if (actual === undefined || expected === undefined) return actual === undefined ? 'missing' : 'not expected';
  if (actual.dtype !== expected.dtype) return `${actual.dtype} instead of ${expected.dtype}`;
  if (String(actual.shape) !== String(expected.shape)) return `shape [${actual.shape}] instead of [${expected.shape}]`;
  if (actual.data.length !== expected.data.length) {
    return `${actual.data.length} values instead of ${expected.data.length}`;
  }
  for (let i = 0; i < expected.data.length; i++) {
    const [value, wanted] = [valueAt(actual, i), valueAt(expected, i)];
    if (Object.is(value, wanted) || (isFloat(expected) && isClose(Number(value), Number(wanted)))) continue;
    return `${String(value)} instead of ${String(wanted)} at ${i}`;
  }
  return undefined;
}

function valueAt({ data }: Tensor, index: number): number | bigint | string {
  return data instanceof StringArray ? Buffer.from(data.at(index)).toString('latin1') : data[index]!;
}

function isFloat({ data }: Tensor): boolean {
  return data instanceof Float32Array || data instanceof Float64Array;
}

/** Both are not the same value: two zeros differ by their sign. */
function isClose(value: number, wanted: number): boolean {
  return (value !== 0 || wanted !== 0) && Math.abs(value - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));
}
