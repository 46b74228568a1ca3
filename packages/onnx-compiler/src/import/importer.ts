/** Instantiates the nodes that some tensors of a graph depend on, with calls inlined. */
import { ServingError } from '@serving/core';
import type { Attributes, FunctionReference } from '../graph/attributes.js';
import type { Endpoint, GraphNode, Guard } from '../graph/graph.js';
import { inputCount, opDef, outputIndex, withDefaults } from '../op-defs/op-def.js';
import type { Refusal } from '../program/program.js';
import type { MetaGraphDef } from '../saved-model/meta-graph-def.js';
import type { NodeDef } from '../saved-model/node-def.js';
import { bodyReferences, type ControlNode, decidedBranch, openBodies } from './control/control-bodies.js';
import { effectRefusal, isAlias, isCall, isControlFlow, runsUnasked } from './effects.js';
import { addGuards } from './guards.js';
import { ImportBudget } from './import-budget.js';
import type { ImportSession, Place } from './import-session.js';
import { makeInstance } from './node-instance.js';
import { type ArgumentSource, type Region, Scope } from './scope.js';
import { controlInput, dataInputs, fullTensorName, parseTensorName } from './tensor-name.js';

/** What an import starts with. */
export interface ImportOptions {
  /** Tensors of the graph that are replaced, by full name. */
  readonly feeds: ReadonlyMap<string, Endpoint>;
  /** Called for a node that changes state; otherwise such a node is refused. */
  readonly onStateChange?: (place: Place) => void;
}

/**
 * Nodes are made when a tensor that needs them is resolved, and get their inputs from a list of work, so that the depth of a graph
 * costs no stack. Names that give their input as it is, such as `Identity`, are looked through. Beside data, the
 * import follows control edges to what else runs: conditions become guards, changes of state are refused.
 */
export class Importer implements ImportSession {
  readonly root: Scope;
  /** Of the graph itself, not of bodies of control flow. */
  readonly guards: Guard[] = [];
  readonly refusals: Refusal[] = [];
  /** In the order in which they were found: outer ones first. */
  readonly controlNodes: ControlNode[] = [];
  /** Where nodes come from. */
  readonly places: Map<GraphNode, Place> = new Map();
  readonly #metaGraph: MetaGraphDef;
  readonly #options: ImportOptions;
  readonly #budget = new ImportBudget();
  readonly #names = new Set<string>();
  readonly #work: (() => void)[] = [];

  constructor(metaGraph: MetaGraphDef, options: ImportOptions) {
    this.#metaGraph = metaGraph;
    this.#options = options;
    this.root = new Scope({ nodes: metaGraph.nodes, region: { guards: this.guards } });
  }

  /** The tensor of a name in the graph itself. {@link finish} completes the nodes behind it. */
  tensor(name: string): Endpoint {
    return this.resolve(this.root, fullTensorName(name));
  }

  /** Makes a node of the graph run, as a target of a session does. */
  run(name: string): void {
    const { node } = parseTensorName(name);
    this.visit(this.root, node);
  }

  /** Works until every node has its inputs. */
  finish(): void {
    for (let work = this.#work.pop(); work; work = this.#work.pop()) work();
  }

  refuse(op: string, node: string, reason: string): void {
    if (this.refusals.some((known) => known.node === node && known.reason === reason)) return;
    this.refusals.push({ op, node, reason });
  }

  /** The tensor that a node of `scope` names. */
  resolve(scope: Scope, tensor: string): Endpoint {
    let place = { scope, tensor };
    for (let steps = 0; steps < MAX_ALIASES; steps++) {
      const found = this.#step(place.scope, place.tensor);
      if ('node' in found) return found;
      place = found;
    }
    throw new ServingError('DATA_LOSS', `Tensor "${tensor}" is its own input`);
  }

  /** The tensor itself, or another name of it. */
  #step(scope: Scope, tensor: string): Endpoint | { readonly scope: Scope; readonly tensor: string } {
    const { node: name, output, index } = parseTensorName(tensor);
    const argument = scope.argument(name);
    if (argument) return argument;
    const definition = this.#definition(scope, name);
    const flat = output === undefined ? index : this.#outputIndex(scope, definition, output, index);
    const fed = scope === this.root ? this.#options.feeds.get(`${name}:${flat}`) : undefined;
    if (fed) return fed;
    this.visit(scope, name);
    if (isAlias(definition.op)) {
      const inputs = dataInputs(definition.inputs);
      const input = inputs[definition.op === 'IdentityN' ? flat : 0];
      if (input === undefined) throw missing(definition, 'input');
      return { scope, tensor: input };
    }
    const body = this.callBody(scope, definition);
    if (body) {
      const result = body.definition!.results[flat];
      if (result === undefined) throw missing(definition, `output ${flat}`);
      return { scope: body, tensor: result };
    }
    return this.#output(this.instance(scope, definition), flat);
  }

  #output(node: GraphNode, index: number): Endpoint {
    if (index < 0) throw new ServingError('DATA_LOSS', `An output of node "${node.name}" has an unreadable index`);
    if (index >= node.outputs.length) {
      if (opDef(node.op))
        throw new ServingError('DATA_LOSS', `Node "${node.name}" (${node.op}) has no output ${index}`);
      if (index > 1000) throw new ServingError('DATA_LOSS', `Node "${node.name}" has no output ${index}`);
      // An unknown operation, which is refused anyway.
      while (node.outputs.length <= index) node.outputs.push({ dtype: 'invalid', shape: undefined });
    }
    return { node, index };
  }

  #definition(scope: Scope, name: string): NodeDef {
    const definition = scope.nodes.get(name);
    if (!definition)
      throw new ServingError('DATA_LOSS', `The graph names node "${scope.prefix}${name}", which it lacks`);
    return definition;
  }

  #outputIndex(scope: Scope, definition: NodeDef, output: string, index: number): number {
    const known = opDef(definition.op);
    // Calls of functions by their name, and unknown operations, are taken to have one output.
    if (!known) return index;
    return outputIndex(known, this.attributesOf(scope, definition), output, index);
  }

  /** Attributes with bindings of the call and defaults. */
  attributesOf(scope: Scope, { op, attributes }: NodeDef): Attributes {
    const bound = scope.bound(attributes);
    const known = opDef(op);
    return known ? withDefaults(known, bound) : bound;
  }

  /** The body of a call, or of control flow that is decided when the graph is read; `undefined` for other nodes. */
  callBody(scope: Scope, definition: NodeDef): Scope | undefined {
    const known = scope.calls.get(definition.name);
    if (known) return known;
    const callee = this.#callee(scope, definition);
    if (!callee) return undefined;
    const { name, bindings, firstInput } = callee;
    const sources = dataInputs(definition.inputs)
      .slice(firstInput)
      .map((tensor) => ({ scope, tensor }));
    const body = this.openFunction(scope, { name, attributes: bindings }, definition.name, sources, scope.region);
    scope.calls.set(definition.name, body);
    return body;
  }

  /** A new instance of a function whose stateful nodes run. */
  openFunction(
    parent: Scope,
    { name, attributes }: FunctionReference,
    label: string,
    sources: readonly ArgumentSource[],
    region: Region,
  ): Scope {
    const path = [...parent.callPath, name];
    if (path.length > MAX_CALL_DEPTH) {
      throw new ServingError('UNIMPLEMENTED', `functions call each other more than ${MAX_CALL_DEPTH} levels deep`);
    }
    if (path.indexOf(name) < path.length - 1) {
      const cycle = path.slice(path.indexOf(name)).join(' → ');
      throw new ServingError('UNIMPLEMENTED', `function ${name} calls itself: ${cycle}`);
    }
    const definition = this.#metaGraph.functions.get(name);
    const body = new Scope({
      nodes: definition.nodes,
      region,
      prefix: `${parent.prefix}${label}/`,
      call: { parent, definition, bindings: parent.bound(attributes), sources },
    });
    for (const result of definition.controlResults) this.visit(body, result);
    for (const { name: node, op } of definition.nodes.values()) {
      if (runsUnasked(op) || this.#metaGraph.functions.has(op)) this.visit(body, node);
    }
    return body;
  }

  #callee(
    scope: Scope,
    definition: NodeDef,
  ): { readonly name: string; readonly bindings: Attributes; readonly firstInput: number } | undefined {
    const { op, attributes } = definition;
    if (isCall(op)) {
      const callee = attributes.get('f');
      if (callee?.kind !== 'function') throw missing(definition, 'attribute "f"');
      return { name: callee.value.name, bindings: callee.value.attributes, firstInput: 0 };
    }
    if (this.#metaGraph.functions.has(op)) return { name: op, bindings: attributes, firstInput: 0 };
    if (!isControlFlow(op) || op.endsWith('While')) return undefined;
    const branches = bodyReferences(definition);
    const chosen = this.#decided(scope, definition, branches.length);
    const branch = chosen === undefined ? undefined : branches[chosen];
    return branch && { name: branch.reference.name, bindings: branch.reference.attributes, firstInput: 1 };
  }

  /** The branch of an `If` or `Case` whose predicate is a constant. */
  #decided(scope: Scope, definition: NodeDef, branches: number): number | undefined {
    const [predicate] = dataInputs(definition.inputs);
    if (predicate === undefined) throw missing(definition, 'predicate');
    return decidedBranch(definition.op, this.resolve(scope, predicate), branches);
  }

  /** The node itself. Its inputs follow in {@link finish}. */
  instance(scope: Scope, definition: NodeDef): GraphNode {
    const known = scope.instances.get(definition.name);
    if (known) return known;
    const name = this.#uniqueName(scope.prefix + definition.name);
    const node = makeInstance(name, definition.op, this.attributesOf(scope, definition));
    scope.instances.set(definition.name, node);
    this.places.set(node, { scope, definition });
    this.#work.push(() => this.#fill(node, scope, definition));
    return node;
  }

  #uniqueName(name: string): string {
    let unique = name;
    for (let i = 1; this.#names.has(unique); i++) unique = `${name}__${i}`;
    this.#names.add(unique);
    return unique;
  }

  #fill(node: GraphNode, scope: Scope, definition: NodeDef): void {
    checkInputCount(definition, node.attributes);
    for (const input of dataInputs(definition.inputs)) node.inputs.push(this.resolve(scope, input));
    if (isControlFlow(definition.op)) this.controlNodes.push(openBodies(this, node, scope, definition));
  }

  /** Notes that a node runs; what that entails follows in {@link finish}. */
  visit(scope: Scope, name: string): void {
    if (scope.visited.has(name)) return;
    scope.visited.add(name);
    this.#budget.take(scope.definition?.name ?? 'the graph');
    this.#work.push(() => this.#runNode(scope, this.#definition(scope, name)));
  }

  #runNode(scope: Scope, definition: NodeDef): void {
    const { op, name, inputs } = definition;
    const effect = effectRefusal(op);
    if (effect !== undefined) {
      if (this.#options.onStateChange) this.#options.onStateChange({ scope, definition });
      else this.refuse(op, scope.prefix + name, effect);
    }
    addGuards(this, scope, definition);
    if (!this.callBody(scope, definition) && isControlFlow(op)) this.instance(scope, definition);
    for (const input of inputs) {
      const target = controlInput(input) ?? this.#producer(scope, input);
      if (target !== undefined) this.visit(scope, target);
    }
  }

  /** The node that a data input makes run; `undefined` for arguments and fed tensors. */
  #producer(scope: Scope, tensor: string): string | undefined {
    const { node, output, index } = parseTensorName(tensor);
    if (scope.argument(node)) return undefined;
    if (scope !== this.root) return node;
    return output === undefined && this.#options.feeds.has(`${node}:${index}`) ? undefined : node;
  }
}

/** Far more than exporters write. */
const MAX_CALL_DEPTH = 200;

/** More than any tensor has names. */
const MAX_ALIASES = 200_000;

function missing({ name, op }: NodeDef, what: string): ServingError {
  return new ServingError('DATA_LOSS', `Node "${name}" (${op}) has no ${what}`);
}

function checkInputCount({ name, op, inputs }: NodeDef, attributes: Attributes): void {
  const known = opDef(op);
  if (!known) return;
  const [given, wanted] = [dataInputs(inputs).length, inputCount(known, attributes)];
  if (given !== wanted) {
    throw new ServingError('DATA_LOSS', `Node "${name}" (${op}) has ${given} inputs; the operation takes ${wanted}`);
  }
}
