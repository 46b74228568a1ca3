/** `tensorflow_serving/apis/predict.proto`, on the wire: tensors neither become nor come from messages. */
import type { NamedTensors } from '@serving/core/tensor';
import { FillAllowance, type FillOptions } from '../tensor/expansion-budget.js';
import type { BytesOwnership } from '../tensor/tensor-content.js';
import { EncodedTensorProto, type TensorProtoDecoding } from '../tensor/tensor-proto-decoder.js';
import { roomFor, type TensorProtoEncoding, writeTensorProto } from '../tensor/tensor-proto-encoder.js';
import { lengthDelimited, PARTS_AT_ONCE, type ReadingPace, readFields, readFieldsAt } from '../wire/wire-fields.js';
import { WireWriter } from '../wire/wire-writer.js';
import { namesLimit } from './message-limit.js';
import { type AnsweringModel, decodeModelSpec, type ModelSpecMessage, writeModelSpec } from './model-spec.js';

/** A PredictRequest whose tensors are not decoded yet. */
export interface PredictRequestMessage {
  readonly modelSpec?: ModelSpecMessage;
  /** By alias; made with a null prototype. The last of several entries under one alias counts. */
  readonly inputs: Readonly<Record<string, EncodedTensorProto>>;
  readonly outputFilter: readonly string[];
}

/** A PredictResponse whose tensors are not decoded yet. Outputs are by alias, with a null prototype. */
export interface PredictResponseMessage {
  readonly modelSpec?: ModelSpecMessage;
  readonly outputs: Readonly<Record<string, EncodedTensorProto>>;
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const FIELD_3 = lengthDelimited(3);

/**
 * Reads a PredictRequest; its tensors keep the bytes, or with `mayOverwrite` use them as they need. Fields that are without meaning for
 * TensorFlow models are skipped.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a PredictRequest, and ServingError `RESOURCE_EXHAUSTED` for one with more
 * than 65536 names.
 */
export function decodePredictRequestMessage(
  bytes: Uint8Array,
  { mayOverwrite = false, ...fill }: BytesOwnership & FillOptions = {},
): PredictRequestMessage {
  const decoding = { mayOverwrite, allowance: new FillAllowance(fill) };
  let modelSpec: ModelSpecMessage | undefined;
  const inputs: Record<string, EncodedTensorProto> = Object.create(null);
  const outputFilter: string[] = [];
  const limit = namesLimit();
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_2 || tag === FIELD_3) limit.add();
    if (tag === FIELD_1) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === FIELD_2) readTensorEntry(reader.bytes(), inputs, decoding);
    else if (tag === FIELD_3) outputFilter.push(reader.string());
    else return false;
    return true;
  });
  return { inputs, outputFilter, ...(modelSpec && { modelSpec }) };
}

/**
 * {@link decodePredictRequestMessage} for large requests: yields about every millisecond, and reads the values of the tensors, too.
 *
 * @throws Error, and ServingError `RESOURCE_EXHAUSTED`, as it.
 */
export function* decodePredictRequestMessageInSlices(
  bytes: Uint8Array,
  { mayOverwrite = false, ...fill }: BytesOwnership & FillOptions = {},
): Generator<void, PredictRequestMessage> {
  const decoding = { mayOverwrite, allowance: new FillAllowance(fill) };
  const pace: ReadingPace = { left: PARTS_AT_ONCE };
  let modelSpec: ModelSpecMessage | undefined;
  const entries: Uint8Array[] = [];
  const outputFilter: string[] = [];
  const limit = namesLimit();
  yield* readFieldsAt(pace, bytes, (tag, reader) => {
    if (tag === FIELD_2 || tag === FIELD_3) limit.add();
    if (tag === FIELD_1) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === FIELD_2) entries.push(reader.bytes());
    else if (tag === FIELD_3) outputFilter.push(reader.string());
    else return false;
    return true;
  });
  const inputs: Record<string, EncodedTensorProto> = Object.create(null);
  for (const entry of entries) yield* readTensorEntryAt(pace, entry, inputs, decoding);
  return { inputs, outputFilter, ...(modelSpec && { modelSpec }) };
}

/** For clients: the bytes of a PredictRequest. */
export function encodePredictRequestMessage(
  request: {
    readonly modelSpec: ModelSpecMessage;
    readonly inputs: NamedTensors;
    readonly outputFilter?: readonly string[];
  },
  encoding: TensorProtoEncoding = {},
): Uint8Array {
  const writer = new WireWriter(roomForAll(request.inputs));
  for (const alias of request.outputFilter?.toReversed() ?? []) {
    const before = writer.length;
    writer.text(alias);
    writer.field(FIELD_3, before);
  }
  writeTensorEntries(writer, FIELD_2, request.inputs, encoding);
  writeModelSpec(writer, FIELD_1, request.modelSpec);
  return writer.finish();
}

/** The bytes of a PredictResponse. */
export function encodePredictResponseMessage(
  response: { readonly modelSpec: AnsweringModel; readonly outputs: NamedTensors },
  encoding: TensorProtoEncoding = {},
): Uint8Array {
  const writer = new WireWriter(roomForAll(response.outputs));
  writeModelSpec(writer, FIELD_2, response.modelSpec);
  writeTensorEntries(writer, FIELD_1, response.outputs, encoding);
  return writer.finish();
}

/**
 * For clients: reads a PredictResponse; its tensors keep the bytes.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a PredictResponse.
 */
export function decodePredictResponseMessage(bytes: Uint8Array): PredictResponseMessage {
  let modelSpec: ModelSpecMessage | undefined;
  const outputs: Record<string, EncodedTensorProto> = Object.create(null);
  const decoding = { allowance: new FillAllowance() };
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) readTensorEntry(reader.bytes(), outputs, decoding);
    else if (tag === FIELD_2) modelSpec = decodeModelSpec(reader.bytes());
    else return false;
    return true;
  });
  return { outputs, ...(modelSpec && { modelSpec }) };
}

function readTensorEntry(
  bytes: Uint8Array,
  tensors: Record<string, EncodedTensorProto>,
  decoding: TensorProtoDecoding,
): void {
  let alias = '';
  let tensor: EncodedTensorProto | undefined;
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) alias = reader.string();
    else if (tag === FIELD_2) tensor = new EncodedTensorProto(reader.bytes(), decoding);
    else return false;
    return true;
  });
  tensors[alias] = tensor ?? new EncodedTensorProto(new Uint8Array(0), decoding);
}

/** An entry counts for many parts: what is made for it is as much work. */
const PARTS_OF_ENTRY = 32;

function* readTensorEntryAt(
  pace: ReadingPace,
  bytes: Uint8Array,
  tensors: Record<string, EncodedTensorProto>,
  decoding: TensorProtoDecoding,
): Generator<void, void> {
  pace.left -= PARTS_OF_ENTRY;
  let alias = '';
  let tensor: Uint8Array | undefined;
  yield* readFieldsAt(pace, bytes, (tag, reader) => {
    if (tag === FIELD_1) alias = reader.string();
    else if (tag === FIELD_2) tensor = reader.bytes();
    else return false;
    return true;
  });
  tensors[alias] = yield* EncodedTensorProto.readAt(pace, tensor ?? new Uint8Array(0), decoding);
}

function writeTensorEntries(
  writer: WireWriter,
  tag: number,
  tensors: NamedTensors,
  encoding: TensorProtoEncoding,
): void {
  const aliases = Object.keys(tensors);
  for (let i = aliases.length - 1; i >= 0; i--) {
    const alias = aliases[i]!;
    const before = writer.length;
    writeTensorProto(writer, tensors[alias]!, encoding);
    writer.field(FIELD_2, before);
    const beforeAlias = writer.length;
    writer.text(alias);
    writer.field(FIELD_1, beforeAlias);
    writer.field(tag, before);
  }
}

function roomForAll(tensors: NamedTensors): number {
  let room = 256;
  for (const alias of Object.keys(tensors)) room += roomFor(tensors[alias]!) + 3 * alias.length;
  return room;
}
