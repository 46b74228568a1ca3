/** A request to the body of HTTP: JSON, and behind it tensors in binary form. */
import { elementCount, fromBfloat16, fromHalf, StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { type Datatype, datatypeOf } from '../infer/datatype.js';
import type { ClientInferRequest } from './client-messages.js';

/** A body. */
export interface EncodedClientRequest {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Bytes of the JSON; `undefined` where all of the body is JSON. */
  readonly jsonLength: number | undefined;
}

/** @throws TypeError for a tensor that the protocol, or JSON, can not have. */
export function encodeRequest(request: ClientInferRequest, isBinary: boolean): EncodedClientRequest {
  const tails: Uint8Array[] = [];
  const inputs = Object.entries(request.inputs).map(([name, tensor]) => {
    const datatype = datatypeOfInput(name, tensor);
    const head = `{"name":${JSON.stringify(name)},"shape":[${tensor.shape}],"datatype":"${datatype}"`;
    if (!isBinary) return `${head},"data":[${elementTexts(name, datatype, tensor).join(',')}]}`;
    const bytes = bytesOfTensor(tensor);
    tails.push(bytes);
    return `${head},"parameters":{"binary_data_size":${bytes.length}}}`;
  });
  const members = [
    ...(request.id === undefined ? [] : [`"id":${JSON.stringify(request.id)}`]),
    ...parametersMember(request, isBinary),
    `"inputs":[${inputs.join(',')}]`,
    ...outputsMember(request, isBinary),
  ];
  const text = new TextEncoder().encode(`{${members.join(',')}}`);
  if (tails.length === 0) return { body: text, jsonLength: undefined };
  const json = padded(text);
  const size = tails.reduce((sum, { length }) => sum + length, json.length);
  const body = new Uint8Array(size);
  body.set(json);
  let at = json.length;
  for (const tail of tails) {
    body.set(tail, at);
    at += tail.length;
  }
  return { body, jsonLength: json.length };
}

/** With white space up to a multiple of 8 bytes: servers then need no copy of the first tensor for its address. */
function padded(json: Uint8Array): Uint8Array {
  const padding = -json.length & 7;
  if (padding === 0) return json;
  const longer = new Uint8Array(json.length + padding).fill(SPACE);
  longer.set(json);
  return longer;
}

const SPACE = 0x20;

function parametersMember(request: ClientInferRequest, isBinary: boolean): string[] {
  const { signatureName, timeoutMs, outputs, parameters } = request;
  const all = {
    ...parameters,
    ...(signatureName !== undefined && { signature_name: signatureName }),
    ...(timeoutMs !== undefined && { timeout: Math.max(1, Math.round(timeoutMs * 1000)) }),
    ...(isBinary && outputs === undefined && { binary_data_output: true }),
  };
  return Object.keys(all).length === 0 ? [] : [`"parameters":${JSON.stringify(all)}`];
}

function outputsMember({ outputs }: ClientInferRequest, isBinary: boolean): string[] {
  if (outputs === undefined) return [];
  return [`"outputs":${JSON.stringify(outputs.map((name) => ({ name, parameters: { binary_data: isBinary } })))}`];
}

/** @throws TypeError for a tensor that the protocol does not have. */
export function datatypeOfInput(name: string, { dtype, shape, data }: Tensor): Datatype {
  const datatype = datatypeOf(dtype);
  if (datatype === undefined) throw new TypeError(`Input "${name}": ${dtype} is not a data type of the protocol`);
  if (elementCount(shape) === data.length) return datatype;
  throw new TypeError(
    `Input "${name}": shape [${shape}] has ${elementCount(shape)} elements, but data has ${data.length}`,
  );
}

function bytesOfTensor(tensor: Tensor): Uint8Array {
  const { data } = tensor;
  if (!(data instanceof StringArray)) return tensorBytes(tensor);
  const bytes = new Uint8Array(data.byteLength + 4 * data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0, at = 0; i < data.length; i++) {
    const element = data.at(i);
    view.setUint32(at, element.length, true);
    bytes.set(element, at + 4);
    at += 4 + element.length;
  }
  return bytes;
}

function elementTexts(name: string, datatype: Datatype, { data }: Tensor): string[] {
  if (data instanceof StringArray) return stringTexts(name, data);
  if (datatype === 'BOOL') return Array.from(data as Uint8Array, (value) => String(value !== 0));
  if (datatype === 'FP16') return Array.from(data as Uint16Array, (pattern) => String(fromHalf(pattern)));
  if (datatype === 'BF16') return Array.from(data as Uint16Array, (pattern) => String(fromBfloat16(pattern)));
  // NaN and Infinity stand bare, as the protocol's servers read and write them.
  return Array.from(data as Float64Array, (value) => (Object.is(value, -0) ? '-0.0' : String(value)));
}

function stringTexts(name: string, data: StringArray): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from({ length: data.length }, (_, i) => {
    try {
      return JSON.stringify(decoder.decode(data.at(i)));
    } catch {
      throw new TypeError(`Input "${name}": element ${i} is not UTF-8, which JSON needs: send it in binary form`);
    }
  });
}
