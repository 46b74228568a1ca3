/** Bodies of control flow as programs of kernels. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { Endpoint, GraphNode, Subgraph } from '../../graph/graph.js';
import { NodeDependencies } from '../../graph/node-dependencies.js';
import type { Refusal } from '../../program/program.js';
import { integerOf } from '../elements/numbers.js';
import { isTrue } from '../elements/shown-values.js';
import type { Kernel, KernelContext, KernelFactory } from '../kernel.js';

/** What building kernels of bodies needs. */
export interface BodyBuilding {
  readonly kernelFor: (op: string) => KernelFactory | undefined;
  /** Takes the reasons for nodes that can't run in TypeScript. */
  readonly refusals: Refusal[];
}

interface BodyStep {
  readonly kernel: Kernel;
  readonly context: KernelContext;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A body that can run. */
class BodyProgram {
  readonly #steps: BodyStep[] = [];
  /** Values before a run: constants, with places for the rest. */
  readonly #values: (Tensor | undefined)[] = [];
  readonly #places = new Map<GraphNode, number[]>();
  readonly #arguments: readonly number[];
  readonly #captures: readonly number[];
  readonly #results: readonly number[];

  constructor(body: Subgraph, captures: readonly Endpoint[], building: BodyBuilding) {
    this.#arguments = body.arguments.map((node) => this.#place({ node, index: 0 }));
    this.#captures = captures.map((capture) => this.#place(capture));
    const dependencies = new NodeDependencies(body.results, [...body.arguments, ...captures.map(({ node }) => node)]);
    for (const node of dependencies.order)
      if (node.op !== 'Const') this.#add(node, dependencies.captures(node), building);
    this.#results = body.results.map((result) => this.#place(result));
  }

  /** Runs the body. */
  run(inputs: readonly Tensor[], captured: readonly Tensor[]): Tensor[] {
    const values = [...this.#values];
    for (const [i, place] of this.#arguments.entries()) values[place] = inputs[i]!;
    for (const [i, place] of this.#captures.entries()) values[place] = captured[i]!;
    for (const { kernel, context, inputs: from, outputs } of this.#steps) {
      const results = kernel(
        from.map((place) => values[place]!),
        context,
      );
      for (const [i, place] of outputs.entries()) values[place] = results[i];
    }
    return this.#results.map((place) => values[place]!);
  }

  #place({ node, index }: Endpoint): number {
    const places = this.#places.get(node) ?? [];
    this.#places.set(node, places);
    if (places[index] === undefined) {
      places[index] = this.#values.length;
      this.#values.push(node.constant?.tensor());
    }
    return places[index];
  }

  #add(node: GraphNode, captures: readonly Endpoint[], building: BodyBuilding): void {
    const inputs = [...node.inputs, ...captures];
    const constants = inputs.map((input) => input.node.constant?.tensor());
    const context: KernelContext = { attributes: node.attributes, node: node.name, table: node.table, constants };
    const kernel = makeNodeKernel(node, captures, context, building);
    if (kernel === undefined) return;
    this.#steps.push({
      kernel,
      context,
      inputs: inputs.map((input) => this.#place(input)),
      outputs: node.outputs.map((_, index) => this.#place({ node, index })),
    });
  }
}

/** The kernel of a node, or `undefined` with the reason among the refusals. `captures` follow the node's inputs. */
export function makeNodeKernel(
  node: GraphNode,
  captures: readonly Endpoint[],
  context: KernelContext,
  building: BodyBuilding,
): Kernel | undefined {
  const refuse = (reason: string) => {
    building.refusals.push({ op: node.op, node: node.name, reason });
    return undefined;
  };
  if (node.subgraphs !== undefined) return controlKernelFor(node, captures, building);
  const factory = building.kernelFor(node.op);
  if (factory === undefined) return refuse('no ONNX operator');
  try {
    return factory(context);
  } catch (error) {
    return refuse(ServingError.from(error).message);
  }
}

type Branch = (chosen: readonly Tensor[], captured: readonly Tensor[]) => Tensor[];

/**
 * The kernel of `While`, `If` or `Case`. What its bodies use from around them follows the node's inputs. Nodes of bodies that can't run are
 * added to the refusals.
 */
function controlKernelFor(node: GraphNode, captures: readonly Endpoint[], building: BodyBuilding): Kernel | undefined {
  const before = building.refusals.length;
  const bodies = new Map(
    Object.entries<Subgraph>(node.subgraphs!).map(([name, body]) => [name, new BodyProgram(body, captures, building)]),
  );
  if (building.refusals.length > before) return undefined;
  const own = node.inputs.length;
  const body = (name: string): Branch => {
    const program = bodies.get(name);
    if (program === undefined)
      throw new ServingError('INVALID_ARGUMENT', `${node.op} (node ${node.name}) has no ${name}`);
    return (inputs, captured) => program.run(inputs, captured);
  };
  if (node.op === 'While') return whileKernel(body('cond'), body('body'), own);
  if (node.op === 'If') {
    const [then, otherwise] = [body('then_branch'), body('else_branch')];
    return (inputs) => (isTrue(inputs[0]!) ? then : otherwise)(inputs.slice(1, own), inputs.slice(own));
  }
  const branches = [...bodies.keys()].map((_, i) => body(`branch_${i}`));
  return (inputs) => {
    const index = integerOf(inputs[0]!);
    const branch = branches[index] ?? branches.at(-1)!;
    return branch(inputs.slice(1, own), inputs.slice(own));
  };
}

function whileKernel(condition: Branch, body: Branch, own: number): Kernel {
  return (inputs) => {
    const captured = inputs.slice(own);
    let state = inputs.slice(0, own);
    while (isTrue(condition(state, captured)[0]!)) state = body(state, captured);
    return state;
  };
}
