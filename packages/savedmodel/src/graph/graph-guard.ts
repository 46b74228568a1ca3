/** Keeps inputs from a graph with which an operation of it would end the process. */
import { ServingError } from '@serving/core';
import type { Signature, SignatureDef, SignatureDefMap } from '@serving/core/extend';
import { formatPartialShape, isCompatibleShape, type NamedTensors, type Tensor } from '@serving/core/tensor';
import type { GraphOutline } from '@serving/protos/saved-model';
import { parseTensorName } from './graph-body.js';
import { formatRequirement, isMet, type ShapeRequirement } from './shape-requirement.js';
import { TensorDemandSearch, type TensorDemands, withRank } from './tensor-demands.js';

/** An input that is checked before each run of its signature. */
interface InputRequirement {
  readonly alias: string;
  readonly requirement: ShapeRequirement;
}

/** The requirements of a graph on the tensors that are fed, as plain data. */
export interface GraphGuardFacts {
  /** Of those signatures that have any. */
  readonly ofSignatures: ReadonlyMap<string, readonly InputRequirement[]>;
  /** For runs of whatever tensors. */
  readonly demands: TensorDemands;
  /** The graph, kept where a demand depends on what is fetched. */
  readonly graph: GraphOutline | undefined;
}

/** Goes through the graph once. */
export function guardFactsOf(
  graph: GraphOutline,
  signatures: ReadonlyMap<string, Signature>,
  defs: SignatureDefMap,
): GraphGuardFacts {
  const search = new TensorDemandSearch(graph);
  const demands = search.find();
  const ofSignatures = new Map<string, readonly InputRequirement[]>();
  if (demands.size > 0) {
    for (const [name, signature] of signatures) {
      const requirements = requirementsOf(signature, defs.get(name)!, search);
      if (requirements.length > 0) ofSignatures.set(name, requirements);
    }
  }
  return { ofSignatures, demands, graph: search.hasContradictions ? graph : undefined };
}

/** What must hold of the tensors of a graph that are fed, by signatures and by their names. */
export class GraphGuard {
  readonly #place: string;
  readonly #ofSignatures: GraphGuardFacts['ofSignatures'];
  readonly #demands: TensorDemands;
  readonly #search: TensorDemandSearch | undefined;

  /** @param model named in errors. */
  constructor({ ofSignatures, demands, graph }: GraphGuardFacts, model: string | undefined) {
    this.#place = model === undefined ? '' : ` of model "${model}"`;
    this.#ofSignatures = ofSignatures;
    this.#demands = demands;
    this.#search = graph && new TensorDemandSearch(graph);
  }

  /** Whether the inputs of this signature have requirements. */
  guards(name: string): boolean {
    return this.#ofSignatures.has(name);
  }

  /** @throws ServingError `INVALID_ARGUMENT` for inputs of a signature that would end the process. */
  checkInputs(signature: Signature, inputs: NamedTensors): void {
    const requirements = this.#ofSignatures.get(signature.name);
    if (requirements === undefined) return;
    for (let i = 0; i < requirements.length; i++) {
      const { alias, requirement } = requirements[i]!;
      const shape = inputs[alias]?.shape;
      if (shape === undefined || isMet(requirement, shape)) continue;
      const declared = signature.inputs.get(alias)?.shape;
      const isDeclared = isCompatibleShape(shape, declared);
      const expected = isDeclared ? formatRequirement(requirement) : formatPartialShape(declared);
      throw this.#refusal(`Input "${alias}"`, shape, `signature "${signature.name}"`, expected);
    }
  }

  /** The requirements on the tensors that can be fed when these are fetched, for {@link checkFeeds}. */
  demandsOfRun(fetches: readonly string[]): TensorDemands {
    return this.#search?.find(fetches) ?? this.#demands;
  }

  /** {@link checkInputs} for tensors by their names in the graph. */
  checkFeeds(demands: TensorDemands, feeds: ReadonlyMap<string, Tensor>): void {
    for (const [name, { shape }] of feeds) {
      const demand = demandOn(name, demands);
      if (!demand || isMet(demand, shape)) continue;
      throw this.#refusal(`Tensor "${name}"`, shape, 'the graph', formatRequirement(demand));
    }
  }

  #refusal(what: string, shape: readonly number[], who: string, expected: string): ServingError {
    return new ServingError(
      'INVALID_ARGUMENT',
      `${what}${this.#place} has shape [${shape}]; ${who} expects ${expected}.`,
    );
  }
}

function requirementsOf(
  { inputs }: Signature,
  { inputs: infos, outputs }: SignatureDef,
  search: TensorDemandSearch,
): readonly InputRequirement[] {
  const demands = search.find(Array.from(outputs.values(), ({ name = '' }) => name));
  return Array.from(inputs).flatMap(([alias, { shape }]) => {
    const demand = demandOn(infos.get(alias)?.name, demands);
    if (!demand) return [];
    const requirement = withRank(demand, shape);
    return takesAll(requirement) ? [] : [{ alias, requirement }];
  });
}

function demandOn(tensor: string | undefined, demands: TensorDemands): ShapeRequirement | undefined {
  const parsed = tensor === undefined ? undefined : parseTensorName(tensor);
  return parsed && demands.get(`${parsed.node}:${parsed.index}`);
}

function takesAll({ minRank, maxRank, minSizes, isNonEmpty }: ShapeRequirement): boolean {
  return minRank === 0 && maxRank === Number.POSITIVE_INFINITY && !minSizes && !isNonEmpty;
}
