/** What a run of ONNX Runtime's failed of, as our error. */
import { type ErrorCode, ServingError } from '@serving/core';
import type { StatusText } from '../native/native-status.js';
import { withoutPlace } from './without-place.js';

/** A node that failed, as ONNX Runtime names it. */
interface FailedNode {
  /** ONNX's operator. */
  readonly operator: string;
  /** ONNX's name of the node; may be empty. */
  readonly name: string;
}

/** Returns what the caller calls a node. */
export type DescribeRunError = (node: FailedNode) => string;

const NODE = /^Non-zero status code returned while running (\S+) node\. Name:'(.*?)' Status Message: (.*)$/s;
/** What ONNX Runtime and the C++ library say when memory is short. */
const NO_MEMORY = /bad_alloc|failed to allocate memory/i;

/**
 * `OPERATOR (node NAME): TEXT`, without places in ONNX Runtime's source. What a kernel fails of is `INVALID_ARGUMENT`, as in TensorFlow: the
 * model was loaded, and the request brings the shapes and values. Missing memory is `RESOURCE_EXHAUSTED`.
 */
export function runError({ code, message }: StatusText, describe: DescribeRunError = nodeName): ServingError {
  const match = NODE.exec(message);
  if (match === null) return new ServingError(codeOf(code, message, code), withoutPlace(message));
  const [, operator = '', name = '', text = ''] = match;
  const ours = codeOf(code, text, 'INVALID_ARGUMENT');
  return new ServingError(ours, `${describe({ operator, name })}: ${withoutPlace(text)}`);
}

function codeOf(code: ErrorCode, text: string, ofInternal: ErrorCode): ErrorCode {
  if (code !== 'INTERNAL') return code;
  return NO_MEMORY.test(text) ? 'RESOURCE_EXHAUSTED' : ofInternal;
}

function nodeName({ operator, name }: FailedNode): string {
  return name === '' ? operator : `${operator} (node ${name})`;
}
