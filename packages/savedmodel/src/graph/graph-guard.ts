/** Keeps inputs from a graph with which an operation of it would end the process. */
import { ServingError, type Signature, type SignatureDef } from '@serving/core';
import { formatPartialShape, isCompatibleShape, type NamedTensors, type Tensor } from '@serving/core/tensor';
import type { GraphOutline } from '@serving/protos';
import { parseTensorName } from './graph-body.js';
import { both, formatRequirement, isMet, ofRank, type ShapeRequirement } from './shape-requirement.js';
import { findTensorDemands } from './tensor-demands.js';

/** The inputs of a signature that are looked at before each run. */
export interface SignatureGuard {
  readonly requirements: readonly InputRequirement[];
}

interface InputRequirement {
  readonly alias: string;
  readonly requirement: ShapeRequirement;
}

/** What must hold of each tensor of a graph that can be fed. Keeps nothing of the graph but that. */
export class GraphGuard {
  readonly #place: string;
  /** Of those tensors that reach such an operation, by `node:index`; their known ranks included. */
  readonly #requirements: ReadonlyMap<string, ShapeRequirement>;

  /** @param model named in errors. */
  constructor(graph: GraphOutline, model: string | undefined) {
    this.#place = model === undefined ? '' : ` of model "${model}"`;
    const requirements = new Map(findTensorDemands(graph));
    for (const { name, outputShapes } of graph.nodes) {
      for (const [index, shape] of outputShapes.entries()) {
        const demand = requirements.get(`${name}:${index}`);
        if (demand && shape) requirements.set(`${name}:${index}`, withRank(demand, shape.length));
      }
    }
    this.#requirements = requirements;
  }

  /** What to look at before each run of a signature; `undefined` when any shape will do. */
  forSignature({ inputs }: Signature, def: SignatureDef): SignatureGuard | undefined {
    const requirements: InputRequirement[] = [];
    for (const [alias, { shape }] of inputs) {
      const demand = this.#requirementOf(def.inputs.get(alias)?.name);
      if (!demand) continue;
      const requirement = shape ? withRank(demand, shape.length) : demand;
      if (!takesAll(requirement)) requirements.push({ alias, requirement });
    }
    return requirements.length > 0 ? { requirements } : undefined;
  }

  /** @throws ServingError `INVALID_ARGUMENT` for inputs that would end the process. */
  checkInputs({ requirements }: SignatureGuard, signature: Signature, inputs: NamedTensors): void {
    for (let i = 0; i < requirements.length; i++) {
      const { alias, requirement } = requirements[i]!;
      const shape = inputs[alias]?.shape;
      if (shape === undefined || isMet(requirement, shape)) continue;
      const declared = signature.inputs.get(alias)?.shape;
      const expected = isCompatibleShape(shape, declared)
        ? formatRequirement(requirement)
        : formatPartialShape(declared);
      throw this.#refusal(`Input "${alias}"`, shape, `signature "${signature.name}"`, expected);
    }
  }

  /** {@link checkInputs} for tensors by their names in the graph. */
  checkFeeds(feeds: ReadonlyMap<string, Tensor>): void {
    for (const [name, { shape }] of feeds) {
      const requirement = this.#requirementOf(name);
      if (!requirement || isMet(requirement, shape)) continue;
      throw this.#refusal(`Tensor "${name}"`, shape, 'the graph', formatRequirement(requirement));
    }
  }

  #requirementOf(tensor: string | undefined): ShapeRequirement | undefined {
    const parsed = tensor === undefined ? undefined : parseTensorName(tensor);
    return parsed && this.#requirements.get(`${parsed.node}:${parsed.index}`);
  }

  #refusal(what: string, shape: readonly number[], who: string, expected: string): ServingError {
    return new ServingError(
      'INVALID_ARGUMENT',
      `${what}${this.#place} has shape [${shape}]; ${who} expects ${expected}.`,
    );
  }
}

/** The declared rank counts where it is another. */
function withRank(demand: ShapeRequirement, rank: number): ShapeRequirement {
  return rank < demand.minRank || rank > demand.maxRank ? ofRank(rank) : both(ofRank(rank), demand);
}

function takesAll({ minRank, maxRank, minSizes, isNonEmpty }: ShapeRequirement): boolean {
  return minRank === 0 && maxRank === Number.POSITIVE_INFINITY && !minSizes && !isNonEmpty;
}
