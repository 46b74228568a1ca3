/** `classification.proto`, `regression.proto` and `inference.proto` of `tensorflow_serving/apis/`: the responses. */
import type { ClassificationResult, RegressionResult } from '@serving/core';
import type { InferenceResult } from '@serving/core/extend';
import { lengthDelimited } from '../wire/wire-fields.js';
import { WireWriter } from '../wire/wire-writer.js';
import { type AnsweringModel, writeModelSpec } from './model-spec.js';

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);
const FIELD_3 = lengthDelimited(3);
const CLASS_SCORE = 0x15;
const REGRESSION_VALUE = 0x0d;

/** The bytes of a ClassificationResponse. */
export function encodeClassificationResponseMessage(
  modelSpec: AnsweringModel,
  result: ClassificationResult,
): Uint8Array {
  const writer = new WireWriter();
  writeModelSpec(writer, FIELD_2, modelSpec);
  writeClassificationResult(writer, FIELD_1, result);
  return writer.finish();
}

/** The bytes of a RegressionResponse. */
export function encodeRegressionResponseMessage(modelSpec: AnsweringModel, result: RegressionResult): Uint8Array {
  const writer = new WireWriter();
  writeModelSpec(writer, FIELD_2, modelSpec);
  writeRegressionResult(writer, FIELD_1, result);
  return writer.finish();
}

/** The bytes of a MultiInferenceResponse. */
export function encodeMultiInferenceResponse(
  model: Pick<AnsweringModel, 'name' | 'version'>,
  results: readonly InferenceResult[],
): Uint8Array {
  const writer = new WireWriter();
  for (let i = results.length - 1; i >= 0; i--) {
    const result = results[i]!;
    const before = writer.length;
    if ('classification' in result) writeClassificationResult(writer, FIELD_2, result.classification);
    else writeRegressionResult(writer, FIELD_3, result.regression);
    writeModelSpec(writer, FIELD_1, { ...model, signatureName: result.signatureName });
    writer.field(FIELD_1, before);
  }
  return writer.finish();
}

function writeClassificationResult(writer: WireWriter, tag: number, result: ClassificationResult): void {
  const { batchSize, numClasses, labels, scores } = result;
  const before = writer.length;
  for (let example = batchSize - 1; example >= 0; example--) {
    const beforeExample = writer.length;
    for (let i = (example + 1) * numClasses - 1; i >= example * numClasses; i--) {
      const beforeClass = writer.length;
      if (scores) writeFloat(writer, CLASS_SCORE, scores[i]!);
      const label = labels?.at(i);
      if (label?.length) {
        const beforeLabel = writer.length;
        writer.raw(label);
        writer.field(FIELD_1, beforeLabel);
      }
      writer.field(FIELD_1, beforeClass);
    }
    writer.field(FIELD_1, beforeExample);
  }
  writer.field(tag, before);
}

function writeRegressionResult(writer: WireWriter, tag: number, { values }: RegressionResult): void {
  const before = writer.length;
  for (let i = values.length - 1; i >= 0; i--) {
    const beforeValue = writer.length;
    writeFloat(writer, REGRESSION_VALUE, values[i]!);
    writer.field(FIELD_1, beforeValue);
  }
  writer.field(tag, before);
}

/** Zero is left out, as of any field of its own; minus zero is not. */
function writeFloat(writer: WireWriter, tag: number, value: number): void {
  if (Object.is(value, 0)) return;
  writer.float(value);
  writer.varint(tag);
}
