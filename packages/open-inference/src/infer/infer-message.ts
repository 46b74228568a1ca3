/** An inference request as plain data, whatever it was decoded from. */
import type { Tensor } from '@serving/core/tensor';
import type { Datatype } from './datatype.js';

/** A value that a parameter may have; numbers that a double does not hold exactly are bigints. */
export type ParameterValue = string | number | bigint | boolean;

/** Parameters by key. Made with a null prototype, so that any key is safe. */
export type Parameters = Readonly<Record<string, ParameterValue>>;

/** One input of a request. */
export interface InferInput {
  readonly name: string;
  readonly datatype: Datatype;
  /** With the shape that the request gives it. */
  readonly tensor: Tensor;
}

/** One requested output. */
export interface RequestedOutput {
  readonly name: string;
  readonly parameters: Parameters;
}

/** A request, its tensors read. */
export interface InferRequest {
  /** `''` for none. */
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InferInput[];
  /** Empty: all outputs of the signature. */
  readonly outputs: readonly RequestedOutput[];
}
