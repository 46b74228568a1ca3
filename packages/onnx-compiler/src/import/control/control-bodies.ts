/** Bodies of control flow: functions become subgraphs. */
import { ServingError } from '@serving/core';
import type { DataType, PartialShape } from '@serving/core/tensor';
import type { AttributeValue, FunctionReference } from '../../graph/attributes.js';
import type { Endpoint, GraphNode, Guard, Subgraph } from '../../graph/graph.js';
import type { NodeDef } from '../../saved-model/node-def.js';
import type { ImportSession } from '../import-session.js';
import type { Scope } from '../scope.js';

/** A `While`, `If` or `Case` with the guards of its bodies. */
export interface ControlNode {
  readonly node: GraphNode;
  /** Guards of the graph that it is in. */
  readonly outerGuards: Guard[];
  /** By the names of the node's subgraphs. */
  readonly guards: Readonly<Record<string, Guard[]>>;
}

/** A function that control flow runs, under the name of its subgraph. */
export interface BodyReference {
  readonly name: string;
  readonly reference: FunctionReference;
}

/** The bodies in their order: `then_branch` before `else_branch`, `cond` before `body`. */
export function bodyReferences({ op, name, attributes }: NodeDef): BodyReference[] {
  if (op.endsWith('Case')) {
    const branches = attributes.get('branches');
    if (branches?.kind !== 'list' || branches.value.length === 0) throw withoutBody(name, 'branches');
    return branches.value.map((branch, i) => ({
      name: `branch_${i}`,
      reference: functionOf(branch, name, 'branches'),
    }));
  }
  const names = op.endsWith('While') ? ['cond', 'body'] : ['then_branch', 'else_branch'];
  return names.map((body) => ({ name: body, reference: functionOf(attributes.get(body), name, body) }));
}

function functionOf(attribute: AttributeValue | undefined, node: string, name: string): FunctionReference {
  if (attribute?.kind !== 'function') throw withoutBody(node, name);
  return attribute.value;
}

function withoutBody(node: string, name: string): ServingError {
  return new ServingError('DATA_LOSS', `Node "${node}" has no function in its attribute "${name}"`);
}

/** The branch that an `If` or `Case` takes whenever it runs: that of a constant predicate. */
export function decidedBranch(op: string, { node }: Endpoint, branches: number): number | undefined {
  if (node.op !== 'Const' || !node.constant || node.constant.shape.length > 0) return undefined;
  const value: unknown = node.constant.tensor().data.at(0);
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const index = Number(value);
  if (!op.endsWith('Case')) return index !== 0 ? 0 : 1;
  return index >= 0 && index < branches ? index : branches - 1;
}

/** Instantiates the bodies of a node whose inputs are known. */
export function openBodies(importer: ImportSession, node: GraphNode, scope: Scope, definition: NodeDef): ControlNode {
  const firstInput = node.op === 'While' ? 0 : 1;
  const subgraphs: Record<string, Subgraph> = {};
  const guards: Record<string, Guard[]> = {};
  for (const { name, reference } of bodyReferences(definition)) {
    const state = node.inputs.slice(firstInput).map(({ node: source, index }) => source.outputs[index]);
    const region = { guards: [] as Guard[] };
    const body = importer.openFunction(
      scope,
      reference,
      `${definition.name}/${name}`,
      state.map((_, i) => ({ node: argumentNode(node, name, i), index: 0 })),
      region,
    );
    const declared = body.definition!.arguments;
    if (declared.length !== state.length) {
      throw new ServingError(
        'DATA_LOSS',
        `Node "${node.name}" passes ${state.length} arguments to function "${reference.name}", which takes ${declared.length}`,
      );
    }
    const nodes = declared.map((argument, i) => {
      const source = body.argument(argument.name);
      const made = source && 'node' in source ? source.node : argumentNode(node, name, i);
      const listed = listedType(node, i);
      const dtype: DataType = listed ?? argument.dtype ?? state[i]?.dtype ?? 'invalid';
      made.outputs = [{ dtype, shape: argumentShape(argument.attributes.get('_output_shapes')) }];
      return made;
    });
    guards[name] = region.guards;
    subgraphs[name] = {
      arguments: nodes,
      results: body.definition!.results.map((result) => importer.resolve(body, result)),
    };
  }
  node.subgraphs = subgraphs;
  return { node, outerGuards: scope.region.guards, guards };
}

function argumentNode(node: GraphNode, body: string, index: number): GraphNode {
  return {
    op: '_Argument',
    name: `${node.name}/${body}/argument_${index}`,
    attributes: new Map(),
    inputs: [],
    outputs: [],
  };
}

function listedType({ op, attributes }: GraphNode, index: number): DataType | undefined {
  const types = attributes.get(op === 'While' ? 'T' : 'Tin');
  const type = types?.kind === 'list' ? types.value[index] : undefined;
  return type?.kind === 'type' ? type.value : undefined;
}

function argumentShape(attribute: AttributeValue | undefined): PartialShape {
  const shape = attribute?.kind === 'list' ? attribute.value[0] : attribute;
  return shape?.kind === 'shape' ? shape.value : undefined;
}
