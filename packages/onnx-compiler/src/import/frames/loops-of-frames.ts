/** Frames of TensorFlow 1 as `While`. */
import { ServingError } from '@serving/core';
import { textAttribute } from '../../graph/attribute-readers.js';
import type { Endpoint, GraphNode, Subgraph } from '../../graph/graph.js';
import { cloneRegion, unusualForm } from './clone-region.js';

/** A variable of a loop: `Enter` → `Merge` ← `NextIteration`. */
interface LoopVariable {
  readonly initial: Endpoint;
  readonly merge: GraphNode;
  readonly next: Endpoint;
}

/** One frame: a loop. */
export interface Frame {
  readonly name: string;
  /** Values from outside that don't change. */
  readonly constants: readonly GraphNode[];
  readonly variables: readonly LoopVariable[];
}

/** @param scopeOf tells instances of one function apart. */
export function findFrames(nodes: readonly GraphNode[], scopeOf: (node: GraphNode) => string): Frame[] {
  const enters = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    if (node.op !== 'Enter' && node.op !== 'RefEnter') continue;
    const name = scopeOf(node) + textAttribute(node.attributes, 'frame_name');
    const known = enters.get(name);
    if (known) known.push(node);
    else enters.set(name, [node]);
  }
  const mergeOf = new Map<GraphNode, GraphNode>();
  for (const node of nodes) if (node.op === 'Merge') for (const input of node.inputs) mergeOf.set(input.node, node);
  return Array.from(enters, ([name, all]) => {
    const isConstant = (enter: GraphNode): boolean => enter.attributes.get('is_constant')?.value === true;
    const variables = all.filter((enter) => !isConstant(enter)).map((enter) => variableOf(enter, mergeOf.get(enter)));
    return { name, constants: all.filter(isConstant), variables };
  });
}

function variableOf(enter: GraphNode, merge: GraphNode | undefined): LoopVariable {
  const back = merge?.inputs.find(({ node }) => node.op === 'NextIteration' || node.op === 'RefNextIteration');
  if (!merge || !back) throw new ServingError('UNIMPLEMENTED', unusualForm);
  return { initial: enter.inputs[0]!, merge, next: back.node.inputs[0]! };
}

/**
 * The loop as a node.
 *
 * @param users of each node.
 * @returns the `While`, and what its outputs stand for; `undefined` while a loop in its body is still a frame.
 */
export function loopOfFrame(
  frame: Frame,
  users: ReadonlyMap<GraphNode, readonly GraphNode[]>,
): { readonly loop: GraphNode; readonly exits: readonly [Endpoint, Endpoint][] } | undefined {
  const { name, variables, constants } = frame;
  const switches = variables.map(({ merge }) => users.get(merge)?.filter(isLoopSwitch) ?? []);
  const condition = switches.flat()[0]?.inputs[1]?.node;
  if (!condition || switches.flat().some(({ inputs }) => inputs[1]!.node !== condition)) {
    throw new ServingError('UNIMPLEMENTED', unusualForm);
  }
  const initial = [...variables.map((variable) => variable.initial), ...constants.map(({ inputs }) => inputs[0]!)];
  const cond = subgraphOf(`${name}/cond`, initial, [condition.inputs[0]!], (args) => {
    const places = new Map(variables.map(({ merge }, i) => [merge, args[i]!]));
    for (const [i, enter] of constants.entries()) places.set(enter, args[variables.length + i]!);
    return ({ node, index }) => (index === 0 ? places.get(node) : undefined);
  });
  const results = variables.map(({ next }) => next);
  const body = subgraphOf(`${name}/body`, initial, results, (args) => {
    const values = new Map(switches.flatMap((list, i) => list.map((one) => [one, args[i]!] as const)));
    const outside = new Map(constants.map((enter, i) => [enter, args[variables.length + i]!]));
    return ({ node, index }) => (index === 1 ? values.get(node) : outside.get(node));
  });
  if (!cond || !body) return undefined;
  for (const argument of body.arguments.slice(variables.length)) body.results.push({ node: argument, index: 0 });
  const loop: GraphNode = {
    op: 'While',
    name,
    attributes: new Map(),
    inputs: initial,
    outputs: initial.map((_, i) => ({ dtype: dtypeOf(initial[i]!), shape: undefined })),
    subgraphs: { cond, body },
  };
  const exits = switches.flatMap((list, index) =>
    list.flatMap((one) =>
      (users.get(one) ?? []).filter(isExit).map((exit): [Endpoint, Endpoint] => [
        { node: exit, index: 0 },
        { node: loop, index },
      ]),
    ),
  );
  return { loop, exits };
}

const isExit = ({ op }: GraphNode): boolean => op === 'Exit' || op === 'RefExit';
const isLoopSwitch = ({ op, inputs }: GraphNode): boolean =>
  (op === 'Switch' || op === 'RefSwitch') && inputs[1]?.node.op === 'LoopCond';

/** Operations of frames; none is left in a body whose own loops have been replaced. */
const frameOperations = /^(Ref)?(Enter|Exit|NextIteration)$|^LoopCond$/;

/** `undefined` while the results depend on another frame. */
function subgraphOf(
  name: string,
  initial: readonly Endpoint[],
  results: readonly Endpoint[],
  places: (args: readonly Endpoint[]) => (endpoint: Endpoint) => Endpoint | undefined,
): Subgraph | undefined {
  const nodes = initial.map((value, i): GraphNode => {
    const outputs = [{ dtype: dtypeOf(value), shape: undefined }];
    return { op: '_Argument', name: `${name}/argument_${i}`, attributes: new Map(), inputs: [], outputs };
  });
  const place = places(nodes.map((node) => ({ node, index: 0 })));
  let isReady = true;
  const watched = (endpoint: Endpoint): Endpoint | undefined => {
    const found = place(endpoint);
    if (found) return found;
    if (!frameOperations.test(endpoint.node.op)) return undefined;
    isReady = false;
    return endpoint;
  };
  const cloned = results.map((result) => cloneRegion(result, watched));
  return isReady ? { arguments: nodes, results: cloned } : undefined;
}

function dtypeOf({ node, index }: Endpoint) {
  return node.outputs[index]!.dtype;
}
