/** An answer over HTTP to tensors: JSON, and behind it tensors in binary form. */
import {
  dataTypeInfo,
  elementCount,
  type NamedTensors,
  type NumericArray,
  StringArray,
  type Tensor,
  tensorFromBytes,
  toBfloat16,
  toHalf,
} from '@serving/core/tensor';
import { type Datatype, dtypeOf, isDatatype } from '../infer/datatype.js';
import type { ClientInferResponse } from './client-messages.js';

interface OutputJson {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly parameters?: { readonly binary_data_size?: number; readonly content_type?: string };
  readonly data?: unknown;
}

interface AnswerJson {
  readonly model_name: string;
  readonly model_version?: string;
  readonly id?: string;
  readonly outputs: readonly OutputJson[];
}

/**
 * Reads an answer.
 *
 * @param jsonLength of the header; `undefined` where all of the body is JSON
 * @throws TypeError for an answer that is not the protocol's.
 */
export function decodeAnswer(body: Uint8Array, jsonLength: number | undefined): ClientInferResponse {
  const text = new TextDecoder().decode(jsonLength === undefined ? body : body.subarray(0, jsonLength));
  const { model_name: model, model_version: version, id, outputs } = parseExactly(text) as AnswerJson;
  const tensors: NamedTensors = Object.create(null);
  let at = jsonLength ?? body.length;
  for (const output of outputs) {
    const size = output.parameters?.binary_data_size;
    tensors[output.name] =
      size === undefined ? tensorOfJson(output) : tensorOfBytes(output, body.subarray(at, at + size));
    at += size ?? 0;
  }
  return { model, version, id, outputs: tensors };
}

/**
 * Parses JSON with what its grammar lacks: bare NaN and Infinity, and integers beyond 2^53, which become strings; so does nothing else, as
 * those that stand within strings are left alone.
 */
function parseExactly(text: string): unknown {
  return JSON.parse(text.replace(INEXACT, (found, quoted: string | undefined) => quoted ?? `"${found}"`));
}

const INEXACT = /("(?:[^"\\]|\\.)*")|-?\b(?:NaN|Infinity|Inf)\b|-?\b\d{16,}\b(?![.eE])/g;

function tensorOfBytes({ name, datatype, shape }: OutputJson, bytes: Uint8Array): Tensor {
  const dtype = dtypeOf(datatypeIn(name, datatype));
  if (dtype !== 'string') return tensorFromBytes(dtype, shape, bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const elements: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + view.getUint32(at, true);
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return checked(name, { dtype, shape, data: StringArray.from(elements) });
}

function tensorOfJson({ name, datatype: given, shape, parameters, data }: OutputJson): Tensor {
  const datatype = datatypeIn(name, given);
  const dtype = dtypeOf(datatype);
  const values = (Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : [data]) as unknown[];
  if (dtype === 'string') {
    const isBase64 = parameters?.content_type === 'base64';
    const elements = values.map((value) => (isBase64 ? bytesOfBase64(String(value)) : String(value)));
    return checked(name, { dtype, shape, data: StringArray.from(elements) });
  }
  const array = new (dataTypeInfo(dtype).array!)(values.length);
  const convert = converters[datatype] ?? toNumber;
  for (let i = 0; i < values.length; i++) (array as Float64Array)[i] = convert(values[i]) as number;
  return checked(name, { dtype, shape, data: array as NumericArray } as Tensor);
}

function checked(name: string, tensor: Tensor): Tensor {
  const count = elementCount(tensor.shape);
  if (count === tensor.data.length) return tensor;
  throw new TypeError(
    `Output "${name}": shape [${tensor.shape}] has ${count} elements, but ${tensor.data.length} came`,
  );
}

function datatypeIn(name: string, datatype: string): Datatype {
  if (isDatatype(datatype)) return datatype;
  throw new TypeError(`Output "${name}": unknown data type "${datatype}"`);
}

/** MLServer writes what is not a number as null. */
function toNumber(value: unknown): number {
  if (value === null) return Number.NaN;
  return typeof value === 'string' ? Number(value.replace(/Inf$/, 'Infinity')) : Number(value);
}

const toBigInt = (value: unknown): bigint => BigInt(value as string | number);

const converters: Readonly<Partial<Record<Datatype, (value: unknown) => number | bigint>>> = {
  INT64: toBigInt,
  UINT64: toBigInt,
  FP16: (value) => toHalf(toNumber(value)),
  BF16: (value) => toBfloat16(toNumber(value)),
};

function bytesOfBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
