/** ModelInferRequest and ModelInferResponse. */
import { ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { elementCount, MAX_RANK } from '@serving/core/tensor';
import { lengthDelimited, readFields, WireWriter } from '@serving/protos/tensor';
import { binarySize, readBinaryTensor, writeBinaryTensor } from '../infer/binary-tensor.js';
import { DATATYPE_NAMES, isDatatype } from '../infer/datatype.js';
import type {
  InferInput,
  InferRequest,
  InferResponse,
  ParameterValue,
  RequestedOutput,
} from '../infer/infer-message.js';
import { checkShape } from '../json/exact-request-reader.js';
import { nested, readParameter, writeSizes, writeText } from './message-codec.js';
import { hasContents, readContents, writeContents } from './tensor-contents.js';

/** A request, and the model that it is for. */
export interface DecodedInferRequest {
  readonly model: string;
  /** A version's digits, a label, or `''` for neither. */
  readonly version: string;
  /** The request; it throws a `ServingError` for tensors that are wrong. */
  readonly read: () => InferRequest;
  /** Whether the inputs are raw, or there are none. */
  readonly isRaw: boolean;
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

/** @throws Error, with protobufjs's reason, for bytes that are not a message. */
export function decodeInferRequestMessage(bytes: Uint8Array): DecodedInferRequest {
  let model = '';
  let version = '';
  let id = '';
  const parameters: Record<string, ParameterValue> = Object.create(null);
  const inputs: Uint8Array[] = [];
  const outputs: Uint8Array[] = [];
  const raw: Uint8Array[] = [];
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) model = reader.string();
    else if (tag === FIELD_2) version = reader.string();
    else if (tag === FIELD_3) id = reader.string();
    else if (tag === FIELD_4) readParameterEntry(reader.bytes(), parameters);
    else if (tag === FIELD_5) inputs.push(reader.bytes());
    else if (tag === FIELD_6) outputs.push(reader.bytes());
    else if (tag === FIELD_7) raw.push(reader.bytes());
    else return false;
    return true;
  });
  const read = (): InferRequest => ({
    id,
    parameters,
    inputs: readInputs(inputs.map(decodeInput), raw),
    outputs: outputs.map(decodeOutput),
  });
  return { model, version, read, isRaw: raw.length > 0 || inputs.length === 0 };
}

interface InputMessage {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly contents: Uint8Array | undefined;
}

function decodeInput(bytes: Uint8Array): InputMessage {
  let name = '';
  let datatype = '';
  let contents: Uint8Array | undefined;
  const shape: number[] = [];
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) datatype = reader.string();
    else if (tag === FIELD_3) {
      // One dimension too many tells as much as a million of them.
      for (const end = reader.uint32() + reader.pos; reader.pos < end && shape.length <= MAX_RANK; ) {
        shape.push(Number(reader.int64()));
      }
    } else if (tag === SHAPE_VALUE && shape.length <= MAX_RANK) shape.push(Number(reader.int64()));
    else if (tag === FIELD_5) contents = reader.bytes();
    else return false;
    return true;
  });
  return { name, datatype, shape, contents };
}

function readInputs(inputs: readonly InputMessage[], raw: readonly Uint8Array[]): InferInput[] {
  const mixed = raw.length > 0 ? inputs.find(({ contents }) => contents !== undefined) : undefined;
  if (mixed !== undefined) {
    throw ServingError.invalidArgument(`Input ${quoteName(mixed.name)} has contents beside raw_input_contents`);
  }
  if (raw.length > 0 && raw.length !== inputs.length) {
    throw ServingError.invalidArgument(`${raw.length} raw_input_contents are given for ${inputs.length} inputs`);
  }
  return inputs.map(({ name, datatype, shape, contents }, index) => {
    const subject = `Input ${quoteName(name)}`;
    if (!isDatatype(datatype)) {
      throw ServingError.invalidArgument(
        `${subject}: datatype must be one of ${DATATYPE_NAMES} (got ${quoteName(datatype)})`,
      );
    }
    checkShape(shape, subject);
    const bytes = raw[index];
    if (bytes !== undefined) return { name, datatype, tensor: readBinaryTensor(datatype, shape, bytes, subject) };
    if (contents === undefined) {
      throw ServingError.invalidArgument(`${subject} has neither contents nor raw_input_contents`);
    }
    return { name, datatype, tensor: readContents(contents, datatype, shape, elementCount(shape), subject) };
  });
}

function decodeOutput(bytes: Uint8Array): RequestedOutput {
  let name = '';
  const parameters: Record<string, ParameterValue> = Object.create(null);
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) readParameterEntry(reader.bytes(), parameters);
    else return false;
    return true;
  });
  return { name, parameters };
}

function readParameterEntry(entry: Uint8Array, parameters: Record<string, ParameterValue>): void {
  let key = '';
  let value: ReturnType<typeof readParameter>;
  readFields(entry, (tag, reader) => {
    if (tag === FIELD_1) key = reader.string();
    else if (tag === FIELD_2) value = readParameter(reader.bytes());
    else return false;
    return true;
  });
  if (value !== undefined && !(value instanceof Uint8Array)) parameters[key] = value;
}

/** Whether all outputs can be in typed contents. */
export function canBeTyped({ outputs }: InferResponse): boolean {
  return outputs.every(({ datatype }) => hasContents(datatype));
}

/** Encodes an answer, its outputs all raw or all typed. */
export function encodeInferResponseMessage({ model, version, id, outputs }: InferResponse, isRaw: boolean): Uint8Array {
  const size = isRaw ? outputs.reduce((sum, { tensor }) => sum + binarySize(tensor) + 64, 256) : 1024;
  const writer = new WireWriter(size);
  if (isRaw) {
    for (const { tensor } of outputs.toReversed()) {
      nested(writer, FIELD_6, () => {
        const bytes = new Uint8Array(binarySize(tensor));
        writeBinaryTensor(tensor, bytes, 0);
        writer.raw(bytes);
      });
    }
  }
  for (const { name, datatype, tensor } of outputs.toReversed()) {
    nested(writer, FIELD_5, () => {
      if (!isRaw) writeContents(writer, FIELD_5, datatype, tensor);
      writeSizes(writer, FIELD_3, tensor.shape);
      writeText(writer, FIELD_2, datatype);
      writeText(writer, FIELD_1, name);
    });
  }
  if (id !== '') writeText(writer, FIELD_3, id);
  writeText(writer, FIELD_2, String(version));
  writeText(writer, FIELD_1, model);
  return writer.finish();
}
