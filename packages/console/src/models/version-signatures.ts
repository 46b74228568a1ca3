/** The signatures of a version, as the pages make forms of them. */
import type { InferenceServable, Signature, TensorInfo, TensorSpec } from '@serving/core/extend';
import { dataTypeEnumName, dataTypeInfo } from '@serving/core/tensor';
import type { RestModelServer } from '@serving/http';
import type { Dimension, SignatureInfo, SignatureTensor, VersionSignatures } from '../api/console-api.js';
import { datatypeOf } from './datatypes.js';

/** A version, or the one that requests without a version get. */
export interface RequestedVersion {
  readonly model: string;
  readonly version?: string;
}

/** @throws ServingError `NOT_FOUND` for a version that is not available. */
export function versionSignatures(server: RestModelServer, spec: RequestedVersion): VersionSignatures {
  const handle = server.getServableHandle(spec);
  try {
    const { signatures } = handle.servable;
    return {
      model: handle.id.name,
      version: String(handle.id.version),
      signatures: [...signatures.values()].map((signature) => signatureInfo(signature, handle.servable)),
    };
  } finally {
    handle.release();
  }
}

function signatureInfo(signature: Signature, { signatureDefs }: InferenceServable): SignatureInfo {
  const exported = signatureDefs?.get(signature.name);
  const { name, methodName, defaults } = signature;
  const inputs = [...signature.inputs.values()].map((spec) => ({
    ...signatureTensor(spec, exported?.inputs.get(spec.name)),
    ...(defaults.has(spec.name) && { isOptional: true }),
  }));
  const outputs = [...signature.outputs.values()].map((spec) =>
    signatureTensor(spec, exported?.outputs.get(spec.name)),
  );
  return { name, methodName, inputs, outputs };
}

/** An input or output as documents and pages describe it, with the names that its dimensions have in the exported signature. */
export function signatureTensor({ name, dtype, shape }: TensorSpec, exported?: TensorInfo): SignatureTensor {
  const datatype = datatypeOf(dtype);
  return {
    name,
    dtype: dataTypeEnumName(dataTypeInfo(dtype).number) ?? 'DT_INVALID',
    ...(datatype !== undefined && { datatype }),
    ...(shape !== undefined && { shape: shape.map((size, axis) => dimensionOf(size, axis, exported)) }),
  };
}

function dimensionOf(size: number, axis: number, exported: TensorInfo | undefined): Dimension {
  const name = exported?.tensorShape?.dim[axis]?.name;
  return { size, ...(name && { name }) };
}
