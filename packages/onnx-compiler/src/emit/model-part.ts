/** The part of a signature that becomes one ONNX model. */
import type { Endpoint, Guard } from '../graph/graph.js';
import type { ValueId } from '../program/program.js';

/** An endpoint with its place in a run. */
export interface PlacedEndpoint {
  readonly source: Endpoint;
  readonly value: ValueId;
  /** Its name in the model, which is then described with its shape. Default: a short one. */
  readonly name?: string;
  /** Whether its first dimension is the batch, which named inputs and outputs share. Default: false. */
  readonly hasRows?: boolean;
}

/** Nodes between `inputs` and `outputs`. Every endpoint is written once; without names none of the outputs is an input or a constant. */
export interface ModelPart {
  readonly inputs: readonly PlacedEndpoint[];
  readonly outputs: readonly PlacedEndpoint[];
  readonly guards: readonly Guard[];
}
