/** `tensorflow_serving/apis/prediction_log.proto`, as far as warm-up files use it: the request of a log, and which API it is of. */
import type { ExampleInput } from '@serving/core';
import { encodeExamples } from '../example-encoder.js';
import { lengthDelimited, readFields } from '../wire-fields.js';
import { WireWriter } from '../wire-writer.js';
import { type ModelSpecMessage, writeModelSpec } from './model-spec.js';

/** The APIs that a PredictionLog can be of, with the number of each one's field. */
const logTypes = {
  classify: 2,
  regress: 3,
  multiInference: 4,
  sessionRun: 5,
  predict: 6,
  predictStreamed: 7,
} as const;

export type PredictionLogType = keyof typeof logTypes;

export interface PredictionLogMessage {
  readonly type: PredictionLogType;
  /** The field of {@link type} in the message. */
  readonly fieldNumber: number;
  /** Serialized, and empty when the log has none: a PredictRequest, ClassificationRequest and so on. */
  readonly request: Uint8Array;
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const typesByTag: ReadonlyMap<number, PredictionLogType> = new Map(
  Object.entries(logTypes).map(([type, field]) => [lengthDelimited(field), type as PredictionLogType]),
);

/**
 * Reads a PredictionLog; `undefined` for one of no type. Bytes are views of `bytes`.
 *
 * @throws Error, with protobufjs's reason, for bytes that are no PredictionLog.
 */
export function decodePredictionLog(bytes: Uint8Array): PredictionLogMessage | undefined {
  let log: PredictionLogMessage | undefined;
  readFields(bytes, (tag, reader) => {
    const type = typesByTag.get(tag);
    if (type === undefined) return false;
    let request: Uint8Array = new Uint8Array(0);
    readFields(reader.bytes(), (logTag, logReader) => {
      if (logTag !== FIELD_1) return false;
      request = logReader.bytes();
      return true;
    });
    log = { type, fieldNumber: logTypes[type], request };
    return true;
  });
  return log;
}

/** The bytes of a PredictionLog with this serialized request and no response. */
export function encodePredictionLog(type: PredictionLogType, request: Uint8Array): Uint8Array {
  const writer = new WireWriter();
  writer.raw(request);
  writer.field(FIELD_1, 0);
  writer.field(lengthDelimited(logTypes[type]), 0);
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
