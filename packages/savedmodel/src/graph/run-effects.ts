/** What a run of some of a graph's tensors does beside computing them. */
import type { GraphNode, GraphOutline } from '@serving/protos/saved-model';
import { nodesRunFor } from './graph-body.js';
import { wrongWithoutRows } from './guarded-operations.js';

/** Of the operations that are run for some tensors. */
export interface RunEffects {
  /** Whether one may change what later runs answer, draws at random, or reaches outside. Operations that aren't known count. */
  readonly isStateful: boolean;
  /**
   * Whether one is known to change what later runs answer, or to reach outside. Exporters leave out the definitions of most
   * operations that only inner functions use, so unknown ones count by their names.
   */
  readonly changesState: boolean;
  /** Whether one answers inputs without rows in a wrong shape. */
  readonly isWrongWithoutRows: boolean;
}

/** Operations that are stateful by definition, and change nothing that a later run sees. */
const harmless: ReadonlySet<string> = new Set(
  (
    'VarHandleOp ReadVariableOp VarIsInitializedOp IsVariableInitialized ResourceGather ResourceGatherNd Variable VariableV2 ' +
    'DisableCopyOnRead HashTable HashTableV2 AnonymousHashTable LookupTableFind LookupTableFindV2 LookupTableSize LookupTableSizeV2 ' +
    'MutableHashTable MutableHashTableV2 MutableHashTableOfTensors MutableHashTableOfTensorsV2 MutableDenseHashTable ' +
    'MutableDenseHashTableV2 PartitionedCall StatefulPartitionedCall If While Case Assert Placeholder PlaceholderV2'
  ).split(' '),
);

/**
 * Names of operations that write to variables, tables, queues, files and the like. Those on variables of TensorFlow 1 are not
 * stateful by definition: they change what their input refers to.
 */
const writing =
  /^(Assign|CountUpTo|Scatter(?!Nd$)|Apply|SparseApply|Resource(?!Gather)|LookupTable(Insert|Import|Remove)|InitializeTable|Queue|Stack(Push|Pop)|Barrier|Stage|Unstage|MapStage|OrderedMap|Iterator|Accumulator|Conditional|PyFunc|EagerPyFunc|WriteFile|Write\w*Summary|Save|MergeV2|Delete|Destroy)/;

/** Reads each function once, for any number of calls. */
export class RunEffectsOfGraph {
  readonly #graph: GraphOutline;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  readonly #ofFunctions = new Map<string, RunEffects>();

  constructor(graph: GraphOutline) {
    this.#graph = graph;
    this.#nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  }

  /** @param fetches names of tensors, such as `y:0`. */
  of(fetches: readonly string[]): RunEffects {
    let isStateful = false;
    let changesState = false;
    let isWrongWithoutRows = false;
    for (const name of nodesRunFor(fetches, this.#nodes)) {
      const effects = this.#ofNode(this.#nodes.get(name)!);
      isStateful ||= effects.isStateful;
      changesState ||= effects.changesState;
      isWrongWithoutRows ||= effects.isWrongWithoutRows;
    }
    return { isStateful, changesState, isWrongWithoutRows };
  }

  #ofNode({ op, functions }: GraphNode): RunEffects {
    const called = [...functions.values()].flat();
    const isFunction = this.#graph.functions.has(op);
    if (isFunction) called.push(op);
    const effects = called.map((name) => this.#ofFunction(name));
    const isHarmless = isFunction || harmless.has(op) || op.startsWith('TensorArray');
    const writes = !isHarmless && writing.test(op);
    const defined = this.#graph.ops.get(op)?.isStateful;
    return {
      isStateful: writes || (!isHarmless && (defined ?? true)) || effects.some(({ isStateful }) => isStateful),
      changesState: writes || (!isHarmless && (defined ?? false)) || effects.some((one) => one.changesState),
      isWrongWithoutRows: wrongWithoutRows.has(op) || effects.some((one) => one.isWrongWithoutRows),
    };
  }

  #ofFunction(name: string): RunEffects {
    const known = this.#ofFunctions.get(name);
    if (known) return known;
    // For a function that calls itself.
    this.#ofFunctions.set(name, { isStateful: false, changesState: false, isWrongWithoutRows: false });
    const effects = (this.#graph.functions.get(name)?.nodes ?? []).map((node) => this.#ofNode(node));
    const all = {
      isStateful: effects.some(({ isStateful }) => isStateful),
      changesState: effects.some((one) => one.changesState),
      isWrongWithoutRows: effects.some((one) => one.isWrongWithoutRows),
    };
    this.#ofFunctions.set(name, all);
    return all;
  }
}
