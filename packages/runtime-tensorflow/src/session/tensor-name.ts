/** Names of a graph's tensors. */

/** An operation's output. */
export interface TensorName {
  readonly operation: string;
  readonly index: number;
}

/** Reads `operation:index`, or `operation` for its output 0; `undefined` for text that names no tensor. */
export function parseTensorName(name: string): TensorName | undefined {
  const match = /^([^^:][^:]*)(?::(0|[1-9]\d{0,8}))?$/s.exec(name);
  if (match === null) return undefined;
  return { operation: match[1]!, index: Number(match[2] ?? 0) };
}
