/** The signature of an ONNX model, from its graph's inputs and outputs. */
import {
  DEFAULT_SIGNATURE_NAME,
  PREDICT_METHOD_NAME,
  type Signature,
  type SignatureDef,
  type TensorInfo,
  type TensorSpec,
} from '@serving/core/extend';
import { dataTypeInfo, type TensorDataType } from '@serving/core/tensor';
import { servedInputs } from '../model-file/check-model.js';
import type { OnnxGraphOutline, OnnxValueOutline } from '../model-file/model-outline.js';
import { dtypeOfElementType } from '../native/element-types.js';

/** A signature, and its metadata. */
export interface ModelSignature {
  readonly signature: Signature;
  readonly def: SignatureDef;
}

type TensorType = Extract<OnnxValueOutline['type'], { kind: 'tensor' }>;

/** `serving_default`: inputs and outputs under their names, dimensions with theirs. All are tensors of dtypes of ours. */
export function modelSignature(graph: OnnxGraphOutline): ModelSignature {
  const inputs = servedInputs(graph);
  const { outputs } = graph;
  return {
    signature: {
      name: DEFAULT_SIGNATURE_NAME,
      methodName: PREDICT_METHOD_NAME,
      inputs: new Map(inputs.map((value) => [value.name, toSpec(value)])),
      outputs: new Map(outputs.map((value) => [value.name, toSpec(value)])),
      defaults: new Map(),
      isBatched: isBatched(inputs, outputs),
    },
    def: {
      inputs: new Map(inputs.map((value) => [value.name, toInfo(value)])),
      outputs: new Map(outputs.map((value) => [value.name, toInfo(value)])),
      methodName: PREDICT_METHOD_NAME,
      defaults: new Map(),
    },
  };
}

/**
 * Whether requests may run together: all inputs and outputs have a free first dimension, and those of them that have a name have the
 * same one.
 */
function isBatched(inputs: readonly OnnxValueOutline[], outputs: readonly OnnxValueOutline[]): boolean {
  const names = new Set<string>();
  for (const value of [...inputs, ...outputs]) {
    const first = typeOf(value).shape?.[0];
    if (first === undefined || first.size !== undefined) return false;
    if (first.name !== '') names.add(first.name);
  }
  return inputs.length > 0 && names.size <= 1;
}

function toSpec(value: OnnxValueOutline): TensorSpec {
  return { name: value.name, dtype: dtypeOf(value), shape: typeOf(value).shape?.map(({ size = -1 }) => size) };
}

function toInfo(value: OnnxValueOutline): TensorInfo {
  const { shape } = typeOf(value);
  const dim = (shape ?? []).map(({ size = -1, name }) => ({ size: BigInt(size), name }));
  return {
    name: value.name,
    dtype: dataTypeInfo(dtypeOf(value)).number,
    tensorShape: { dim, unknownRank: shape === undefined },
  };
}

function typeOf({ type }: OnnxValueOutline): TensorType {
  return type as TensorType;
}

function dtypeOf(value: OnnxValueOutline): TensorDataType {
  return dtypeOfElementType(typeOf(value).elementType)!;
}
