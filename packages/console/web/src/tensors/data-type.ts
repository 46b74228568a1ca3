/** Data types of tensors under the names of both APIs. */

/** How values of a type are typed, shown and checked. */
type ValueKind = 'float' | 'integer' | 'bool' | 'string' | 'example' | 'other';

export interface DataType {
  /** As TensorFlow's text format and `Serving-Dtype` have it: `float`, `int64`. */
  readonly name: string;
  readonly kind: ValueKind;
  /** Of one element in a binary body; 0 where the size varies or the type has none. */
  readonly bytes: number;
  /** In the Open Inference Protocol; `undefined` where the protocol lacks it. */
  readonly openInference: string | undefined;
}

/** Of tf.Examples, which no tensor has: an object of features each. */
export const EXAMPLE = 'tf.Example';

type Row = readonly [name: string, kind: ValueKind, bytes: number, openInference?: string];

const ROWS: readonly Row[] = [
  ['float', 'float', 4, 'FP32'],
  ['double', 'float', 8, 'FP64'],
  ['half', 'float', 2, 'FP16'],
  ['bfloat16', 'float', 2, 'BF16'],
  ['int8', 'integer', 1, 'INT8'],
  ['int16', 'integer', 2, 'INT16'],
  ['int32', 'integer', 4, 'INT32'],
  ['int64', 'integer', 8, 'INT64'],
  ['uint8', 'integer', 1, 'UINT8'],
  ['uint16', 'integer', 2, 'UINT16'],
  ['uint32', 'integer', 4, 'UINT32'],
  ['uint64', 'integer', 8, 'UINT64'],
  ['qint8', 'integer', 1, 'INT8'],
  ['quint8', 'integer', 1, 'UINT8'],
  ['qint16', 'integer', 2, 'INT16'],
  ['quint16', 'integer', 2, 'UINT16'],
  ['qint32', 'integer', 4, 'INT32'],
  ['bool', 'bool', 1, 'BOOL'],
  ['string', 'string', 0, 'BYTES'],
  [EXAMPLE, 'example', 0],
];

const BY_NAME: ReadonlyMap<string, DataType> = new Map(
  ROWS.map(([name, kind, bytes, openInference]) => [name, { name, kind, bytes, openInference }]),
);

/** The type of metadata's `DT_FLOAT`. A type that the page does not know has the kind `other`. */
export function dataTypeOf(metadataName: string): DataType {
  const name = metadataName.replace(/^DT_/, '').toLowerCase();
  return BY_NAME.get(metadataName) ?? BY_NAME.get(name) ?? { name, kind: 'other', bytes: 0, openInference: undefined };
}

/** The type of the protocol's `FP32`, for answers whose signature is unknown. */
export function dataTypeOfOpenInference(datatype: string): DataType {
  const row = ROWS.find(([, , , openInference]) => openInference === datatype);
  return dataTypeOf(row?.[0] ?? datatype);
}

/** Whether TensorFlow Serving's JSON has a form for values of the type. */
export function hasJsonForm({ name, kind }: DataType): boolean {
  return kind !== 'other' && kind !== 'example' && !/^q|^(?:half|bfloat16|uint16)$/.test(name);
}
