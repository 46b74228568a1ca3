/** The body of a classify or regress request to tf.Examples. */
import { ServingError } from '@serving/core';
import type { Example, ExampleInput, Feature } from '@serving/core/extend';
import { cutAtNul } from '../../json/json-string.js';
import { ARRAY, type JsonTape, KIND_NAMES, LONGEST_NAME, NONE, OBJECT } from '../../json/json-tape.js';
import {
  GeneratedWork,
  inOneGo,
  type SliceBudget,
  type SlicedWork,
  type SliceOptions,
  UNLIMITED,
} from '../../slicing/slice-budget.js';
import { joinInSlices } from '../body-chunks.js';
import { missingKeyHint } from '../body-hint.js';
import { RepeatedNames } from '../duplicate-keys.js';
import { shownValue } from '../error-excerpt.js';
import { ROOT, readRequestBody, serializedBody } from '../request-body.js';
import { FeatureReader } from './feature-reader.js';

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
 * @throws ServingError `INVALID_ARGUMENT` for a body that is not JSON, has no examples, or a feature without a kind.
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

/** As {@link decodeClassificationRequest}, in slices, as `decodePredictRequestInSlices` has them. */
export function decodeClassificationRequestInSlices(
  body: Uint8Array | readonly Uint8Array[],
  { sliceBytes }: SliceOptions = {},
): SlicedWork<DecodedExamplesRequest> {
  return new GeneratedWork((budget) => decodeInSlices(body, budget), sliceBytes);
}

/** As {@link decodeRegressionRequest}, in slices, as `decodePredictRequestInSlices` has them. */
export function decodeRegressionRequestInSlices(
  body: Uint8Array | readonly Uint8Array[],
  { sliceBytes }: SliceOptions = {},
): SlicedWork<DecodedExamplesRequest> {
  return new GeneratedWork((budget) => decodeInSlices(body, budget), sliceBytes);
}

function decodeExamplesRequest(body: Uint8Array): DecodedExamplesRequest {
  return inOneGo(decodeInSlices(body, UNLIMITED));
}

/** Examples, features and byte strings of a request: each takes some hundred bytes, whatever it takes in the body. */
export const MAX_EXAMPLE_PARTS: number = 1024 * 1024;

/** Counts the parts of a request, and reads its examples one after the other. */
class ExampleReader {
  readonly #tape: JsonTape;
  readonly #budget: SliceBudget;
  readonly #names: RepeatedNames;
  #parts = 0;

  constructor(tape: JsonTape, budget: SliceBudget) {
    this.#tape = tape;
    this.#budget = budget;
    this.#names = new RepeatedNames(tape, cutAtNul);
  }

  *read(node: number): Generator<void, Example> {
    const tape = this.#tape;
    if (tape.kind(node) !== OBJECT) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `Example must be JSON object but got JSON ${KIND_NAMES[tape.kind(node)]}`,
      );
    }
    this.#count(1);
    const features = new Map<string, Feature>();
    const end = tape.next(node);
    let place = 0;
    for (let key = node + 1; key < end; key = tape.next(key + 1)) {
      this.#checkName(key);
      const name = this.#names.at(key, place++);
      const list = new FeatureReader(tape, key + 1, name);
      this.#count(list.isBytes ? 1 + list.count : 1);
      while (!list.step(this.#budget)) yield;
      features.set(name, list.feature);
    }
    return features;
  }

  #checkName(key: number): void {
    const length = this.#tape.ends[key]! - this.#tape.starts[key]!;
    if (length <= LONGEST_NAME) return;
    throw new ServingError('INVALID_ARGUMENT', `Feature name has ${length} bytes; it may have ${LONGEST_NAME}`);
  }

  /** One object costs as much as a few values. */
  #count(parts: number): void {
    this.#budget.left -= PART_COST;
    this.#parts += parts;
    if (this.#parts <= MAX_EXAMPLE_PARTS) return;
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Request has more than ${MAX_EXAMPLE_PARTS} examples, features and byte strings; send its examples in several requests`,
    );
  }
}

const PART_COST = 32;

function* decodeInSlices(
  body: Uint8Array | readonly Uint8Array[],
  budget: SliceBudget,
): Generator<void, DecodedExamplesRequest> {
  const text = yield* joinInSlices(body, budget);
  const { tape, signatureName } = yield* readRequestBody(text, 'examples', budget);
  const [contextNode = NONE, list = NONE] = yield* tape.members(ROOT, ['context', 'examples'], budget);
  const reader = new ExampleReader(tape, budget);
  const context = contextNode === NONE ? undefined : yield* reader.read(contextNode);
  if (list === NONE) {
    // TensorFlow Serving has "classify" for regress too.
    const text = "When method is classify, key 'examples' is expected and was not found";
    throw bodyError(tape, text, missingKeyHint(tape, ROOT, 'examples'));
  }
  if (tape.kind(list) !== ARRAY) throw bodyError(tape, "Expecting 'examples' value to be an list/array");
  if (tape.count(list) === 0) throw bodyError(tape, "'examples' value is an empty array");
  const examples: Example[] = [];
  const end = tape.next(list);
  for (let node = list + 1; node < end; node = tape.next(node)) {
    if (budget.left <= 0) yield;
    examples.push(yield* reader.read(node));
  }
  return { signatureName, input: context === undefined ? { examples } : { examples, context } };
}

function bodyError(tape: JsonTape, message: string, clientHint?: string): ServingError {
  return ServingError.invalidArgument(`JSON Value: ${shownValue(tape, ROOT)} ${message}`, { clientHint });
}
