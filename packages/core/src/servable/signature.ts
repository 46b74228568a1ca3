/** The signature of a servable: the neutral form of a SignatureDef. */
import type { DataType } from '../tensor/data-type.js';
import type { Tensor } from '../tensor/tensor.js';
import type { PartialShape } from '../tensor/tensor-shape.js';

/** One input or output of a signature. */
export interface TensorSpec {
  /** The alias by which clients name it. */
  readonly name: string;
  readonly dtype: DataType;
  /** As declared. Requests of another rank or with other known dimensions are refused, unless `enforceSignatureShapes` is false. */
  readonly shape: PartialShape;
}

/** A named way to run a servable. The maps keep the order in which their owner fills them; lookups are by alias. */
export interface Signature {
  readonly name: string;
  /** `tensorflow/serving/predict`, `…/classify`, `…/regress`, or what the model's author wrote. */
  readonly methodName: string;
  readonly inputs: ReadonlyMap<string, TensorSpec>;
  readonly outputs: ReadonlyMap<string, TensorSpec>;
  /** Values for inputs that a request leaves out. REST requires every input all the same. */
  readonly defaults: ReadonlyMap<string, Tensor>;
  /**
   * Whether a run may change what later runs see, so that running twice is not the same as running once. Failed batches of
   * such a signature do not run again in parts. Default: false.
   */
  readonly isStateful?: boolean;
  /** Whether requests may run together in batches, joined along their first dimension. Default: true. */
  readonly isBatched?: boolean;
}

/** The signature meant when a request names none. */
export const DEFAULT_SIGNATURE_NAME: string = 'serving_default';

/** The method name of signatures for Predict; signatures with any other are served by Predict as well. */
export const PREDICT_METHOD_NAME: string = 'tensorflow/serving/predict';
/** The method name of signatures for Classify: examples in, `classes` and `scores` out. */
export const CLASSIFY_METHOD_NAME: string = 'tensorflow/serving/classify';
/** The method name of signatures for Regress: examples in, `outputs` out. */
export const REGRESS_METHOD_NAME: string = 'tensorflow/serving/regress';
