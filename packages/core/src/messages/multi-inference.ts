/** The requests and responses of MultiInference. */
import type { ClassificationResult } from './classification.js';
import type { RegressionResult } from './regression.js';

/** One signature to run, and how. */
export interface InferenceTask {
  /** The model's name; the same in all tasks. */
  readonly model: string;
  /** None or empty: `serving_default`. */
  readonly signatureName?: string;
  /** `tensorflow/serving/classify` or `tensorflow/serving/regress`. */
  readonly methodName: string;
}

/** What a task's signature said. */
export type InferenceResult = { readonly signatureName: string } & (
  | { readonly classification: ClassificationResult }
  | { readonly regression: RegressionResult }
);
