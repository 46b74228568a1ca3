/** `tensorflow_serving/apis/inference.proto`: the request. */
import type { ExampleInput } from '@serving/core/extend';
import { lengthDelimited, readFields } from '../wire/wire-fields.js';
import { decodeInput } from './input.js';
import { namesLimit } from './message-limit.js';
import { decodeModelSpec, type ModelSpecMessage } from './model-spec.js';

/** One task of a MultiInferenceRequest: a signature of a model, and whether it classifies or regresses, by its method name. */
export interface InferenceTaskMessage {
  readonly modelSpec?: ModelSpecMessage;
  readonly methodName: string;
}

/** A MultiInferenceRequest: several tasks for the same examples. */
export interface MultiInferenceRequestMessage {
  readonly tasks: readonly InferenceTaskMessage[];
  /** Without examples when the message has no input, or one of no kind. */
  readonly input: ExampleInput;
}

const FIELD_1 = lengthDelimited(1);
const FIELD_2 = lengthDelimited(2);

/** @throws Error for bytes that are not a MultiInferenceRequest. Bytes features are views of `bytes`. */
export function decodeMultiInferenceRequest(bytes: Uint8Array): MultiInferenceRequestMessage {
  const tasks: InferenceTaskMessage[] = [];
  let input: ExampleInput = { examples: [] };
  const limit = namesLimit();
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) {
      limit.add();
      tasks.push(decodeTask(reader.bytes()));
    } else if (tag === FIELD_2) input = decodeInput(reader.bytes());
    else return false;
    return true;
  });
  return { tasks, input };
}

function decodeTask(bytes: Uint8Array): InferenceTaskMessage {
  let modelSpec: ModelSpecMessage | undefined;
  let methodName = '';
  readFields(bytes, (tag, reader) => {
    if (tag === FIELD_1) modelSpec = decodeModelSpec(reader.bytes());
    else if (tag === FIELD_2) methodName = reader.string();
    else return false;
    return true;
  });
  return { methodName, ...(modelSpec && { modelSpec }) };
}
