/** Errors of tfjs-node's addon as `ServingError`s. */
import { type ErrorCode, ServingError } from '@serving/core';
import type { WorkerCallKind, WorkerFailure } from './worker-messages.js';

/** The addon puts these in front of TensorFlow's message. */
const prefix = /^(?:Failed to load SavedModel|Session fail to run with error|Failed to delete SavedModel): /;

/** TensorFlow's codes don't come through the addon; these messages identify them. */
const codes: readonly (readonly [pattern: RegExp, code: ErrorCode])[] = [
  [/^Could not find (?:SavedModel|meta graph def)|No such file or directory/, 'NOT_FOUND'],
  [/op name can not be found in the graph/, 'NOT_FOUND'],
  [/as (?:binary|text) proto/, 'DATA_LOSS'],
  [/^Read less bytes than requested/, 'OUT_OF_RANGE'],
  [/uninitialized|Could not find variable|was not initialized/i, 'FAILED_PRECONDITION'],
  [/^OOM when allocating/, 'RESOURCE_EXHAUSTED'],
  [/No OpKernel was registered|Op type not registered|The addon can't|Unhandled TF_DataType/, 'UNIMPLEMENTED'],
];

/** Where no message tells the code: what a client sent is the usual reason for a run to fail. */
const fallback: Readonly<Record<WorkerCallKind, ErrorCode>> = {
  describe: 'INTERNAL',
  load: 'UNKNOWN',
  run: 'INVALID_ARGUMENT',
  unload: 'INTERNAL',
};

/**
 * TensorFlow's message (of which the addon passes on the first 450 characters or so) with the code that it had, as far as
 * the message tells it.
 */
export function addonError(
  call: WorkerCallKind,
  { stage, message }: WorkerFailure,
  packageName = '@tensorflow/tfjs-node',
): ServingError {
  if (stage === 'addon') {
    return new ServingError(
      'FAILED_PRECONDITION',
      `${packageName} can't be used: ${message.trim()}. Run \`npm rebuild ${packageName}\`, or use ` +
        '@serving/runtime-tensorflow',
    );
  }
  const text = message.replace(prefix, '').trimEnd();
  const code = codes.find(([pattern]) => pattern.test(text))?.[1] ?? fallback[call];
  return new ServingError(code, text);
}
