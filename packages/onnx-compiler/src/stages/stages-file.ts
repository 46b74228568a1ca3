/** The file that stages of a signature are written to, beside its ONNX model. */
import type { PartialShape, TensorDataType } from '@serving/core/tensor';
import type { ValueId } from '../program/program.js';
import type { AttributeJson } from './attribute-json.js';
import type { TensorJson } from './tensor-json.js';

/** The only version of the format. */
export const STAGES_VERSION = 1;

/** An input of a signature, or an output that a run computes. */
export interface StagedTensor {
  readonly alias: string;
  readonly dtype: TensorDataType;
  /** `null` for an unknown rank, `-1` for an unknown dimension. */
  readonly shape: Exclude<PartialShape, undefined> | null;
  readonly value: ValueId;
}

/** An operation that runs in JavaScript. */
export interface StagedOperation {
  readonly op: string;
  /** TensorFlow's name, for messages. */
  readonly node: string;
  readonly attributes: Readonly<Record<string, AttributeJson>>;
  readonly table?: { readonly name: string; readonly keys: TensorJson; readonly values: TensorJson };
  /** Constant inputs by position, `null` for those of the run. */
  readonly constants: readonly (TensorJson | null)[];
  readonly inputs: readonly ValueId[];
  readonly outputs: readonly ValueId[];
}

/** A run of the ONNX model. */
export interface StagedModel {
  readonly model: {
    readonly inputs: readonly { readonly name: string; readonly value: ValueId }[];
    readonly outputs: readonly { readonly name: string; readonly value: ValueId }[];
  };
}

/** A signature as JSON. */
export interface StagesFile {
  readonly stagesVersion: typeof STAGES_VERSION;
  readonly signature: string;
  readonly inputs: readonly StagedTensor[];
  readonly outputs: readonly (StagedTensor | { readonly alias: string; readonly constant: TensorJson })[];
  readonly steps: readonly (StagedOperation | StagedModel)[];
}
