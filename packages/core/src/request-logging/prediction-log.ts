/** What is logged of a request: tensorflow.serving.PredictionLog as plain data. */

import type { ClassificationResult } from '../messages/classification.js';
import type { ExampleInput } from '../messages/example.js';
import type { InferenceResult, InferenceTask } from '../messages/multi-inference.js';
import type { RegressionResult } from '../messages/regression.js';
import type { Version } from '../servable/version.js';
import type { NamedTensors } from '../tensor/tensor.js';

/** A request and its response. */
export type LoggedRequest =
  | {
      readonly api: 'Predict';
      /** All inputs of the signature, defaults filled in, and the requested outputs, all when there are none. */
      readonly request: { readonly inputs: NamedTensors; readonly outputFilter: readonly string[] };
      readonly response: { readonly outputs: NamedTensors };
    }
  | {
      readonly api: 'Classify';
      readonly request: { readonly input: ExampleInput };
      readonly response: ClassificationResult;
    }
  | {
      readonly api: 'Regress';
      readonly request: { readonly input: ExampleInput };
      readonly response: RegressionResult;
    }
  | {
      readonly api: 'MultiInference';
      readonly request: { readonly tasks: readonly InferenceTask[]; readonly input: ExampleInput };
      /** In the order of the tasks. */
      readonly response: readonly InferenceResult[];
    };

/** What is known beside request and response. */
export interface LogMetadata {
  /** What answered. A MultiInference request names its signatures in its tasks. */
  readonly modelSpec: { readonly name: string; readonly version: Version; readonly signatureName?: string };
  /** The sampling in force for this server; a log stands for `1 / samplingRate` requests. */
  readonly samplingConfig: { readonly samplingRate: number; readonly attributes: number };
  /** The tags of the version's meta graph; empty for models of other formats. */
  readonly savedModelTags: readonly string[];
  /** Seconds since the epoch. */
  readonly timestampSecs: number;
  /** The server's own, when it was given one. */
  readonly dc?: string;
}

/** One request that succeeded. */
export type PredictionLog = LoggedRequest & { readonly logMetadata: LogMetadata };
