/** What a run of ONNX Runtime's failed of, as our error. */
import { type ErrorCode, ServingError } from '@serving/core';
import type { StatusText } from '../native/native-status.js';

/** A node that failed, as ONNX Runtime names it. */
interface FailedNode {
  /** ONNX's operator. */
  readonly operator: string;
  /** ONNX's name of the node; may be empty. */
  readonly name: string;
}

/** Returns what the caller calls a node. */
export type DescribeRunError = (node: FailedNode) => string;

/** Operators whose kernels fail of shapes and values that a request brings. */
const CHECKS_REQUESTS: ReadonlySet<string> = new Set([
  'Add',
  'And',
  'Concat',
  'Conv',
  'Div',
  'Equal',
  'Expand',
  'Gather',
  'GatherElements',
  'GatherND',
  'Gemm',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'MatMul',
  'Max',
  'Min',
  'Mod',
  'Mul',
  'Or',
  'Pow',
  'Reshape',
  'ScatterND',
  'Slice',
  'Split',
  'Sub',
  'Where',
  'Xor',
]);

const NODE = /^Non-zero status code returned while running (\S+) node\. Name:'(.*?)' Status Message: (.*)$/s;
/** The place in ONNX Runtime's source, and the function there. */
const PLACE = /^\S*\.(?:cc|cpp|h|hpp):\d+ .*?\)(?: const)?(?: \[[^\]]*\])?:? /s;

/** `OPERATOR (node NAME): TEXT`, without places in ONNX Runtime's source. */
export function runError({ code, message }: StatusText, describe: DescribeRunError = nodeName): ServingError {
  const match = NODE.exec(message);
  if (match === null) return new ServingError(code, withoutPlace(message));
  const [, operator = '', name = '', text = ''] = match;
  const isRequests = code === 'INTERNAL' && CHECKS_REQUESTS.has(operator);
  const ours: ErrorCode = isRequests ? 'INVALID_ARGUMENT' : code;
  return new ServingError(ours, `${describe({ operator, name })}: ${withoutPlace(text)}`);
}

function nodeName({ operator, name }: FailedNode): string {
  return name === '' ? operator : `${operator} (node ${name})`;
}

function withoutPlace(text: string): string {
  return text
    .trim()
    .replace(PLACE, '')
    .replaceAll(/\S*\/\S+\.(?:cc|cpp|h|hpp):\d+/g, '')
    .trim();
}
