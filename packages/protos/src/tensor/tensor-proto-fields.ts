/** TensorProto, its shape and what lies below it, from wire messages to the core's plain objects. */
import type { ResourceHandleFields, TensorProtoFields, TensorShapeFields, VariantFields } from '@serving/core/extend';
import type { Messages } from '../gen/messages.js';

/** A TensorProto with its defaults filled in and its byte fields copied, so that it keeps no file's bytes alive. */
export function toTensorProtoFields(message: Messages['tensorflow.TensorProto']): TensorProtoFields {
  return {
    dtype: message.dtype ?? 0,
    ...(message.tensorShape && { tensorShape: toTensorShapeFields(message.tensorShape) }),
    versionNumber: message.versionNumber ?? 0,
    tensorContent: copyBytes(message.tensorContent),
    floatVal: message.floatVal ?? [],
    doubleVal: message.doubleVal ?? [],
    intVal: message.intVal ?? [],
    stringVal: (message.stringVal ?? []).map(copyBytes),
    scomplexVal: message.scomplexVal ?? [],
    int64Val: message.int64Val ?? [],
    boolVal: message.boolVal ?? [],
    dcomplexVal: message.dcomplexVal ?? [],
    halfVal: message.halfVal ?? [],
    resourceHandleVal: (message.resourceHandleVal ?? []).map(toResourceHandleFields),
    variantVal: (message.variantVal ?? []).map(toVariantFields),
    uint32Val: message.uint32Val ?? [],
    uint64Val: message.uint64Val ?? [],
    float8Val: copyBytes(message.float8Val),
  };
}

/** A TensorShapeProto with its defaults filled in. */
export function toTensorShapeFields(message: Messages['tensorflow.TensorShapeProto']): TensorShapeFields {
  return {
    dim: (message.dim ?? []).map(({ size = 0n, name = '' }) => ({ size, name })),
    unknownRank: message.unknownRank ?? false,
  };
}

function toResourceHandleFields(message: Messages['tensorflow.ResourceHandleProto']): ResourceHandleFields {
  return {
    device: message.device ?? '',
    container: message.container ?? '',
    name: message.name ?? '',
    hashCode: message.hashCode ?? 0n,
    maybeTypeName: message.maybeTypeName ?? '',
    dtypesAndShapes: (message.dtypesAndShapes ?? []).map(({ dtype = 0, shape }) => ({
      dtype,
      ...(shape && { shape: toTensorShapeFields(shape) }),
    })),
  };
}

function toVariantFields(message: Messages['tensorflow.VariantTensorDataProto']): VariantFields {
  return {
    typeName: message.typeName ?? '',
    metadata: copyBytes(message.metadata),
    tensors: (message.tensors ?? []).map(toTensorProtoFields),
  };
}

function copyBytes(bytes: Uint8Array | undefined): Uint8Array {
  return new Uint8Array(bytes ?? []);
}
