/** ModelInferRequest → a request, with pauses: it may have millions of parts. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { elementCount, MAX_RANK } from '@serving/core/tensor';
import { MessageLimit } from '@serving/protos/messages';
import { lengthDelimited, type ReadingPace, readFieldsAt } from '@serving/protos/tensor';
import { readBinaryTensorAt } from '../infer/binary-tensor.js';
import { DATATYPE_NAMES, isDatatype } from '../infer/datatype.js';
import type { InferInput, InferRequest, ParameterValue, RequestedOutput } from '../infer/infer-message.js';
import { checkShape } from '../json/exact-request-reader.js';
import { readParameter } from './message-codec.js';
import { readContentsAt } from './tensor-contents.js';

/** The model that a request is for, and its parts. */
export interface InferRequestMessage {
  readonly model: string;
  /** A version's digits, a label, or `''` for neither. */
  readonly version: string;
  readonly id: string;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly inputs: readonly Uint8Array[];
  readonly outputs: readonly Uint8Array[];
  readonly raw: readonly Uint8Array[];
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const FIELD_3 = lengthDelimited(3);
const FIELD_4 = lengthDelimited(4);
const FIELD_5 = lengthDelimited(5);
const FIELD_6 = lengthDelimited(6);
const FIELD_7 = lengthDelimited(7);
/** An unpacked dimension. */
const SHAPE_VALUE = 0x18;
/** A message within the request counts for many parts: what is made for it is as much work. */
const PARTS_OF_MESSAGE = 32;

/**
 * Reads the parts of a request. The request and its tensors keep the bytes.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a message, and ServingError `RESOURCE_EXHAUSTED` for one with more
 * than 65536 parameters and tensors.
 */
export function* readInferRequestMessage(pace: ReadingPace, bytes: Uint8Array): Generator<void, InferRequestMessage> {
  let model = '';
  let version = '';
  let id = '';
  const parameters: Record<string, ParameterValue> = Object.create(null);
  const inputs: Uint8Array[] = [];
  const outputs: Uint8Array[] = [];
  const raw: Uint8Array[] = [];
  const limit = new MessageLimit(2 ** 16, 'parameters and tensors');
  yield* readFieldsAt(pace, bytes, (tag, reader) => {
    if (tag === FIELD_1) model = reader.string();
    else if (tag === FIELD_2) version = reader.string();
    else if (tag === FIELD_3) id = reader.string();
    else if (tag < FIELD_4 || tag > FIELD_7 || (tag & 7) !== 2) return false;
    else {
      limit.add();
      const part = reader.bytes();
      if (tag === FIELD_4) return readParameterEntry(pace, part, parameters);
      (tag === FIELD_5 ? inputs : tag === FIELD_6 ? outputs : raw).push(part);
    }
    return true;
  });
  return { model, version, id, parameters, inputs, outputs, raw };
}

/**
 * The request of a message.
 *
 * @throws Error as {@link readInferRequestMessage}, and ServingError `INVALID_ARGUMENT` for tensors that are wrong.
 */
export function* readInferRequest(pace: ReadingPace, message: InferRequestMessage): Generator<void, InferRequest> {
  const { id, parameters, raw } = message;
  const inputs: InputMessage[] = [];
  for (const input of message.inputs) inputs.push(yield* readInput(pace, input));
  checkForms(inputs, raw);
  const tensors: InferInput[] = [];
  for (const [index, input] of inputs.entries()) tensors.push(yield* withTensor(pace, input, raw[index]));
  const outputs: RequestedOutput[] = [];
  for (const output of message.outputs) outputs.push(yield* readOutput(pace, output));
  return { id, parameters, inputs: tensors, outputs };
}

interface InputMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents: Uint8Array | undefined;
}

function* readInput(pace: ReadingPace, bytes: Uint8Array): Generator<void, InputMessage> {
  pace.left -= PARTS_OF_MESSAGE;
  let name = '';
  let datatype = '';
  let contents: Uint8Array | undefined;
  const shape: number[] = [];
  yield* readFieldsAt(pace, bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) datatype = reader.string();
    else if (tag === FIELD_3) {
      const { length } = reader.bytes();
      const end = reader.pos;
      // One dimension too many is enough for the error.
      for (reader.pos -= length; reader.pos < end && shape.length <= MAX_RANK; ) shape.push(Number(reader.int64()));
      reader.pos = end;
    } else if (tag === SHAPE_VALUE && shape.length <= MAX_RANK) shape.push(Number(reader.int64()));
    else if (tag === FIELD_5) contents = reader.bytes();
    else return false;
    return true;
  });
  return { name, datatype, shape, contents };
}

/** Either all inputs are raw, or none. */
function checkForms(inputs: readonly InputMessage[], raw: readonly Uint8Array[]): void {
  const mixed = raw.length > 0 ? inputs.find(({ contents }) => contents !== undefined) : undefined;
  if (mixed !== undefined) {
    throw ServingError.invalidArgument(`Input ${quoteName(mixed.name)} has contents beside raw_input_contents`);
  }
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw ServingError.invalidArgument(`${raw.length} raw_input_contents are given for ${inputs.length} inputs`);
  }
}

function* withTensor(
  pace: ReadingPace,
  { name, datatype, shape, contents }: InputMessage,
  raw: Uint8Array | undefined,
): Generator<void, InferInput> {
  const subject = `Input ${quoteName(name)}`;
  if (!isDatatype(datatype)) {
    throw ServingError.invalidArgument(
      `${subject}: datatype must be one of ${DATATYPE_NAMES} (got ${quoteName(datatype)})`,
    );
  }
  checkShape(shape, subject);
  if (raw !== undefined) {
    return { name, datatype, tensor: yield* readBinaryTensorAt(pace, datatype, shape, raw, subject) };
  }
  if (contents === undefined) {
    throw ServingError.invalidArgument(`${subject} has neither contents nor raw_input_contents`);
  }
  const count = elementCount(shape);
  return { name, datatype, tensor: yield* readContentsAt(pace, contents, datatype, shape, count, subject) };
}

function* readOutput(pace: ReadingPace, bytes: Uint8Array): Generator<void, RequestedOutput> {
  pace.left -= PARTS_OF_MESSAGE;
  let name = '';
  const parameters: Record<string, ParameterValue> = Object.create(null);
  const limit = new MessageLimit(2 ** 16, 'parameters of an output');
  yield* readFieldsAt(pace, bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) {
      limit.add();
      return readParameterEntry(pace, reader.bytes(), parameters);
    } else return false;
    return true;
  });
  return { name, parameters };
}

function* readParameterEntry(
  pace: ReadingPace,
  entry: Uint8Array,
  parameters: Record<string, ParameterValue>,
): Generator<void, void> {
  pace.left -= PARTS_OF_MESSAGE;
  let key = '';
  let value: ReturnType<typeof readParameter>;
  yield* readFieldsAt(pace, entry, (tag, reader) => {
    if (tag === FIELD_1) key = reader.string();
    else if (tag === FIELD_2) value = readParameter(reader.bytes());
    else return false;
    return true;
  });
  if (value !== undefined && !(value instanceof Uint8Array)) parameters[key] = value;
}
