/** A request that fits its model, and its answer. */
import type { Version } from '@serving/core';
import type { Signature } from '@serving/core/extend';
import type { NamedTensors } from '@serving/core/tensor';
import type { Datatype } from './datatype.js';
import type { RequestParameters } from './parameters.js';

/** An output that an answer has. */
export interface ChosenOutput {
  readonly name: string;
  readonly datatype: Datatype;
  /** Whether it is binary; `undefined` where its request does not set it. */
  readonly binary: boolean | undefined;
  /** Whether the strings of its JSON are base64. */
  readonly base64: boolean;
}

/** The part of a request that does not depend on the values of the inputs. */
export interface InferChoice {
  readonly signature: Signature;
  readonly parameters: RequestParameters;
  /** In the order of the answer. */
  readonly outputs: readonly ChosenOutput[];
  /** The names of the outputs; `undefined` for all. */
  readonly filter: readonly string[] | undefined;
}

/** A request that fits its model. */
export interface CheckedRequest {
  /** `''` for none. */
  readonly id: string;
  readonly choice: InferChoice;
  readonly inputs: NamedTensors;
  /** The first dimension of the first input; 1 without one. */
  readonly rows: number;
}

/** An answer: the outputs of the request's choice. */
export interface InferResponse {
  readonly model: string;
  /** The one that ran. */
  readonly version: Version;
  readonly request: CheckedRequest;
  readonly tensors: NamedTensors;
}
