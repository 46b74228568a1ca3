/** `tensorflow_serving/apis/input.proto` and the requests that consist of a ModelSpec and an Input. */
import type { Example, ExampleInput } from '@serving/core/extend';
import { decodeExample } from '../example/example-decoder.js';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { examplesLimit } from './message-limit.js';
import { decodeModelSpec, type ModelSpecMessage } from './model-spec.js';

/** A ClassificationRequest or a RegressionRequest. */
export interface ExamplesRequestMessage {
  readonly modelSpec?: ModelSpecMessage;
  /** Without examples when the message has no input, or one of no kind. */
  readonly input: ExampleInput;
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);

/** @throws Error for bytes that are not such a request, ServingError `RESOURCE_EXHAUSTED` for too many examples. Bytes features are views of `bytes`. */
export function decodeExamplesRequest(bytes: Uint8Array): ExamplesRequestMessage {
  let modelSpec: ModelSpecMessage | undefined;
  let input: ExampleInput = { examples: [] };
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === FIELD_2) input = decodeInput(reader.bytes());
    else return false;
    return true;
  });
  return { input, ...(modelSpec && { modelSpec }) };
}

/** @throws Error for bytes that are not an Input. */
export function decodeInput(bytes: Uint8Array): ExampleInput {
  let input: ExampleInput = { examples: [] };
  readFields(bytes, (tag, reader) => {
    if (tag !== FIELD_1 && tag !== FIELD_2) return false;
    input = decodeExamples(reader.bytes(), tag === FIELD_2);
    return true;
  });
  return input;
}

function decodeExamples(bytes: Uint8Array, withContext: boolean): ExampleInput {
  const examples: Example[] = [];
  let context: Example | undefined;
  const limit = examplesLimit();
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) examples.push(decodeExample(reader.bytes(), limit));
    else if (tag === FIELD_2 && withContext) context = decodeExample(reader.bytes(), limit);
    else return false;
    return true;
  });
  return { examples, ...(context && { context }) };
}
