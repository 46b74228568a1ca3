/** Input tensors to the body of a predict request: the client's side of the codec. */
import { isUtf8 } from 'node:buffer';
import { ServingError, type TensorLike } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import { elementCount, formatShape, type NamedTensors, StringArray, type Tensor, toTensor } from '@serving/core/tensor';
import type { JsonPredictRequestFormat } from '../decode/decoded-predict-request.js';
import { ByteWriter } from '../encode/byte-writer.js';
import { ColumnObjectWriter, RowObjectsWriter } from '../encode/named-tensors-writer.js';
import { TensorWriter } from '../encode/tensor-writer.js';
import { CLOSE_BRACE, COMMA, OPEN_BRACE } from '../json/characters.js';
import { UNLIMITED } from '../slicing/slice-budget.js';

/** How a predict request is written. */
export interface PredictRequestEncodeOptions {
  /**
   * `columnar` (the default) writes whole tensors as `inputs`, of any shape. `row` writes `instances`, one element per
   * example: all tensors need the same first dimension, of 1 or more. The response comes in the same form.
   */
  readonly format?: JsonPredictRequestFormat;
  /** Default: none, which the server takes for `serving_default`. */
  readonly signatureName?: string;
}

/** The same, with the data types of the inputs. */
export interface TypedPredictRequestEncodeOptions extends PredictRequestEncodeOptions {
  /** Inputs may then be nested arrays, typed arrays or anything else that is like a tensor, and names are checked. */
  readonly signature: Pick<Signature, 'inputs'>;
}

/**
 * Encodes a predict request without white space. The server reads exactly these tensors: 64-bit integers keep all
 * digits, NaN and infinities are written as `NaN` and `Infinity`, strings that aren't UTF-8 as `{"b64": …}` (then all
 * of their tensor). A single input in row format goes out without its name. The bytes returned are the caller's.
 *
 * @example
 * ```ts
 * const body = encodePredictRequest(
 *   { image: createTensor('float', [1, 784], pixels) },
 *   { format: 'row', signatureName: 'serving_default' },
 * );
 * await fetch('http://localhost:8501/v1/models/digits:predict', { method: 'POST', body });
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` that names the input, for what JSON can't carry: data types such as `half` or
 * `complex64`, a shape with dimensions after one of 0, more than 254 dimensions; in row format a scalar, an empty batch
 * or unequal batches; with a signature also an unknown, a missing or an unfit input.
 */
export function encodePredictRequest(inputs: NamedTensors, options?: PredictRequestEncodeOptions): Uint8Array;
export function encodePredictRequest(
  inputs: Readonly<Record<string, TensorLike>>,
  options: TypedPredictRequestEncodeOptions,
): Uint8Array;
export function encodePredictRequest(
  inputs: Readonly<Record<string, TensorLike>>,
  options: PredictRequestEncodeOptions & { readonly signature?: Pick<Signature, 'inputs'> } = {},
): Uint8Array {
  const { format = 'columnar', signatureName } = options;
  const tensors = checkedTensors(inputs, options.signature);
  const names = Object.keys(tensors);
  if (names.length === 0) throw ServingError.invalidArgument('inputs: a predict request needs at least one input');
  const writer = new ByteWriter(estimatedBytes(tensors));
  writer.byte(OPEN_BRACE);
  if (signatureName !== undefined) {
    writer.ascii('"signature_name":');
    writer.jsonString(Buffer.from(signatureName));
    writer.byte(COMMA);
  }
  if (format === 'row') writeInstances(writer, tensors, names);
  else writeInputs(writer, tensors, names);
  writer.byte(CLOSE_BRACE);
  return writer.finish();
}

const JSON_TYPES: ReadonlySet<string> = new Set([
  'float',
  'double',
  'int8',
  'uint8',
  'int16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool',
  'string',
]);

function checkedTensors(
  inputs: Readonly<Record<string, TensorLike>>,
  signature: Pick<Signature, 'inputs'> | undefined,
): NamedTensors {
  const tensors: NamedTensors = Object.create(null);
  for (const [name, value] of Object.entries(inputs)) {
    const spec = signature === undefined ? untypedSpec(name, value) : signature.inputs.get(name);
    if (spec === undefined) {
      const known = [...signature!.inputs.keys()].join(', ');
      throw ServingError.invalidArgument(`inputs.${name}: the signature has no such input; it has ${known}`);
    }
    const tensor = toTensor(value, spec);
    checkWritable(name, tensor);
    tensors[name] = tensor;
  }
  for (const name of signature?.inputs.keys() ?? []) {
    if (!(name in tensors))
      throw ServingError.invalidArgument(
        `inputs.${name} is missing: over REST every input of the signature is required`,
      );
  }
  return tensors;
}

function untypedSpec(name: string, value: TensorLike): { name: string; dtype: Tensor['dtype']; shape: undefined } {
  if (typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value) {
    return { name, dtype: value.dtype, shape: undefined };
  }
  throw ServingError.invalidArgument(`inputs.${name}: without a signature only a Tensor tells its data type`);
}

/** What the server would refuse, or read as another tensor. */
function checkWritable(name: string, { dtype, shape }: Tensor): void {
  if (!JSON_TYPES.has(dtype) && elementCount(shape) > 0) {
    throw ServingError.invalidArgument(`inputs.${name}: values of type ${dtype} have no JSON form`);
  }
  const empty = shape.indexOf(0);
  if (empty >= 0 && empty < shape.length - 1) {
    throw ServingError.invalidArgument(
      `inputs.${name}: of shape ${formatShape(shape)} JSON loses what follows the dimension of 0`,
    );
  }
}

function writeInstances(writer: ByteWriter, tensors: NamedTensors, names: readonly string[]): void {
  const batchSize = commonBatchSize(tensors, names);
  writer.ascii('"instances":');
  if (names.length === 1) {
    writeTensor(writer, tensors[names[0]!]!);
    return;
  }
  const cut = names.find((name) => name.includes('\0'));
  if (cut !== undefined)
    throw ServingError.invalidArgument(`inputs.${cut}: in row format the server cuts a name at its NUL`);
  new RowObjectsWriter(writer, tensors, names, batchSize, layoutOf(tensors)).step(UNLIMITED);
}

function writeInputs(writer: ByteWriter, tensors: NamedTensors, names: readonly string[]): void {
  writer.ascii('"inputs":');
  // {"b64": "…"} would be read as bytes.
  if (names.length === 1 && names[0] === 'b64') writeTensor(writer, tensors[names[0]]!);
  else new ColumnObjectWriter(writer, tensors, names, layoutOf(tensors)).step(UNLIMITED);
}

function writeTensor(writer: ByteWriter, tensor: Tensor): void {
  const place = { style: 'compact', level: 0, firstDimension: 0, base64: needsBase64(tensor) } as const;
  new TensorWriter(writer, tensor, place).write(0);
}

function layoutOf(tensors: NamedTensors): { compact: boolean; isBase64: (name: string) => boolean } {
  return { compact: true, isBase64: (name) => needsBase64(tensors[name]!) };
}

function commonBatchSize(tensors: NamedTensors, names: readonly string[]): number {
  const first = names[0]!;
  for (const name of names) {
    const size = tensors[name]!.shape[0];
    if (size === undefined)
      throw ServingError.invalidArgument(
        `inputs.${name}: in row format a first dimension is needed, but it is a scalar`,
      );
    if (size === 0) throw ServingError.invalidArgument(`inputs.${name}: an empty batch can't be sent in row format`);
    const expected = tensors[first]!.shape[0];
    if (size !== expected) {
      throw ServingError.invalidArgument(
        `inputs.${name}: in row format a first dimension of ${expected} is expected as in ${first}, got ${size}`,
      );
    }
  }
  return tensors[first]!.shape[0]!;
}

function needsBase64({ data }: Tensor): boolean {
  if (!(data instanceof StringArray)) return false;
  for (let i = 0; i < data.length; i++) if (!isUtf8(data.at(i))) return true;
  return false;
}

/** Room for a usual text of the values; the writer grows when it is longer. */
function estimatedBytes(tensors: NamedTensors): number {
  let bytes = 96;
  for (const { data } of Object.values(tensors)) {
    bytes += 64 + data.length * 14 + (data instanceof StringArray ? data.byteLength : 0);
  }
  return bytes;
}
