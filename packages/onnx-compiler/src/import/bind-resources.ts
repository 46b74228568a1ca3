/** Replaces reads of variables and tables by what they hold. */
import { ServingError } from '@serving/core';
import type { Endpoint, GraphNode, SignatureGraph } from '../graph/graph.js';
import { constantNode, valueNode } from '../graph/new-node.js';
import { allNodes, applyReplacements, Replacements } from '../graph/rewire.js';
import { typeValue } from '../op-defs/make-node.js';
import { opDef, withDefaults } from '../op-defs/op-def.js';
import type { SourceTrace } from './control/source-trace.js';
import type { Importer } from './importer.js';
import type { ModelState } from './state/model-state.js';
import { resourceKind, resourceName } from './state/resource-identity.js';

/** Table reads by the name of their older form. */
const tableReads: Readonly<Record<string, string>> = {
  LookupTableFind: 'LookupTableFindV2',
  LookupTableFindV2: 'LookupTableFindV2',
  LookupTableSize: 'LookupTableSizeV2',
  LookupTableSizeV2: 'LookupTableSizeV2',
  LookupTableExport: 'LookupTableExportV2',
  LookupTableExportV2: 'LookupTableExportV2',
};

/** Binds every read in a graph. Reasons why one can't be bound join the importer's refusals. */
export class ResourceBinder {
  readonly #importer: Importer;
  readonly #state: ModelState;
  readonly #trace: SourceTrace;
  readonly #constants = new Map<string, GraphNode>();
  /** Identities of the variables that the graph reads. */
  readonly variablesRead: Set<string> = new Set();
  readonly #replacements = new Replacements();

  constructor(importer: Importer, state: ModelState, trace: SourceTrace) {
    this.#importer = importer;
    this.#state = state;
    this.#trace = trace;
  }

  bind(graph: SignatureGraph): void {
    const nodes = allNodes(graph);
    for (const node of nodes) {
      try {
        this.#bindNode(node);
      } catch (error) {
        if (!(error instanceof ServingError) || error.code === 'DATA_LOSS') throw error;
        this.#importer.refuse(node.op, node.name, error.message);
      }
    }
    applyReplacements(graph, nodes, this.#replacements);
  }

  #bindNode(node: GraphNode): void {
    const { op } = node;
    if (op === 'ReadVariableOp') this.#replace(node, this.#variable(node, node.inputs[0]));
    else if (op !== 'VarHandleOp' && resourceKind(op) === 'variable') {
      this.#replace(node, this.#variable(node, { node, index: 0 }));
    } else if (op === 'VarIsInitializedOp' || op === 'IsVariableInitialized') {
      const value = constantNode(node.name, { dtype: 'bool', shape: [], data: Uint8Array.of(1) });
      this.#replace(node, { node: value, index: 0 });
    } else if (op === 'VariableShape') this.#become(node, 'Shape');
    else if (op === 'ResourceGather') this.#becomeGather(node);
    else if (op === 'ResourceGatherNd') this.#become(node, 'GatherNd');
    else if (tableReads[op] !== undefined) this.#bindTable(node, tableReads[op]);
  }

  #replace(node: GraphNode, by: Endpoint): void {
    this.#replacements.set({ node, index: 0 }, by);
  }

  #identity(node: GraphNode, handle: Endpoint | undefined): string {
    const identity = handle && this.#state.identityOf(handle, this.#trace, this.#importer);
    if (identity === undefined) throw new ServingError('UNIMPLEMENTED', `resource chosen by data (node ${node.name})`);
    return identity;
  }

  #variable(node: GraphNode, handle: Endpoint | undefined): Endpoint {
    const identity = this.#identity(node, handle);
    this.variablesRead.add(identity);
    const known = this.#constants.get(identity);
    if (known) return { node: known, index: 0 };
    const constant = valueNode(resourceName(identity), this.#state.variableOf(identity));
    this.#constants.set(identity, constant);
    return { node: constant, index: 0 };
  }

  /** Reads the variable where the node took its handle. */
  #become(node: GraphNode, op: string): void {
    const variable = this.#variable(node, node.inputs[0]);
    const { dtype } = variable.node.outputs[0]!;
    node.inputs = [variable, ...node.inputs.slice(1)];
    const types = { T: typeValue(dtype), Tparams: typeValue(dtype) };
    node.attributes = withDefaults(opDef(op)!, new Map([...node.attributes, ...Object.entries(types)]));
    node.op = op;
  }

  #becomeGather(node: GraphNode): void {
    this.#become(node, 'GatherV2');
    const axis = constantNode(`${node.name}/axis`, { dtype: 'int32', shape: [], data: Int32Array.of(0) });
    node.inputs.push({ node: axis, index: 0 });
    node.attributes = new Map([...node.attributes, ['Taxis', typeValue('int32')]]);
  }

  #bindTable(node: GraphNode, op: string): void {
    node.table = this.#state.tableOf(this.#identity(node, node.inputs[0]));
    node.op = op;
    node.inputs = node.inputs.slice(1);
  }
}
