/** The error of signatures that can't be compiled. */
import { ServingError } from '@serving/core';
import type { Refusal } from './program/program.js';

/** More reasons than this are counted, not listed. */
const MAX_LISTED = 20;

/** A signature that has no program. */
export interface RefusedSignature {
  readonly signature: string;
  /** Names of its input tensors, such as `x:0`. */
  readonly feeds: readonly string[];
  /** Names of its output tensors. */
  readonly fetches: readonly string[];
  readonly refusals: readonly Refusal[];
}

/** Each reason once, in the order in which they were found. */
function reasonLines(refusals: readonly Refusal[]): string[] {
  const lines = new Set(refusals.map(({ op, node, reason }) => `  ${op} (node ${node}): ${reason}`));
  const listed = [...lines].slice(0, MAX_LISTED);
  return lines.size > MAX_LISTED ? [...listed, `  and ${lines.size - MAX_LISTED} more`] : listed;
}

/**
 * The `UNIMPLEMENTED` error that lists why signatures can't be compiled.
 *
 * @param model how the text names the model, such as `Model "digits" version 2`.
 */
export function refusalError(refused: readonly RefusedSignature[], model = 'The model'): ServingError {
  const texts = refused.map(({ signature, refusals }) =>
    [`${model}, signature "${signature}" can't be compiled to ONNX:`, ...reasonLines(refusals)].join('\n'),
  );
  const advice = 'Serve it with TensorFlow (engine: "tensorflow"), or leave the signature out.';
  return new ServingError('UNIMPLEMENTED', [...texts, advice].join('\n'));
}
