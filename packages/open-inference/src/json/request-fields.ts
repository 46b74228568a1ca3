/** The members of a request as the JSON has them, before binary data are added. */
import type { Tensor } from '@serving/core/tensor';
import type { Datatype } from '../infer/datatype.js';
import type { Parameters, RequestedOutput } from '../infer/infer-message.js';
import { readInputParameters } from '../infer/parameters.js';

/** One input. */
export interface InputFields {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly parameters: Parameters;
  /** `undefined` without `data`. */
  readonly tensor: Tensor | undefined;
}

/** Bytes of an input behind the JSON; `undefined` where its data are in the JSON. */
export function binarySizeOf({ name, parameters }: InputFields): number | undefined {
  return readInputParameters(name, parameters).binarySize;
}

/** A request. */
export interface RequestFields {
  readonly id: string;
  readonly parameters: Parameters;
  readonly inputs: readonly InputFields[];
  readonly outputs: readonly RequestedOutput[];
}
