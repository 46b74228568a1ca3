/**
 * TensorFlow's SignatureDef and the messages below it as plain objects (camelCase field names), for metadata. A
 * message field or a oneof member that is not set in the model is absent; scalars, lists and maps are always there.
 */

/** Signature definitions by signature name. A `Map`, since a name may be anything. */
export type SignatureDefMap = ReadonlyMap<string, SignatureDef>;

/** One signature, as the model's author exported it. */
export interface SignatureDef {
  readonly inputs: ReadonlyMap<string, TensorInfo>;
  readonly outputs: ReadonlyMap<string, TensorInfo>;
  readonly methodName: string;
  readonly defaults: ReadonlyMap<string, TensorProtoFields>;
}

/** At most one of `name`, `cooSparse` and `compositeTensor` is set. */
export interface TensorInfo {
  readonly name?: string;
  readonly cooSparse?: CooSparse;
  readonly compositeTensor?: CompositeTensor;
  /** TensorFlow's number; over 100 a reference type. Numbers without a name occur. */
  readonly dtype: number;
  readonly tensorShape?: TensorShapeFields;
}

/** A sparse tensor by the names of the three graph tensors that it is made of. */
export interface CooSparse {
  readonly valuesTensorName: string;
  readonly indicesTensorName: string;
  readonly denseShapeTensorName: string;
}

/** A tensor of several parts, such as a ragged one: what it is, and its parts in the order that its type gives them. */
export interface CompositeTensor {
  readonly typeSpec?: TypeSpec;
  readonly components: readonly TensorInfo[];
}

/** A declared shape. A size of -1 is not known; `dim` is empty when `unknownRank`, and for a scalar. */
export interface TensorShapeFields {
  readonly dim: readonly { readonly size: bigint; readonly name: string }[];
  readonly unknownRank: boolean;
}

/** What kind of composite tensor is meant, and the parameters of that kind. */
export interface TypeSpec {
  /** The enum's number. */
  readonly typeSpecClass: number;
  readonly typeState?: StructuredValue;
  readonly typeSpecClassName: string;
  readonly numFlatComponents: number;
}

/** At most one member is set. */
export interface StructuredValue {
  readonly noneValue?: Record<string, never>;
  readonly float64Value?: number;
  readonly int64Value?: bigint;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly tensorShapeValue?: TensorShapeFields;
  readonly tensorDtypeValue?: number;
  readonly tensorSpecValue?: TensorSpecFields;
  readonly typeSpecValue?: TypeSpec;
  readonly boundedTensorSpecValue?: TensorSpecFields & {
    readonly minimum?: TensorProtoFields;
    readonly maximum?: TensorProtoFields;
  };
  readonly listValue?: { readonly values: readonly StructuredValue[] };
  readonly tupleValue?: { readonly values: readonly StructuredValue[] };
  readonly dictValue?: { readonly fields: ReadonlyMap<string, StructuredValue> };
  readonly namedTupleValue?: {
    readonly name: string;
    readonly values: readonly { readonly key: string; readonly value?: StructuredValue }[];
  };
  readonly tensorValue?: TensorProtoFields;
  readonly numpyValue?: TensorProtoFields;
}

/** A tensor's declared name, shape and data type (TensorFlow's number). */
export interface TensorSpecFields {
  readonly name: string;
  readonly shape?: TensorShapeFields;
  readonly dtype: number;
}

/** A TensorProto field by field, as stored. */
export interface TensorProtoFields {
  readonly dtype: number;
  readonly tensorShape?: TensorShapeFields;
  readonly versionNumber: number;
  readonly tensorContent: Uint8Array;
  readonly floatVal: readonly number[];
  readonly doubleVal: readonly number[];
  readonly intVal: readonly number[];
  readonly stringVal: readonly Uint8Array[];
  readonly scomplexVal: readonly number[];
  readonly int64Val: readonly bigint[];
  readonly boolVal: readonly boolean[];
  readonly dcomplexVal: readonly number[];
  readonly halfVal: readonly number[];
  readonly resourceHandleVal: readonly ResourceHandleFields[];
  readonly variantVal: readonly VariantFields[];
  readonly uint32Val: readonly number[];
  readonly uint64Val: readonly bigint[];
  readonly float8Val: Uint8Array;
}

/** What a resource, such as a table or a variable, is referred to by. */
export interface ResourceHandleFields {
  readonly device: string;
  readonly container: string;
  readonly name: string;
  readonly hashCode: bigint;
  readonly maybeTypeName: string;
  readonly dtypesAndShapes: readonly { readonly dtype: number; readonly shape?: TensorShapeFields }[];
}

/** A value of TensorFlow's data type `variant`: the name of its C++ type and its serialized parts. */
export interface VariantFields {
  readonly typeName: string;
  readonly metadata: Uint8Array;
  readonly tensors: readonly TensorProtoFields[];
}
