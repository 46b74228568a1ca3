/** What an ONNX model consists of, as far as it decides whether and how the model is served. */

/** A type of an input or output. */
export type OnnxValueType =
  | {
      readonly kind: 'tensor';
      /** ONNX's number. */
      readonly elementType: number;
      /** `undefined` for an unknown rank; a dimension has a size, a name, or neither. */
      readonly shape: readonly { readonly size: number | undefined; readonly name: string }[] | undefined;
    }
  | { readonly kind: 'sequence' | 'map' | 'optional' | 'sparse tensor' | 'unknown' };

/** An input or output of a graph. */
export interface OnnxValueOutline {
  readonly name: string;
  readonly type: OnnxValueType;
}

/** A constant of a graph. */
export interface OnnxTensorOutline {
  readonly name: string;
  readonly elementType: number;
  readonly dims: readonly number[];
  /** Bytes in `raw_data`; `undefined` where the values are in typed fields or in another file. */
  readonly rawBytes: number | undefined;
  /** Where the values are in another file: `location`, `offset`, `length`. */
  readonly externalData: ReadonlyMap<string, string> | undefined;
  /** The serialized `TensorProto`. */
  readonly bytes: Uint8Array;
}

/** A node of a graph. */
export interface OnnxNodeOutline {
  readonly name: string;
  readonly operator: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Graphs in its attributes: branches, bodies of loops. */
  readonly subgraphs: readonly OnnxGraphOutline[];
  /** Tensors in its attributes. */
  readonly tensors: readonly OnnxTensorOutline[];
  /** The serialized `NodeProto`. */
  readonly bytes: Uint8Array;
}

/** A graph. */
export interface OnnxGraphOutline {
  readonly nodes: readonly OnnxNodeOutline[];
  readonly initializers: readonly OnnxTensorOutline[];
  readonly inputs: readonly OnnxValueOutline[];
  readonly outputs: readonly OnnxValueOutline[];
}

/** A function that nodes call by its domain and name. */
export interface OnnxFunctionOutline {
  readonly domain: string;
  readonly name: string;
  readonly nodes: readonly OnnxNodeOutline[];
}

/** A model. */
export interface OnnxModelOutline {
  readonly irVersion: number;
  /** Versions of operator sets by domain; `''` is ONNX's own. */
  readonly operatorSets: ReadonlyMap<string, number>;
  readonly graph: OnnxGraphOutline;
  readonly functions: readonly OnnxFunctionOutline[];
}
