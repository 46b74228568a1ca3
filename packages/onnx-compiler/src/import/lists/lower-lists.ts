/** Replaces lists of tensors by tensors, and lists that loops fill by outputs that collect a row of each trip. */
import type { Endpoint, GraphNode, SignatureGraph } from '../../graph/graph.js';
import { graphRoots, nodesInOrder } from '../../graph/node-order.js';
import { allNodes, applyReplacements, Replacements } from '../../graph/rewire.js';
import type { ListEnvironment, RefuseList } from './list-environment.js';
import { lowerOperation, stackedList } from './list-operations.js';
import { stageLists } from './list-scope.js';
import type { ListValue } from './list-value.js';
import { LoopLowering } from './loop-lowering.js';

/**
 * Lowers the lists of a graph but for those of strings and images. A loop that appends to a list each trip gets further results behind its
 * state: the value of each trip, which become one output with a row for each.
 */
export function lowerLists(graph: SignatureGraph, refuse: RefuseList): void {
  const nodes = allNodes(graph);
  if (!nodes.some(({ outputs }) => outputs.some(({ dtype }) => dtype === 'variant'))) return;
  const lowering = new ListLowering(stageLists(nodes), refuse);
  lowering.region(graphRoots(graph));
  applyReplacements(graph, [...nodes, ...lowering.loops], lowering.replacements);
}

class ListLowering implements ListEnvironment {
  readonly replacements: Replacements = new Replacements();
  readonly loops: GraphNode[] = [];
  readonly refuse: RefuseList;
  readonly #lists = new Map<GraphNode, (ListValue | undefined)[]>();
  readonly #kept: ReadonlySet<GraphNode>;
  readonly #done = new Set<GraphNode>();

  constructor(kept: ReadonlySet<GraphNode>, refuse: RefuseList) {
    this.#kept = kept;
    this.refuse = refuse;
  }

  region(roots: readonly Endpoint[]): void {
    for (const node of nodesInOrder(roots, this.#done)) if (!this.#kept.has(node)) this.#lower(node);
  }

  list({ node, index }: Endpoint): ListValue | undefined {
    return this.#lists.get(node)?.[index];
  }

  setList({ node, index }: Endpoint, value: ListValue): void {
    const values = this.#lists.get(node) ?? [];
    values[index] = value;
    this.#lists.set(node, values);
  }

  setArgument(argument: GraphNode, value: ListValue): void {
    argument.outputs = [{ dtype: value.dtype, shape: undefined }];
    this.setList(
      { node: argument, index: 0 },
      {
        kind: 'stacked',
        dtype: value.dtype,
        tensor: { node: argument, index: 0 },
      },
    );
  }

  #lower(node: GraphNode): void {
    if (node.op === 'While' && node.subgraphs) new LoopLowering(this, node).lower();
    else if (node.subgraphs) this.#lowerBranches(node);
    else if (node.op.includes('TensorList')) this.#lowerOperation(node);
  }

  #lowerOperation(node: GraphNode): void {
    const inputs = node.inputs.map((input) => this.replacements.get(input));
    const [first] = node.inputs;
    const result = lowerOperation(node, inputs, first && this.list(first));
    if (!result) this.refuse(node, 'a list whose elements have no known shape, or that is used in an unusual way');
    else if ('list' in result) this.setList({ node, index: 0 }, result.list);
    else {
      for (const [index, tensor] of result.tensors.entries()) {
        if (tensor) this.replacements.set({ node, index }, tensor);
      }
    }
  }

  #lowerBranches(node: GraphNode): void {
    const branches = Object.values(node.subgraphs!);
    for (const [i, input] of node.inputs.slice(1).entries()) {
      const list = this.list(input);
      if (!list) continue;
      const stacked = stackedList(node, list);
      if (!stacked) {
        this.refuse(node, 'a list whose elements have no known shape is given to a branch');
        return;
      }
      node.inputs[i + 1] = stacked.tensor;
      for (const branch of branches) this.setArgument(branch.arguments[i]!, stacked);
    }
    for (const branch of branches) this.region(branch.results);
    for (const [index, output] of node.outputs.entries()) {
      if (output.dtype !== 'variant') continue;
      for (const branch of branches) {
        const list = this.list(branch.results[index]!);
        const stacked = list && stackedList(node, list);
        if (!stacked) {
          this.refuse(node, 'a list whose elements have no known shape leaves a branch');
          return;
        }
        branch.results[index] = stacked.tensor;
        node.outputs[index] = { dtype: stacked.dtype, shape: undefined };
        this.setList({ node, index }, { ...stacked, tensor: { node, index } });
      }
    }
  }
}
