/** Answers of predict requests to tensors by output name. */
import type { SignatureInfo } from '../../../src/api/console-api.js';
import { type DataType, dataTypeOf, dataTypeOfOpenInference } from '../tensors/data-type.js';
import { textOrBytes, valuesOfBytes } from '../tensors/element-bytes.js';
import { type Json, parseJson } from '../tensors/json.js';
import { tensorOf } from '../tensors/nested-values.js';
import type { Scalar, Tensor } from '../tensors/tensor.js';

export type NamedTensors = ReadonlyMap<string, Tensor>;

interface Answer {
  readonly headers: Headers;
  readonly body: Uint8Array;
}

type JsonObject = { readonly [name: string]: Json };

/** The outputs of an answer with status 200. */
export function outputsOf({ headers, body }: Answer, signature: SignatureInfo): NamedTensors {
  const headLength = headers.get('inference-header-content-length');
  if (headLength !== null) return openInferenceOutputs(body, Number(headLength));
  if (headers.get('content-type')?.startsWith('application/octet-stream')) return rawOutput(headers, body, signature);
  const json = parseJson(new TextDecoder().decode(body)) as JsonObject;
  if (Array.isArray(json.outputs) && isOpenInference(json.outputs)) return openInferenceOutputs(body, body.length);
  return restOutputs(json, signature);
}

/** The message of `{"error": …}`, or the text of any other body. */
export function errorOf(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  try {
    const { error } = parseJson(text) as JsonObject;
    if (typeof error === 'string') return error;
  } catch {
    // A proxy's page, for one.
  }
  return text.slice(0, 500);
}

function isOpenInference(outputs: readonly Json[]): boolean {
  const [first] = outputs;
  return typeof first === 'object' && first !== null && 'datatype' in first && 'shape' in first;
}

function rawOutput(headers: Headers, body: Uint8Array, { outputs }: SignatureInfo): NamedTensors {
  const dtype = dataTypeOf(headers.get('serving-dtype') ?? 'float');
  const shape = (headers.get('serving-shape') ?? '')
    .split(',')
    .filter((size) => size !== '')
    .map(Number);
  return new Map([[outputs[0]?.name ?? 'output', { dtype, shape, values: valuesOfBytes(body, dtype) }]]);
}

function openInferenceOutputs(body: Uint8Array, headLength: number): NamedTensors {
  const json = parseJson(new TextDecoder().decode(body.subarray(0, headLength))) as JsonObject;
  let at = headLength;
  const entries = (json.outputs as JsonObject[]).map((output): [string, Tensor] => {
    const dtype = dataTypeOfOpenInference(String(output.datatype));
    const size = (output.parameters as JsonObject | undefined)?.binary_data_size;
    let values: ArrayLike<Scalar>;
    if (typeof size === 'number') {
      values = valuesOfBytes(body.subarray(at, at + size), dtype);
      at += size;
    } else {
      values = output.data as Scalar[];
    }
    return [String(output.name), { dtype, shape: output.shape as number[], values }];
  });
  return new Map(entries);
}

function restOutputs(json: JsonObject, { outputs }: SignatureInfo): NamedTensors {
  const typeOf = (name: string, value: Json): DataType => {
    const declared = outputs.find((output) => output.name === name);
    return declared ? dataTypeOf(declared.dtype) : guessedType(value);
  };
  const named = (name: string, value: Json): [string, Tensor] => [
    name,
    textTensor(tensorOf(value, typeOf(name, value))),
  ];
  const only = outputs[0]?.name ?? 'output';
  const columns = json.outputs;
  if (columns !== undefined) {
    return new Map(
      isObject(columns) ? Object.entries(columns).map(([name, value]) => named(name, value)) : [named(only, columns)],
    );
  }
  if (json.results !== undefined) return resultsOf(json.results as Json[]);
  const rows = json.predictions as Json[];
  const [first] = rows;
  if (!isObject(first)) return new Map([named(only, rows)]);
  return new Map(
    Object.keys(first).map((name) =>
      named(
        name,
        rows.map((row) => (row as JsonObject)[name] as Json),
      ),
    ),
  );
}

/** Of a classify, where each example has pairs of a class and its score, or of a regress. */
function resultsOf(results: readonly Json[]): NamedTensors {
  const column = (name: string, type: string, values: Json): [string, Tensor] => [
    name,
    tensorOf(values, dataTypeOf(type)),
  ];
  if (!Array.isArray(results[0])) return new Map([column('value', 'float', [...results])]);
  const pairs = results as [string, number][][];
  return new Map([
    column(
      'classes',
      'string',
      pairs.map((row) => row.map(([label]) => label)),
    ),
    column(
      'scores',
      'float',
      pairs.map((row) => row.map(([, score]) => score)),
    ),
  ]);
}

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('b64' in value);
}

function textTensor(tensor: Tensor): Tensor {
  if (tensor.dtype.kind !== 'string') return tensor;
  const values = Array.from(tensor.values, (value) => (value instanceof Uint8Array ? textOrBytes(value) : value));
  return { ...tensor, values };
}

function guessedType(value: Json): DataType {
  let item: Json | undefined = value;
  while (Array.isArray(item)) item = item[0];
  if (typeof item === 'boolean') return dataTypeOf('bool');
  if (typeof item === 'number' || typeof item === 'bigint') return dataTypeOf('double');
  return dataTypeOf('string');
}
