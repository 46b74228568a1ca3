/** The body of an inference request over HTTP: JSON, and behind it the tensors that are binary by the JSON. */
import { isUtf8 } from 'node:buffer';
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { ELEMENT_COST, type SliceBudget } from '@serving/json-codec/internal';
import { pauseAt, type ReadingPace } from '@serving/protos/tensor';
import { readBinaryTensorAt } from '../infer/binary-tensor.js';
import type { InferInput, InferRequest } from '../infer/infer-message.js';
import { readInputParameters } from '../infer/parameters.js';
import { BinaryTail } from './binary-tail.js';
import { checkShape, readRequestExactly } from './exact-request-reader.js';
import { FastRequestReader } from './fast-request-reader.js';
import type { InputFields } from './request-fields.js';
import type { TextHole } from './request-template.js';

/** A request, and what its text is kept by. */
export interface DecodedBody {
  readonly request: InferRequest;
  readonly inputs: readonly InputFields[];
  /** The parts of its text that another request may have another way; `undefined` for texts that are not kept. */
  readonly holes: readonly TextHole[] | undefined;
}

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
): Generator<void, DecodedBody> {
  checkText(text);
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const reader = new FastRequestReader(buffer);
  const fast = yield* reader.read(budget);
  const { id, parameters, inputs, outputs } = fast ?? (yield* readRequestExactly(text, budget));
  const binary = new BinaryTail(tail);
  const pace: ReadingPace = { left: budget.left / ELEMENT_COST };
  const read: InferInput[] = [];
  for (const input of inputs) read.push(yield* withTensor(pace, input, binary));
  binary.checkEnd();
  const holes = fast === undefined ? undefined : reader.holes;
  return { request: { id, parameters, inputs: read, outputs }, inputs, holes };
}

function checkText(text: Uint8Array): void {
  if (text.length === 0)
    throw ServingError.invalidArgument('The request has no JSON: expected an object with "inputs"');
  if (text[0] === 0xef && text[1] === 0xbb && text[2] === 0xbf) {
    throw ServingError.invalidArgument('The request begins with a byte order mark: send UTF-8 without it');
  }
  if (!isUtf8(text)) throw ServingError.invalidArgument('The JSON of the request is not UTF-8');
}

function* withTensor(pace: ReadingPace, input: InputFields, binary: BinaryTail): Generator<void, InferInput> {
  const { name, datatype, shape, tensor } = input;
  const { binarySize, base64 } = readInputParameters(name, input.parameters);
  if (binarySize === undefined && tensor !== undefined && tensor.dtype !== 'string') return { name, datatype, tensor };
  const subject = `Input ${quoteName(name)}`;
  if (binarySize === undefined) {
    if (tensor === undefined)
      throw ServingError.invalidArgument(`${subject} has neither "data" nor "binary_data_size"`);
    return { name, datatype, tensor: base64 ? yield* fromBase64(pace, tensor, subject) : wellFormed(tensor, subject) };
  }
  if (tensor !== undefined) throw ServingError.invalidArgument(`${subject} has both "data" and "binary_data_size"`);
  checkShape(shape, subject);
  const bytes = binary.take(binarySize, subject);
  return { name, datatype, tensor: yield* readBinaryTensorAt(pace, datatype, shape, bytes, subject) };
}

/** An escape can stand for half of a surrogate pair, which UTF-8 does not have. */
function wellFormed(tensor: Tensor, subject: string): Tensor {
  const { data } = tensor;
  if (!(data instanceof StringArray) || isUtf8(data.bytes.subarray(data.offsets[0], data.offsets[data.length]))) {
    return tensor;
  }
  throw ServingError.invalidArgument(`${subject}: an element has half of a surrogate pair`);
}

function* fromBase64(pace: ReadingPace, tensor: Tensor, subject: string): Generator<void, Tensor> {
  const { data } = tensor;
  if (!(data instanceof StringArray)) return tensor;
  const decoded: Uint8Array[] = [];
  for (let index = 0; index < data.length; index++) {
    const text = Buffer.from(data.at(index)).toString('latin1');
    if (!BASE64.test(text)) {
      throw ServingError.invalidArgument(
        `${subject}: element ${index} is not base64 (got ${quoteName(text.slice(0, 40))})`,
      );
    }
    decoded.push(Buffer.from(text, 'base64'));
    pace.left -= PARTS_OF_BASE64 + text.length / BYTES_OF_PART;
    if (pace.left <= 0) yield* pauseAt(pace);
  }
  return { ...tensor, data: StringArray.from(decoded) } as Tensor;
}

/** An element becomes two objects. */
const PARTS_OF_BASE64 = 16;
const BYTES_OF_PART = 16;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;
