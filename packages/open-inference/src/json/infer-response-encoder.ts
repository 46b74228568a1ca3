/** The body of an answer over HTTP: JSON, and behind it the outputs that are binary. */
import { isUtf8 } from 'node:buffer';
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { fromBfloat16, fromHalf, StringArray, type Tensor, toBfloat16, toHalf } from '@serving/core/tensor';
import { checkLength, type EncodeBuffers } from '@serving/json-codec';
import { ByteWriter, type SliceBudget, TensorWriter } from '@serving/json-codec/internal';
import { binarySize, writeBinaryTensor } from '../infer/binary-tensor.js';
import type { InferOutput, InferResponse } from '../infer/infer-message.js';
import { readOutputParameters } from '../infer/parameters.js';

/** A body. */
export interface EncodedResponse {
  readonly body: Uint8Array;
  /** Bytes of the JSON; `undefined` where all of the body is JSON. */
  readonly jsonLength: number | undefined;
}

/** How an answer is encoded. */
export interface InferEncodeOptions {
  /** Whether outputs that do not say are binary. */
  readonly binaryOutput: boolean;
  readonly maxBytes: number;
  readonly buffers?: EncodeBuffers | undefined;
}

/**
 * Encodes an answer. Yields where the budget is used up.
 *
 * @throws ServingError `INVALID_ARGUMENT` for BYTES that are not UTF-8 and not binary, `OUT_OF_RANGE` for a body over `maxBytes`.
 */
export function* encodeInferResponse(
  response: InferResponse,
  { binaryOutput, maxBytes, buffers }: InferEncodeOptions,
  budget: SliceBudget,
): Generator<void, EncodedResponse> {
  const { model, version, outputs } = response;
  const writer = new ByteWriter(256, buffers);
  const id = response.id === '' ? '' : `,"id":${JSON.stringify(response.id)}`;
  let text = `{"model_name":${JSON.stringify(model)},"model_version":"${version}"${id},"outputs":[`;
  const flush = (): void => {
    writer.raw(Buffer.from(text));
    text = '';
  };
  const binary: Tensor[] = [];
  let tail = 0;
  for (const [index, output] of outputs.entries()) {
    const { name, datatype, tensor } = output;
    const asked = readOutputParameters(name, output.parameters);
    text += `${index === 0 ? '' : ','}{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${tensor.shape}],`;
    if (asked.binary ?? binaryOutput) {
      const size = binarySize(tensor);
      text += `"parameters":{"binary_data_size":${size}}}`;
      binary.push(tensor);
      tail += size;
    } else {
      if (asked.base64 && tensor.dtype === 'string') text += '"parameters":{"content_type":"base64"},';
      text += '"data":';
      flush();
      yield* writeValues(writer, output, asked.base64, budget);
      text = '}';
    }
    checkLength(writer.length + tail, { maxBytes });
  }
  text += ']}';
  flush();
  if (binary.length === 0) return { body: writer.finish(), jsonLength: undefined };
  const jsonLength = writer.length;
  const body = Buffer.allocUnsafe(jsonLength + tail);
  body.set(writer.finish());
  let at = jsonLength;
  for (const tensor of binary) {
    writeBinaryTensor(tensor, body, at);
    at += binarySize(tensor);
  }
  return { body, jsonLength };
}

function* writeValues(
  writer: ByteWriter,
  { name, datatype, tensor }: InferOutput,
  base64: boolean,
  budget: SliceBudget,
): Generator<void, void> {
  if (tensor.data.length === 0) {
    writer.ascii('[]');
    return;
  }
  if (datatype === 'FP16' || datatype === 'BF16') {
    const patterns = tensor.data as Uint16Array;
    const shortest = datatype === 'FP16' ? shortestHalf : shortestBfloat16;
    writer.ascii(`[${Array.from(patterns, shortest).join(',')}]`);
    return;
  }
  let flat = { ...tensor, shape: [tensor.data.length] } as Tensor;
  if (tensor.data instanceof StringArray) {
    if (base64) flat = { ...flat, data: base64Strings(tensor.data) } as Tensor;
    else checkUtf8(name, tensor.data);
  }
  flat = { ...flat, dtype: storage[tensor.dtype] ?? tensor.dtype } as Tensor;
  const values = new TensorWriter(writer, flat, { style: 'compact', level: 0, firstDimension: 0, base64: false });
  values.begin(0);
  while (!values.step(budget)) {
    yield* writer.reserveSlice(budget);
    yield;
  }
}

/** What quantized values are stored in. */
const storage: Readonly<Record<string, string>> = {
  qint8: 'int8',
  quint8: 'uint8',
  qint16: 'int16',
  quint16: 'int32',
  qint32: 'int32',
  uint16: 'int32',
};

function base64Strings(data: StringArray): StringArray {
  return StringArray.from(Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('base64')));
}

/** Elements may end within a character, so that they are looked at one by one. */
function checkUtf8(name: string, data: StringArray): void {
  for (let i = 0; i < data.length; i++) {
    if (isUtf8(data.at(i))) continue;
    throw ServingError.invalidArgument(
      `Output ${quoteName(name)}: element ${i} is not UTF-8, which JSON needs: ask for it with "binary_data": true, or with "content_type": "base64"`,
    );
  }
}

const shortestHalf = (pattern: number): string => shortest(fromHalf(pattern), pattern, toHalf, 5);
const shortestBfloat16 = (pattern: number): string => shortest(fromBfloat16(pattern), pattern, toBfloat16, 4);

/** The decimal of fewest digits that stands for the same pattern. */
function shortest(value: number, pattern: number, toPattern: (value: number) => number, most: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0';
  for (let digits = 1; digits < most; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (toPattern(Number(text)) === pattern) return text;
  }
  return String(Number(value.toPrecision(most)));
}
