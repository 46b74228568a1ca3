/** SignatureDef, TensorInfo and the type specs below it, from wire messages to the core's plain objects. */
import type {
  CompositeTensor,
  SignatureDef,
  SignatureDefMap,
  StructuredValue,
  TensorInfo,
  TensorSpecFields,
  TypeSpec,
} from '@serving/core/extend';
import type { Messages } from '../gen/messages.js';
import { toTensorProtoFields, toTensorShapeFields } from '../tensor/tensor-proto-fields.js';

/** A map field as it is on the wire. */
type MapEntries<Value> = readonly { readonly key?: string; readonly value?: Value }[] | undefined;

/** The signatures of a meta graph, in the file's order; the last of several entries under one name counts. */
export function toSignatureDefMap(entries: MapEntries<Messages['tensorflow.SignatureDef']>): SignatureDefMap {
  return toMap(entries, toSignatureDef);
}

function toSignatureDef(message: Messages['tensorflow.SignatureDef']): SignatureDef {
  return {
    inputs: toMap(message.inputs, toTensorInfo),
    outputs: toMap(message.outputs, toTensorInfo),
    methodName: message.methodName ?? '',
    defaults: toMap(message.defaults, toTensorProtoFields),
  };
}

function toTensorInfo(message: Messages['tensorflow.TensorInfo']): TensorInfo {
  const { name, cooSparse, compositeTensor, dtype = 0, tensorShape } = message;
  return {
    ...(name !== undefined && { name }),
    ...(cooSparse && {
      cooSparse: {
        valuesTensorName: cooSparse.valuesTensorName ?? '',
        indicesTensorName: cooSparse.indicesTensorName ?? '',
        denseShapeTensorName: cooSparse.denseShapeTensorName ?? '',
      },
    }),
    ...(compositeTensor && { compositeTensor: toCompositeTensor(compositeTensor) }),
    dtype,
    ...(tensorShape && { tensorShape: toTensorShapeFields(tensorShape) }),
  };
}

function toCompositeTensor(message: Messages['tensorflow.TensorInfo.CompositeTensor']): CompositeTensor {
  return {
    ...(message.typeSpec && { typeSpec: toTypeSpec(message.typeSpec) }),
    components: (message.components ?? []).map(toTensorInfo),
  };
}

function toTypeSpec(message: Messages['tensorflow.TypeSpecProto']): TypeSpec {
  return {
    typeSpecClass: message.typeSpecClass ?? 0,
    ...(message.typeState && { typeState: toStructuredValue(message.typeState) }),
    typeSpecClassName: message.typeSpecClassName ?? '',
    numFlatComponents: message.numFlatComponents ?? 0,
  };
}

export function toStructuredValue(message: Messages['tensorflow.StructuredValue']): StructuredValue {
  if (message.noneValue) return { noneValue: {} };
  if (message.tensorShapeValue) return { tensorShapeValue: toTensorShapeFields(message.tensorShapeValue) };
  if (message.tensorSpecValue) return { tensorSpecValue: toTensorSpecFields(message.tensorSpecValue) };
  if (message.typeSpecValue) return { typeSpecValue: toTypeSpec(message.typeSpecValue) };
  if (message.boundedTensorSpecValue) {
    const { minimum, maximum } = message.boundedTensorSpecValue;
    return {
      boundedTensorSpecValue: {
        ...toTensorSpecFields(message.boundedTensorSpecValue),
        ...(minimum && { minimum: toTensorProtoFields(minimum) }),
        ...(maximum && { maximum: toTensorProtoFields(maximum) }),
      },
    };
  }
  if (message.listValue) return { listValue: { values: (message.listValue.values ?? []).map(toStructuredValue) } };
  if (message.tupleValue) return { tupleValue: { values: (message.tupleValue.values ?? []).map(toStructuredValue) } };
  if (message.dictValue) return { dictValue: { fields: toMap(message.dictValue.fields, toStructuredValue) } };
  if (message.namedTupleValue) {
    const { name = '', values = [] } = message.namedTupleValue;
    return { namedTupleValue: { name, values: values.map(toPair) } };
  }
  if (message.tensorValue) return { tensorValue: toTensorProtoFields(message.tensorValue) };
  if (message.numpyValue) return { numpyValue: toTensorProtoFields(message.numpyValue) };
  return toStructuredScalar(message);
}

function toStructuredScalar(message: Messages['tensorflow.StructuredValue']): StructuredValue {
  const { float64Value, int64Value, stringValue, boolValue, tensorDtypeValue } = message;
  if (float64Value !== undefined) return { float64Value };
  if (int64Value !== undefined) return { int64Value };
  if (stringValue !== undefined) return { stringValue };
  if (boolValue !== undefined) return { boolValue };
  if (tensorDtypeValue !== undefined) return { tensorDtypeValue };
  return {};
}

function toPair(message: Messages['tensorflow.PairValue']): { key: string; value?: StructuredValue } {
  return { key: message.key ?? '', ...(message.value && { value: toStructuredValue(message.value) }) };
}

function toTensorSpecFields(message: Messages['tensorflow.TensorSpecProto']): TensorSpecFields {
  return {
    name: message.name ?? '',
    ...(message.shape && { shape: toTensorShapeFields(message.shape) }),
    dtype: message.dtype ?? 0,
  };
}

/** An entry without a value has the message's default one. */
function toMap<Message extends object, Value>(
  entries: MapEntries<Message>,
  convert: (message: Message | Record<never, never>) => Value,
): ReadonlyMap<string, Value> {
  return new Map((entries ?? []).map(({ key = '', value = {} }) => [key, convert(value)]));
}
