/** `tensorflow_serving/apis/session_service.proto`, on the wire. */
import type { Tensor } from '@serving/core/tensor';
import { FillAllowance, type FillOptions } from '../tensor/expansion-budget.js';
import { EncodedTensorProto, type TensorProtoDecoding } from '../tensor/tensor-proto-decoder.js';
import { roomFor, writeTensorProto } from '../tensor/tensor-proto-encoder.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { WireWriter } from '../wire/wire-writer.js';
import { decodeMessage } from './message.js';
import { namesLimit } from './message-limit.js';
import { type AnsweringModel, decodeModelSpec, type ModelSpecMessage, writeModelSpec } from './model-spec.js';

/** A SessionRunRequest: tensors of the graph to feed, to fetch, and operations to run beside them. */
export interface SessionRunRequestMessage {
  readonly modelSpec?: ModelSpecMessage;
  /** In the message's order; a name may occur twice. */
  readonly feeds: readonly { readonly name: string; readonly tensor: EncodedTensorProto }[];
  readonly fetches: readonly string[];
  readonly targets: readonly string[];
  /** 0: no limit of its own. */
  readonly timeoutMs: number;
  readonly tensorNameIsAlias: boolean;
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const FIELD_3 = lengthDelimited(3);
const TARGET = lengthDelimited(4);
const OPTIONS = lengthDelimited(5);
const TENSOR_NAME_IS_ALIAS = 0x30;

/**
 * The tensors keep the bytes.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a SessionRunRequest, and ServingError `RESOURCE_EXHAUSTED` for one with more
 * than 65536 names.
 */
export function decodeSessionRunRequest(bytes: Uint8Array, fill: FillOptions = {}): SessionRunRequestMessage {
  const decoding = { allowance: new FillAllowance(fill) };
  let modelSpec: ModelSpecMessage | undefined;
  let timeoutMs = 0;
  let tensorNameIsAlias = false;
  const feeds: { name: string; tensor: EncodedTensorProto }[] = [];
  const fetches: string[] = [];
  const targets: string[] = [];
  const limit = namesLimit();
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_2 || tag === FIELD_3 || tag === TARGET) limit.add();
    if (tag === FIELD_1) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === FIELD_2) feeds.push(decodeNamedTensor(reader.bytes(), decoding));
    else if (tag === FIELD_3) fetches.push(reader.string());
    else if (tag === TARGET) targets.push(reader.string());
    else if (tag === OPTIONS) {
      timeoutMs = Number(decodeMessage('tensorflow.RunOptions', reader.bytes()).timeoutInMs ?? 0n);
    } else if (tag === TENSOR_NAME_IS_ALIAS) tensorNameIsAlias = reader.bool();
    else return false;
    return true;
  });
  return { feeds, fetches, targets, timeoutMs, tensorNameIsAlias, ...(modelSpec && { modelSpec }) };
}

/** The bytes of a SessionRunResponse, its tensors in the order given. */
export function encodeSessionRunResponse(
  tensors: readonly { readonly name: string; readonly tensor: Tensor }[],
  modelSpec: AnsweringModel,
): Uint8Array {
  const writer = new WireWriter(tensors.reduce((room, { tensor }) => room + roomFor(tensor), 256));
  writeModelSpec(writer, FIELD_3, modelSpec);
  for (const { name, tensor } of tensors.toReversed()) {
    const before = writer.length;
    writeTensorProto(writer, tensor, {});
    writer.field(FIELD_2, before);
    const beforeName = writer.length;
    writer.text(name);
    writer.field(FIELD_1, beforeName);
    writer.field(FIELD_1, before);
  }
  return writer.finish();
}

function decodeNamedTensor(
  bytes: Uint8Array,
  decoding: TensorProtoDecoding,
): { name: string; tensor: EncodedTensorProto } {
  let name = '';
  let tensor = new EncodedTensorProto(new Uint8Array(0), decoding);
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) name = reader.string();
    else if (tag === FIELD_2) tensor = new EncodedTensorProto(reader.bytes(), decoding);
    else return false;
    return true;
  });
  return { name, tensor };
}
