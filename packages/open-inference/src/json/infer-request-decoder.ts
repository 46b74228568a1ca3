/** The body of an inference request over HTTP: JSON, and behind it the tensors that the JSON says are binary. */
import { isUtf8 } from 'node:buffer';
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { StringArray, type Tensor } from '@serving/core/tensor';
import type { SliceBudget } from '@serving/json-codec/internal';
import { readBinaryTensor } from '../infer/binary-tensor.js';
import type { InferInput, InferRequest } from '../infer/infer-message.js';
import { readInputParameters } from '../infer/parameters.js';
import { checkShape, readRequestExactly } from './exact-request-reader.js';
import { FastRequestReader } from './fast-request-reader.js';
import type { InputFields } from './request-fields.js';

/** The header that says where the JSON ends. */
export const JSON_LENGTH_HEADER = 'Inference-Header-Content-Length';

/**
 * Decodes a body. Yields where the budget is used up. Binary tensors are views of `tail` where their address allows it.
 *
 * @param tail the bytes behind the JSON; `undefined` where the whole body is JSON
 * @throws ServingError `INVALID_ARGUMENT` for what is wrong with it.
 */
export function* decodeInferRequest(
  text: Uint8Array,
  tail: Uint8Array | undefined,
  budget: SliceBudget,
): Generator<void, InferRequest> {
  checkText(text);
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const fast = yield* new FastRequestReader(buffer).read(budget);
  const { id, parameters, inputs, outputs } = fast ?? (yield* readRequestExactly(text, budget));
  const binary = new BinaryTail(tail);
  const read = inputs.map((input) => withTensor(input, binary));
  binary.checkEnd();
  return { id, parameters, inputs: read, outputs };
}

function checkText(text: Uint8Array): void {
  if (text.length === 0)
    throw ServingError.invalidArgument('The request has no JSON: expected an object with "inputs"');
  if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) {
    throw ServingError.invalidArgument('The request begins with a byte order mark: send UTF-8 without it');
  }
  if (!isUtf8(text)) throw ServingError.invalidArgument('The JSON of the request is not UTF-8');
}

function withTensor(input: InputFields, binary: BinaryTail): InferInput {
  const { name, datatype, shape, tensor } = input;
  const { binarySize, base64 } = readInputParameters(name, input.parameters);
  if (binarySize === undefined && tensor !== undefined && tensor.dtype !== 'string') return { name, datatype, tensor };
  const subject = `Input ${quoteName(name)}`;
  if (binarySize === undefined) {
    if (tensor === undefined)
      throw ServingError.invalidArgument(`${subject} has neither "data" nor "binary_data_size"`);
    return { name, datatype, tensor: base64 ? fromBase64(tensor, subject) : wellFormed(tensor, subject) };
  }
  if (tensor !== undefined) throw ServingError.invalidArgument(`${subject} has both "data" and "binary_data_size"`);
  checkShape(shape, subject);
  return { name, datatype, tensor: readBinaryTensor(datatype, shape, binary.take(binarySize, subject), subject) };
}

const NO_BYTES = new Uint8Array(0);

/** The bytes behind the JSON, taken tensor by tensor. */
class BinaryTail {
  readonly #bytes: Uint8Array | undefined;
  #at = 0;

  constructor(bytes: Uint8Array | undefined) {
    this.#bytes = bytes;
  }

  take(size: number, subject: string): Uint8Array {
    // Clients leave the header out where nothing is behind the JSON.
    const bytes = this.#bytes ?? (size === 0 ? NO_BYTES : undefined);
    if (bytes === undefined) {
      throw ServingError.invalidArgument(
        `${subject} has "binary_data_size", but the request is missing the header ${JSON_LENGTH_HEADER}`,
      );
    }
    const missing = this.#at + size - bytes.length;
    if (missing > 0) {
      throw ServingError.invalidArgument(`${subject}: ${missing} of its ${size} bytes are missing from the body`);
    }
    this.#at += size;
    return bytes.subarray(this.#at - size, this.#at);
  }

  checkEnd(): void {
    const left = (this.#bytes?.length ?? 0) - this.#at;
    if (left > 0)
      throw ServingError.invalidArgument(`${left} bytes are left in the body behind the last binary tensor`);
  }
}

/** An escape can stand for half of a surrogate pair, which UTF-8 does not have. */
function wellFormed(tensor: Tensor, subject: string): Tensor {
  const { data } = tensor;
  if (!(data instanceof StringArray) || isUtf8(data.bytes.subarray(data.offsets[0], data.offsets[data.length]))) {
    return tensor;
  }
  throw ServingError.invalidArgument(`${subject}: an element has half of a surrogate pair`);
}

function fromBase64(tensor: Tensor, subject: string): Tensor {
  const { data } = tensor;
  if (!(data instanceof StringArray)) return tensor;
  const decoded = data.toStrings().map((text, index) => {
    if (!BASE64.test(text)) {
      throw ServingError.invalidArgument(
        `${subject}: element ${index} is not base64 (got ${quoteName(text.slice(0, 40))})`,
      );
    }
    return Buffer.from(text, 'base64');
  });
  return { ...tensor, data: StringArray.from(decoded) } as Tensor;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
