/** The nodes of a graph or of a function, with their inputs found. */
import type { GraphFunction, GraphNode, GraphOutline, OpOutline } from '@serving/protos/saved-model';

/** One tensor: an output of a node, or an argument of a function, which is a node without inputs here. */
export interface TensorRef {
  readonly node: GraphNode;
  readonly index: number;
}

/** Nodes by name, in an order that has each behind its inputs wherever the graph has no loop. */
export interface GraphBody {
  readonly ordered: readonly GraphNode[];
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** What a function returns; nothing for a graph. */
  readonly results: readonly (TensorRef | undefined)[];
  /** What a node is fed, control inputs left out. */
  inputsOf(node: GraphNode): readonly (TensorRef | undefined)[];
}

/** The graph itself. @param names the nodes to read; all when absent. */
export function mainBody({ nodes, ops }: GraphOutline, names?: ReadonlySet<string>): GraphBody {
  return new Body(names ? nodes.filter(({ name }) => names.has(name)) : nodes, ops, []);
}

/** The names of the nodes that are run for some tensors. */
export function nodesRunFor(fetches: readonly string[], nodes: ReadonlyMap<string, GraphNode>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = fetches.map(nodeOf);
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const node = nodes.get(name);
    if (!node || found.has(name)) continue;
    found.add(name);
    for (const input of node.inputs) waiting.push(nodeOf(input));
  }
  return found;
}

/** Of a tensor's name or of a control input's. */
function nodeOf(name: string): string {
  const [node = ''] = name.split(':');
  return node.startsWith('^') ? node.slice(1) : node;
}

/** The body of one of its functions. */
export function functionBody({ inputs, nodes, results }: GraphFunction, { ops }: GraphOutline): GraphBody {
  return new Body([...inputs.map(argument), ...nodes], ops, results);
}

/** `node`, `node:1` and `node:output:1` in parts; `undefined` for a control input. */
export function parseTensorName(
  name: string,
): { readonly node: string; readonly output?: string; readonly index: number } | undefined {
  if (name.startsWith('^')) return undefined;
  const [node = '', second, third] = name.split(':');
  if (second === undefined) return { node, index: 0 };
  return third === undefined ? { node, index: Number(second) } : { node, output: second, index: Number(third) };
}

class Body implements GraphBody {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly ordered: readonly GraphNode[];
  readonly results: readonly (TensorRef | undefined)[];
  readonly #ops: ReadonlyMap<string, OpOutline>;
  readonly #inputs = new Map<GraphNode, readonly (TensorRef | undefined)[]>();

  constructor(nodes: readonly GraphNode[], ops: ReadonlyMap<string, OpOutline>, results: readonly string[]) {
    this.#ops = ops;
    this.nodes = new Map(nodes.map((node) => [node.name, node]));
    this.results = results.map((result) => this.#find(result));
    this.ordered = inputsFirst(nodes, (node) => this.inputsOf(node));
  }

  inputsOf(node: GraphNode): readonly (TensorRef | undefined)[] {
    const known = this.#inputs.get(node);
    if (known) return known;
    const inputs = node.inputs.filter((input) => !input.startsWith('^')).map((input) => this.#find(input));
    this.#inputs.set(node, inputs);
    return inputs;
  }

  #find(name: string): TensorRef | undefined {
    const parsed = parseTensorName(name);
    const node = parsed && this.nodes.get(parsed.node);
    if (!node) return undefined;
    // The outputs before it are taken to be one tensor each.
    const before =
      parsed.output === undefined ? 0 : Math.max(this.#ops.get(node.op)?.outputs.indexOf(parsed.output) ?? 0, 0);
    return { node, index: before + parsed.index };
  }
}

function argument(name: string): GraphNode {
  return { name, op: '', inputs: [], integers: new Map(), strings: new Map(), functions: new Map(), outputShapes: [] };
}

/** Depth first, without recursion: graphs are deep. */
function inputsFirst(
  nodes: readonly GraphNode[],
  inputsOf: (node: GraphNode) => readonly (TensorRef | undefined)[],
): readonly GraphNode[] {
  const ordered: GraphNode[] = [];
  const entered = new Set<GraphNode>();
  for (const start of nodes) {
    const path: { node: GraphNode; next: number }[] = [];
    const enter = (node: GraphNode): void => {
      if (entered.has(node)) return;
      entered.add(node);
      path.push({ node, next: 0 });
    };
    enter(start);
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const inputs = inputsOf(step.node);
      if (step.next === inputs.length) {
        ordered.push(step.node);
        path.pop();
      } else {
        const input = inputs[step.next++];
        if (input) enter(input.node);
      }
    }
  }
  return ordered;
}
