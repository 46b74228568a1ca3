/** A StructuredValue as the Python value that TensorFlow makes of it, as far as it can be printed. */
import type {
  StructuredValue,
  TensorProtoFields,
  TensorShapeFields,
  TensorSpecFields,
  TypeSpec,
} from '@serving/core/extend';
import { dataTypeFromNumber } from '@serving/core/tensor';
import { tensorFromProto } from '@serving/protos/tensor';
import { numpyText } from './numpy-text.js';
import { byCodePoint, floatRepr, stringRepr } from './python-text.js';

/** A value in the forms that `show` prints. */
export interface PythonValue {
  /** `type(value).__name__`. */
  readonly typeName: string;
  /** `str(value)`. */
  readonly str: string;
  /** `repr(value)`. */
  readonly repr: string;
  /** The name of a TensorSpec. */
  readonly specName?: string;
  /** What a loop over the value gives; for a dictionary its values, beside its keys. */
  readonly items?: readonly PythonValue[];
  /** Keys of a dictionary, sorted: TensorFlow's file has them in no order. */
  readonly keys?: readonly string[];
}

/** The converted value. */
export function toPythonValue(value: StructuredValue): PythonValue {
  const { tensorSpecValue, boundedTensorSpecValue, typeSpecValue, tensorDtypeValue, tensorShapeValue } = value;
  if (tensorSpecValue) return tensorSpec('TensorSpec', tensorSpecValue, '');
  if (boundedTensorSpecValue) {
    const { minimum, maximum } = boundedTensorSpecValue;
    const limits = `, minimum=${arrayRepr(minimum)}, maximum=${arrayRepr(maximum)}`;
    return tensorSpec('BoundedTensorSpec', boundedTensorSpecValue, limits);
  }
  if (typeSpecValue) return typeSpec(typeSpecValue);
  if (tensorDtypeValue !== undefined) {
    const name = pythonDataType(tensorDtypeValue);
    return { typeName: 'DType', str: `<dtype: '${name}'>`, repr: `tf.${name}` };
  }
  if (tensorShapeValue) return tensorShape(tensorShapeValue);
  const array = value.tensorValue ?? value.numpyValue;
  if (array) return plain(value.tensorValue ? 'EagerTensor' : 'ndarray', arrayRepr(array));
  return container(value) ?? scalar(value);
}

function scalar({ stringValue, boolValue, int64Value, float64Value }: StructuredValue): PythonValue {
  if (stringValue !== undefined) return { typeName: 'str', str: stringValue, repr: stringRepr(stringValue) };
  if (boolValue !== undefined) return plain('bool', boolValue ? 'True' : 'False');
  if (int64Value !== undefined) return plain('int', String(int64Value));
  if (float64Value !== undefined) return plain('float', floatRepr(float64Value));
  return plain('NoneType', 'None');
}

function container({ listValue, tupleValue, dictValue, namedTupleValue }: StructuredValue): PythonValue | undefined {
  if (listValue) {
    const items = listValue.values.map(toPythonValue);
    return { ...plain('list', `[${reprs(items).join(', ')}]`), items };
  }
  if (tupleValue) {
    const items = tupleValue.values.map(toPythonValue);
    return { ...plain('tuple', `(${reprs(items).join(', ')}${items.length === 1 ? ',' : ''})`), items };
  }
  if (dictValue) {
    const entries = Array.from(dictValue.fields).sort(([a], [b]) => byCodePoint(a, b));
    const keys = entries.map(([key]) => key);
    const items = entries.map(([, item]) => toPythonValue(item));
    const members = reprs(items).map((repr, i) => `${stringRepr(keys[i]!)}: ${repr}`);
    return { ...plain('dict', `{${members.join(', ')}}`), items, keys };
  }
  if (namedTupleValue) {
    const { name, values } = namedTupleValue;
    const items = values.map(({ value = {} }) => toPythonValue(value));
    const members = reprs(items).map((repr, i) => `${values[i]!.key}=${repr}`);
    return { ...plain(name, `${name}(${members.join(', ')})`), items };
  }
  return undefined;
}

function tensorSpec(typeName: string, { name, shape, dtype }: TensorSpecFields, more: string): PythonValue {
  const shapeText = tensorShape(shape ?? { dim: [], unknownRank: false }).str;
  const nameText = name === '' ? 'None' : stringRepr(name);
  const repr = `${typeName}(shape=${shapeText}, dtype=tf.${pythonDataType(dtype)}, name=${nameText}${more})`;
  return { ...plain(typeName, repr), specName: name === '' ? 'None' : name };
}

/** The specs of ragged, sparse and other composite tensors print as their class with its state. */
function typeSpec({ typeSpecClassName, typeState }: TypeSpec): PythonValue {
  const typeName = typeSpecClassName.split('.').at(-1)!;
  return plain(typeName, `${typeName}${typeState ? toPythonValue(typeState).repr : '()'}`);
}

function tensorShape({ dim, unknownRank }: TensorShapeFields): PythonValue {
  if (unknownRank) return { typeName: 'TensorShape', str: '<unknown>', repr: 'TensorShape(None)' };
  const items = dim.map(({ size }) => (size < 0n ? plain('NoneType', 'None') : plain('int', String(size))));
  const sizes = reprs(items).join(', ');
  const str = `(${sizes}${items.length === 1 ? ',' : ''})`;
  return { typeName: 'TensorShape', str, repr: `TensorShape([${sizes}])`, items };
}

function plain(typeName: string, text: string): PythonValue {
  return { typeName, str: text, repr: text };
}

function reprs(values: readonly PythonValue[]): string[] {
  return values.map(({ repr }) => repr);
}

function arrayRepr(proto: TensorProtoFields | undefined): string {
  if (!proto) return 'None';
  return `array(${numpyText(tensorFromProto(proto, 'value'))}, dtype=${pythonDataType(proto.dtype)})`;
}

const pythonNames: Readonly<Record<string, string>> = { float: 'float32', double: 'float64', half: 'float16' };

/** TensorFlow's name of a data type in Python, such as `float32`. */
function pythonDataType(number: number): string {
  const base = dataTypeFromNumber(number) ?? 'invalid';
  return `${pythonNames[base] ?? base}${number > 100 ? '_ref' : ''}`;
}
