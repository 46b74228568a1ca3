/** `tensorflow_serving/apis/prediction_log.proto`, on the wire: requests and responses stay serialized. */
import type { ExampleInput } from '@serving/core/extend';
import { encodeExamples } from '../example/example-encoder.js';
import type { Messages } from '../gen/messages.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { WireWriter } from '../wire/wire-writer.js';
import { decodeMessage, encodeMessage } from './message.js';
import { type ModelSpecMessage, writeModelSpec } from './model-spec.js';

/** The APIs that a PredictionLog can be of, with the number of each one's field. */
const logTypes: Readonly<Record<PredictionLogType, number>> = {
  classify: 2,
  regress: 3,
  multiInference: 4,
  sessionRun: 5,
  predict: 6,
  predictStreamed: 7,
};

/** What a PredictionLog may hold: the name of its field. */
export type PredictionLogType =
  | 'classify'
  | 'regress'
  | 'multiInference'
  | 'sessionRun'
  | 'predict'
  | 'predictStreamed';

/** A PredictionLog, as warm-up files hold them: the request alone, not decoded. */
export interface PredictionLogMessage {
  readonly type: PredictionLogType;
  /** The field of {@link type} in the message. */
  readonly fieldNumber: number;
  /** Serialized, and empty when the log has none: a PredictRequest, ClassificationRequest and so on. */
  readonly request: Uint8Array;
  /** Serialized; absent when the log has none, as in warm-up files that were written without a run. */
  readonly response?: Uint8Array;
  readonly logMetadata?: Messages['tensorflow.serving.LogMetadata'];
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const ROOM_FOR_TAGS = 32;
const typesByTag: ReadonlyMap<number, PredictionLogType> = new Map(
  Object.entries(logTypes).map(([type, field]) => [lengthDelimited(field), type as PredictionLogType]),
);

/**
 * Reads a PredictionLog; `undefined` for one of no type. Bytes are views of `bytes`.
 *
 * @throws Error, with protobufjs's reason, for bytes that are not a PredictionLog.
 */
export function decodePredictionLog(bytes: Uint8Array): PredictionLogMessage | undefined {
  let log: PredictionLogMessage | undefined;
  let metadata: Uint8Array | undefined;
  readFields(bytes, (tag, reader) => {
    const type = typesByTag.get(tag);
    if (type !== undefined) log = { type, fieldNumber: logTypes[type], ...decodeLog(reader.bytes()) };
    else if (tag === FIELD_1) metadata = reader.bytes();
    else return false;
    return true;
  });
  if (!log || !metadata) return log;
  return { ...log, logMetadata: decodeMessage('tensorflow.serving.LogMetadata', metadata) };
}

/** A PredictLog, a ClassifyLog and so on. */
function decodeLog(bytes: Uint8Array): Pick<PredictionLogMessage, 'request' | 'response'> {
  let request: Uint8Array = new Uint8Array(0);
  let response: Uint8Array | undefined;
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) request = reader.bytes();
    else if (tag === FIELD_2) response = reader.bytes();
    else return false;
    return true;
  });
  return { request, ...(response && { response }) };
}

/** The bytes of a PredictionLog. */
export function encodePredictionLog({
  type,
  request,
  response,
  logMetadata,
}: Omit<PredictionLogMessage, 'fieldNumber'>): Uint8Array {
  const metadata = logMetadata && encodeMessage('tensorflow.serving.LogMetadata', logMetadata);
  const writer = new WireWriter(request.length + (response?.length ?? 0) + (metadata?.length ?? 0) + ROOM_FOR_TAGS);
  if (response) {
    writer.raw(response);
    writer.field(FIELD_2, 0);
  }
  const before = writer.length;
  writer.raw(request);
  writer.field(FIELD_1, before);
  writer.field(lengthDelimited(logTypes[type]), 0);
  if (metadata) {
    const beforeMetadata = writer.length;
    writer.raw(metadata);
    writer.field(FIELD_1, beforeMetadata);
  }
  return writer.finish();
}

/** The bytes of a ClassificationRequest or a RegressionRequest. */
export function encodeExamplesRequest(request: {
  readonly modelSpec: ModelSpecMessage;
  readonly input: ExampleInput;
}): Uint8Array {
  const writer = new WireWriter();
  writeInput(writer, request.input);
  writeModelSpec(writer, FIELD_1, request.modelSpec);
  return writer.finish();
}

/** The bytes of a MultiInferenceRequest. */
export function encodeMultiInferenceRequest(request: {
  readonly tasks: readonly { readonly modelSpec: ModelSpecMessage; readonly methodName: string }[];
  readonly input: ExampleInput;
}): Uint8Array {
  const writer = new WireWriter();
  writeInput(writer, request.input);
  for (const { modelSpec, methodName } of request.tasks.toReversed()) {
    const before = writer.length;
    writer.text(methodName);
    writer.field(FIELD_2, before);
    writeModelSpec(writer, FIELD_1, modelSpec);
    writer.field(FIELD_1, before);
  }
  return writer.finish();
}

/** The field 2 with an Input. Its examples have the context's features merged in, which says the same. */
function writeInput(writer: WireWriter, input: ExampleInput): void {
  const { data } = encodeExamples(input);
  const before = writer.length;
  for (let i = data.length - 1; i >= 0; i--) {
    const beforeExample = writer.length;
    writer.raw(data.at(i));
    writer.field(FIELD_1, beforeExample);
  }
  writer.field(FIELD_1, before);
  writer.field(FIELD_2, before);
}
