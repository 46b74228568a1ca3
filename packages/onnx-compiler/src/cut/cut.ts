/** Cuts a signature into stages of TypeScript and ONNX models. */
import type { ModelPart, PlacedEndpoint } from '../emit/model-part.js';
import type { ConstantValue, Endpoint, GraphNode, Guard, SignatureGraph } from '../graph/graph.js';
import { NodeDependencies } from '../graph/node-dependencies.js';
import { graphRoots } from '../graph/node-order.js';
import type { KernelFactory } from '../kernels/kernel.js';
import type { KernelStep, Refusal, ValueId } from '../program/program.js';
import { groupBy } from './group-by.js';
import { guardEndpoints, guardStep } from './guard-step.js';
import { kernelStep } from './kernel-step.js';
import { assignPhases, type Phases } from './phases.js';
import { isSource } from './stage-operations.js';
import { ValuePlaces } from './value-places.js';

/** More alternations between arithmetic and strings than this are refused. */
const MAX_MODELS = 3;

/** A part of a signature that becomes an ONNX model. */
interface CutModel {
  readonly kind: 'part';
  readonly part: ModelPart;
}

/** A signature as a sequence of stages and models. */
export interface CutResult {
  /** In the order in which they run. */
  readonly steps: readonly (KernelStep | CutModel)[];
  /** The place of each input of the signature. */
  readonly inputs: readonly ValueId[];
  /** The place of each output, or its value where it is a constant. */
  readonly outputs: readonly (ValueId | ConstantValue)[];
  readonly valueCount: number;
}

/** What {@link cut} asks about operations. */
export interface CutOptions {
  readonly kernelFor: (op: string) => KernelFactory | undefined;
  readonly hasEmitter: (op: string) => boolean;
}

/** Cuts a signature. Nodes that can run neither in TypeScript nor in ONNX are left in a model, whose writer refuses them. */
export function cut(graph: SignatureGraph, options: CutOptions, refusals: Refusal[]): CutResult {
  return new Cutter(graph, options, refusals).result();
}

class Cutter {
  readonly #graph: SignatureGraph;
  readonly #options: CutOptions;
  readonly #refusals: Refusal[];
  readonly #places = new ValuePlaces();
  readonly #dependencies: NodeDependencies;
  readonly #phases: Phases;

  constructor(graph: SignatureGraph, options: CutOptions, refusals: Refusal[]) {
    this.#graph = graph;
    this.#options = options;
    this.#refusals = refusals;
    const guards = graph.guards.flatMap(guardEndpoints);
    this.#dependencies = new NodeDependencies(
      [...guards, ...graphRoots(graph)],
      graph.inputs.map(({ node }) => node),
    );
    this.#phases = assignPhases(this.#dependencies, {
      hasKernel: (op) => options.kernelFor(op) !== undefined,
      hasEmitter: options.hasEmitter,
    });
  }

  result(): CutResult {
    const inputs = this.#graph.inputs.map(({ node }) => this.#places.of({ node, index: 0 }));
    const work = this.#dependencies.order.filter((node) => !isSource(node));
    const byPhase = groupBy(work, (node) => this.#phase(node));
    const guards = groupBy(this.#graph.guards, (guard) => this.#guardPhase(guard));
    const phases = [...new Set([...byPhase.keys(), ...guards.keys()])].sort((a, b) => a - b);
    const models = phases.filter((phase) => phase % 2 === 1);
    if (models.length > MAX_MODELS) this.#refuseAlternation(byPhase.get(models[MAX_MODELS]!)![0]!, models.length);
    const steps = phases.flatMap((phase): (KernelStep | CutModel)[] => {
      const [nodes, own] = [byPhase.get(phase) ?? [], guards.get(phase) ?? []];
      return phase % 2 === 0 ? this.#stage(nodes, own) : [this.#model(phase, nodes, own)];
    });
    const outputs = this.#graph.outputs.map(({ source }) => source.node.constant ?? this.#places.of(source));
    return { steps, inputs, outputs, valueCount: this.#places.count };
  }

  #phase(node: GraphNode): number {
    return this.#phases.get(node) ?? 0;
  }

  /** A guard is part of the model that has all of it, as numbers; else it is checked in the stage after all of it. */
  #guardPhase(guard: Guard): number {
    const endpoints = guardEndpoints(guard);
    const latest = Math.max(...endpoints.map(({ node }) => this.#phase(node)));
    if (latest % 2 === 0) return latest;
    return endpoints.every(({ node, index }) => node.outputs[index]!.dtype !== 'string') ? latest : latest + 1;
  }

  #refuseAlternation({ op, name }: GraphNode, models: number): void {
    this.#refusals.push({
      op,
      node: name,
      reason: `arithmetic and strings alternate: ${models} models, at most ${MAX_MODELS} are supported`,
    });
  }

  /** The steps of a stage, each guard as soon as it can be checked. */
  #stage(nodes: readonly GraphNode[], guards: readonly Guard[]): KernelStep[] {
    const building = { kernelFor: this.#options.kernelFor, refusals: this.#refusals };
    const waiting = new Set(nodes);
    let open = guards;
    const steps: KernelStep[] = [];
    const check = () => {
      const ready = (guard: Guard) => guardEndpoints(guard).every(({ node }) => !waiting.has(node));
      steps.push(...open.filter(ready).map((guard) => guardStep(guard, this.#places)));
      open = open.filter((guard) => !ready(guard));
    };
    check();
    for (const node of nodes) {
      const step = kernelStep(node, this.#dependencies.captures(node), this.#places, building);
      if (step !== undefined) steps.push(step);
      waiting.delete(node);
      if (open.length > 0) check();
    }
    return steps;
  }

  #model(phase: number, nodes: readonly GraphNode[], guards: readonly Guard[]): CutModel {
    const inside = new Set(nodes);
    const needs = [...nodes.flatMap((node) => this.#dependencies.of(node)), ...guards.flatMap(guardEndpoints)];
    const inputs = needs.filter(({ node }) => node.op !== 'Const' && !inside.has(node));
    return {
      kind: 'part',
      part: { inputs: this.#placed(inputs), outputs: this.#placed(this.#usedLater(inside, phase)), guards },
    };
  }

  /** What other phases, guards of stages and the caller need of a model's nodes. */
  #usedLater(inside: ReadonlySet<GraphNode>, phase: number): Endpoint[] {
    const later = this.#dependencies.order.filter((node) => !isSource(node) && this.#phase(node) > phase);
    const guards = this.#graph.guards.filter((guard) => this.#guardPhase(guard) > phase);
    return [
      ...this.#graph.outputs.map(({ source }) => source),
      ...later.flatMap((node) => this.#dependencies.of(node)),
      ...guards.flatMap(guardEndpoints),
    ].filter(({ node }) => inside.has(node));
  }

  #placed(endpoints: readonly Endpoint[]): PlacedEndpoint[] {
    const placed = new Map<ValueId, PlacedEndpoint>();
    for (const source of endpoints) {
      const value = this.#places.of(source);
      if (!placed.has(value)) placed.set(value, { source, value });
    }
    return [...placed.values()];
  }
}
