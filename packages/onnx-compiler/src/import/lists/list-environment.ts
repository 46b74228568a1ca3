/** What the lowering of lists knows so far. */
import type { Endpoint, GraphNode } from '../../graph/graph.js';
import type { Replacements } from '../../graph/rewire.js';
import type { ListValue } from './list-value.js';

/** Called for a list operation that has no form with tensors. */
export type RefuseList = (node: GraphNode, reason: string) => void;

/** The lists of a graph and of its subgraphs. */
export interface ListEnvironment {
  readonly replacements: Replacements;
  /** Loops that stand for others. */
  readonly loops: GraphNode[];
  readonly refuse: RefuseList;
  /** Lowers what these endpoints depend on, as far as that has not been done. */
  region(roots: readonly Endpoint[]): void;
  list(endpoint: Endpoint): ListValue | undefined;
  setList(endpoint: Endpoint, value: ListValue): void;
  /** Makes an argument stand for the list's tensor. */
  setArgument(argument: GraphNode, value: ListValue): void;
}
