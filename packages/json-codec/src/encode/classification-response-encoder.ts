/** Labels and scores to the body of a classify response. */
import { type ClassificationResult, ServingError } from '@serving/core';
import { CLOSE_BRACKET, OPEN_BRACKET } from '../json/characters.js';
import {
  ELEMENT_COST,
  GeneratedWork,
  inOneGo,
  type SliceBudget,
  type SlicedWork,
  UNLIMITED,
} from '../slicing/slice-budget.js';
import { ByteWriter, checkLength, type JsonEncodeOptions } from './byte-writer.js';
import { MAX_FLOAT_TEXT, writeFloat32 } from './float-writer.js';

/**
 * Encodes `{"results": [[["label", score], …], …]}`: for each example the list of its classes. Labels go out as their
 * raw bytes, `""` where the model gives none; scores by the rule for float32 numbers, `0.0` where the model gives none.
 * The bytes returned are the caller's.
 *
 * @throws ServingError `INVALID_ARGUMENT` without examples, `INTERNAL` for labels or scores whose number isn't
 * that of the examples' classes.
 */
export function encodeClassificationResponse(
  result: ClassificationResult,
  options: JsonEncodeOptions = {},
): Uint8Array {
  return inOneGo(encodeInSlices(result, options, UNLIMITED));
}

/** As {@link encodeClassificationResponse}, in slices, as `encodePredictResponseInSlices` has them. */
export function encodeClassificationResponseInSlices(
  result: ClassificationResult,
  options: JsonEncodeOptions = {},
): SlicedWork<Uint8Array> {
  return new GeneratedWork((budget) => encodeInSlices(result, options, budget), options.sliceBytes);
}

function* encodeInSlices(
  result: ClassificationResult,
  options: JsonEncodeOptions,
  budget: SliceBudget,
): Generator<void, Uint8Array> {
  const { batchSize, numClasses, labels, scores } = result;
  if (batchSize === 0) {
    throw new ServingError('INVALID_ARGUMENT', 'Cannot convert empty ClassificationResults to JSON');
  }
  const count = batchSize * numClasses;
  if ((labels !== undefined && labels.length !== count) || (scores !== undefined && scores.length !== count)) {
    throw new ServingError(
      'INTERNAL',
      `Classification of ${batchSize} examples by ${numClasses} classes has ${labels?.length ?? 'no'} labels and ${scores?.length ?? 'no'} scores`,
    );
  }
  const compact = options.compact === true;
  const bytes = 64 + batchSize * 4 + count * 20 + (labels?.byteLength ?? 0);
  // A class takes seven bytes at least.
  checkLength(7 * count, options);
  const writer = new ByteWriter(bytes);
  writer.ascii(compact ? '{"results":[' : '{\n    "results": [');
  for (let example = 0; example < batchSize; example++) {
    if (example > 0) writer.ascii(compact ? ',[' : ', [');
    else writer.byte(OPEN_BRACKET);
    for (let at = example * numClasses; at < (example + 1) * numClasses; at++) {
      if (budget.left <= 0) {
        checkLength(writer.length, options);
        yield;
        yield* writer.reserveSlice(budget);
      }
      const { length } = writer;
      if (at > example * numClasses) writer.ascii(compact ? ',' : ', ');
      writeClass(writer, result, at, compact);
      budget.left -= writer.length - length + 2 * ELEMENT_COST;
    }
    budget.left -= ELEMENT_COST;
    writer.byte(CLOSE_BRACKET);
  }
  writer.ascii(compact ? ']}' : '\n    ]\n}');
  checkLength(writer.length, options);
  return writer.finish();
}

function writeClass(
  writer: ByteWriter,
  { labels, scores }: ClassificationResult,
  index: number,
  compact: boolean,
): void {
  writer.byte(OPEN_BRACKET);
  if (labels === undefined) writer.ascii('""');
  else writer.jsonString(labels.bytes, labels.offsets[index]!, labels.offsets[index + 1]!);
  writer.ascii(compact ? ',' : ', ');
  writer.reserve(MAX_FLOAT_TEXT);
  writer.length = writeFloat32(scores === undefined ? 0 : scores[index]!, writer.bytes, writer.length);
  writer.byte(CLOSE_BRACKET);
}
