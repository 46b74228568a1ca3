/** The bodies of classify and regress responses to their results: the client's side of the codec. */
import type { ClassificationResult, RegressionResult } from '@serving/core';
import { StringArray } from '@serving/core/tensor';
import { numberValue } from '../json/json-number.js';
import { ARRAY, DOUBLE, INTEGER, type JsonTape, NONE, STRING } from '../json/json-tape.js';
import { malformed, type ResponseDecodeOptions, ROOT, readResponseBody } from './response-body.js';

/**
 * Decodes a classify response. Labels are bytes, `''` where the model gives none, scores float32 numbers, 0 where it
 * gives none. Byte strings are copies.
 *
 * @example
 * ```ts
 * const { numClasses, labels, scores } = decodeClassificationResponse(body, { httpStatus: response.status });
 * ```
 *
 * @throws ServingError for `{"error": …}` that error, its code from `httpStatus`; the status alone for any other body
 * that came with a failure; `INTERNAL` for a value that is not a classify response.
 */
export function decodeClassificationResponse(
  body: Uint8Array,
  options: ResponseDecodeOptions = {},
): Required<ClassificationResult> {
  const tape = readResponseBody(body, options);
  const results = resultsOf(tape);
  const batchSize = tape.count(results);
  let numClasses: number | undefined;
  const labels: Uint8Array[] = [];
  const scores: number[] = [];
  const end = tape.next(results);
  for (let example = results + 1; example < end; example = tape.next(example)) {
    if (tape.kind(example) !== ARRAY) throw malformed('an entry of the results is not a list of classes');
    numClasses ??= tape.count(example);
    if (tape.count(example) !== numClasses) {
      throw malformed(`expected ${numClasses} classes as in the first result, got ${tape.count(example)}`);
    }
    const exampleEnd = tape.next(example);
    for (let pair = example + 1; pair < exampleEnd; pair = tape.next(pair)) {
      if (!isLabelAndScore(tape, pair)) throw malformed('a class is not a pair of label and score');
      labels.push(tape.stringBytes(pair + 1));
      scores.push(numberValue(tape, pair + 2));
    }
  }
  return {
    batchSize,
    numClasses: numClasses ?? 0,
    labels: StringArray.from(labels),
    scores: Float32Array.from(scores),
  };
}

/**
 * Decodes a regress response.
 *
 * @throws ServingError as {@link decodeClassificationResponse}
 */
export function decodeRegressionResponse(body: Uint8Array, options: ResponseDecodeOptions = {}): RegressionResult {
  const tape = readResponseBody(body, options);
  const results = resultsOf(tape);
  const values = new Float32Array(tape.count(results));
  for (let i = 0; i < values.length; i++) {
    // A number is one node.
    const node = results + 1 + i;
    if (!isNumber(tape, node)) throw malformed('an entry of the results is not a number');
    values[i] = numberValue(tape, node);
  }
  return { values };
}

function resultsOf(tape: JsonTape): number {
  const results = tape.member(ROOT, 'results');
  if (results === NONE || tape.kind(results) !== ARRAY) throw malformed("it has no list of 'results'");
  return results;
}

function isLabelAndScore(tape: JsonTape, node: number): boolean {
  return (
    tape.kind(node) === ARRAY && tape.count(node) === 2 && tape.kind(node + 1) === STRING && isNumber(tape, node + 2)
  );
}

function isNumber(tape: JsonTape, node: number): boolean {
  return tape.kind(node) === INTEGER || tape.kind(node) === DOUBLE;
}
