/** The body of a classify or regress request to tf.Examples. */
import { type Example, type ExampleInput, type Feature, ServingError } from '@serving/core';
import { decodeFeature } from './feature-decoder.js';
import { cutAtNul } from './json-string.js';
import { ARRAY, type JsonTape, KIND_NAMES, NONE, OBJECT } from './json-tape.js';
import { RepeatedNames } from './repeated-names.js';
import { ROOT, readRequestBody, serializedBody } from './request-body.js';
import { shownValue } from './shown-value.js';

/** A classify or regress request, decoded. */
export interface DecodedExamplesRequest {
  /** `undefined` when the request names none, or `''`. */
  readonly signatureName: string | undefined;
  /** At least one example. Byte strings may be views of the body, which must not change while they are in use. */
  readonly input: ExampleInput;
}

/**
 * Decodes the body of a classify request, `{"signature_name": …, "context": {…}, "examples": [{…}, …]}`, by TensorFlow
 * Serving's rules and with its error texts. A feature is a scalar or a flat list: integers, `true` and `false` are
 * int64, numbers with a fraction or an exponent (`NaN` and `Infinity` too) float, strings and `{"b64": …}` bytes; the
 * first element decides for its list. Of a feature that stands twice in an example the last counts.
 *
 * @example
 * ```ts
 * const { signatureName, input } = decodeClassificationRequest(body);
 * input.examples[0].get('age'); // { kind: 'int64', values: [ 42n ] }
 * ```
 *
 * @throws ServingError `INVALID_ARGUMENT` for a body that is no JSON, has no examples, or a feature of no kind.
 */
export function decodeClassificationRequest(body: Uint8Array): DecodedExamplesRequest {
  return decodeExamplesRequest(body);
}

/**
 * Decodes the body of a regress request; its form, rules and error texts are those of
 * {@link decodeClassificationRequest}.
 *
 * @throws ServingError as {@link decodeClassificationRequest}
 */
export function decodeRegressionRequest(body: Uint8Array): DecodedExamplesRequest {
  return decodeExamplesRequest(body);
}

/**
 * Decodes the body of a classify request that something in front (such as `express.json()`) has parsed already. Lost by
 * then: whether a number was written as `1` or `1.0`, so that **whole floats become int64 features**, which a model that
 * expects floats refuses; digits of integers beyond 2⁵³; `NaN` and `Infinity`; offsets in the text.
 *
 * @throws ServingError as {@link decodeClassificationRequest}
 */
export function decodeParsedClassificationRequest(body: unknown): DecodedExamplesRequest {
  return decodeExamplesRequest(serializedBody(body));
}

/**
 * As {@link decodeParsedClassificationRequest}, for a regress request.
 *
 * @throws ServingError as {@link decodeClassificationRequest}
 */
export function decodeParsedRegressionRequest(body: unknown): DecodedExamplesRequest {
  return decodeExamplesRequest(serializedBody(body));
}

function decodeExamplesRequest(body: Uint8Array): DecodedExamplesRequest {
  const { tape, signatureName } = readRequestBody(body);
  const contextNode = tape.member(ROOT, 'context');
  const names = new RepeatedNames(tape, cutAtNul);
  const context = contextNode === NONE ? undefined : decodeExample(tape, contextNode, names);
  const examples = decodeExamples(tape, names);
  return { signatureName, input: context === undefined ? { examples } : { examples, context } };
}

function decodeExamples(tape: JsonTape, names: RepeatedNames): readonly Example[] {
  const list = tape.member(ROOT, 'examples');
  if (list === NONE) {
    // The reference server says "classify" for regress too.
    throw bodyError(tape, "When method is classify, key 'examples' is expected and was not found");
  }
  if (tape.kind(list) !== ARRAY) throw bodyError(tape, "Expecting 'examples' value to be an list/array");
  if (tape.count(list) === 0) throw bodyError(tape, "'examples' value is an empty array");
  const examples: Example[] = [];
  const end = tape.next(list);
  for (let node = list + 1; node < end; node = tape.next(node)) examples.push(decodeExample(tape, node, names));
  return examples;
}

function decodeExample(tape: JsonTape, node: number, names: RepeatedNames): Example {
  if (tape.kind(node) !== OBJECT) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Example must be JSON object but got JSON ${KIND_NAMES[tape.kind(node)]}`,
    );
  }
  const features = new Map<string, Feature>();
  const end = tape.next(node);
  let place = 0;
  for (let key = node + 1; key < end; key = tape.next(key + 1)) {
    const name = names.at(key, place++);
    features.set(name, decodeFeature(tape, key + 1, name));
  }
  return features;
}

function bodyError(tape: JsonTape, message: string): ServingError {
  return new ServingError('INVALID_ARGUMENT', `JSON Value: ${shownValue(tape, ROOT)} ${message}`);
}
