/** Regress: examples in, one number for each out. */
import type { Version } from '../servable/version.js';
import type { ExampleRequest } from './example-request.js';

/** One regress call. The signature has one input `inputs` and one output `outputs`. */
export interface RegressionRequest extends ExampleRequest {}

/** What a model said. */
export interface RegressionResult {
  /** One per example, in their order. */
  readonly values: Float32Array;
}

export interface RegressionResponse extends RegressionResult {
  readonly model: string;
  /** The version that ran: the one that a missing version or a label stood for. */
  readonly version: Version;
  readonly signatureName: string;
}
