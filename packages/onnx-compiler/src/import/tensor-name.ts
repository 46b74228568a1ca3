/** How nodes name the tensors that they take. */

/** `node`, `node:1` or, in functions, `node:output:1`. */
export interface TensorName {
  readonly node: string;
  readonly output?: string;
  readonly index: number;
}

/** The parts of a tensor's name that is not a control input. A part that is not an index counts as -1. */
export function parseTensorName(name: string): TensorName {
  const [node = '', second, third] = name.split(':');
  if (second === undefined) return { node, index: 0 };
  if (third === undefined) return { node, index: wholeNumber(second) };
  return { node, output: second, index: wholeNumber(third) };
}

function wholeNumber(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : -1;
}

/** The node of a control input `^node`; `undefined` for a tensor. */
export function controlInput(name: string): string | undefined {
  return name.startsWith('^') ? name.slice(1) : undefined;
}

/** The tensors among a node's inputs. */
export function dataInputs(inputs: readonly string[]): readonly string[] {
  return inputs.some((input) => input.startsWith('^')) ? inputs.filter((input) => !input.startsWith('^')) : inputs;
}

/** `x:0` for `x`. */
export function fullTensorName(name: string): string {
  return name.includes(':') ? name : `${name}:0`;
}
