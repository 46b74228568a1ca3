/** Classify: examples in, labels and scores out. */
import type { Version } from '../servable/version.js';
import type { StringArray } from '../tensor/string-array.js';
import type { ExampleRequest } from './example-request.js';

/** One classify call. The signature has one input `inputs`, and an output `classes`, `scores` or both. */
export interface ClassificationRequest extends ExampleRequest {}

/**
 * What a model said, example by example: class `c` of example `i` is at `i * numClasses + c`. Every example has the same
 * number of classes, in the model's order.
 */
export interface ClassificationResult {
  readonly batchSize: number;
  /** May be 0. */
  readonly numClasses: number;
  /** Bytes, which need not be UTF-8. Absent when the model gives none: each label is the empty string then. */
  readonly labels?: StringArray;
  /** Absent when the model gives none: each score is 0 then. */
  readonly scores?: Float32Array;
}

/** One class of one example. */
export interface Classification {
  /** `''` when the model gives none. Bytes that aren't UTF-8 are shown as U+FFFD. */
  readonly label: string;
  /** 0 when the model gives none. */
  readonly score: number;
}

/** What one classify call gives. */
export interface ClassificationResponse {
  readonly model: string;
  /** The version that ran: the one that a missing version or a label stood for. */
  readonly version: Version;
  readonly signatureName: string;
  /** For each example its classes, in the model's order. */
  readonly classifications: readonly (readonly Classification[])[];
}
