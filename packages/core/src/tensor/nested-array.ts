/** Arrays of arrays of scalars to tensor data, with the place of whatever is wrong. */
import { ServingError } from '../serving-error.js';
import { dataTypeInfo, type NumericArray, type TensorDataType } from './data-type.js';
import { toBfloat16, toHalf } from './half.js';
import { StringArray } from './string-array.js';
import { createTensor, type Tensor } from './tensor.js';
import { elementCount, MAX_RANK } from './tensor-shape.js';

/**
 * Makes a tensor of scalars in nested arrays. Its shape is that of the nesting; `[]` has shape `[0]`.
 *
 * @param path how errors name the value, such as `inputs.x`; the indices of a bad element follow it.
 * @throws ServingError `INVALID_ARGUMENT` for arrays of unequal length or depth and for elements that aren't of the data type.
 */
export function nestedArrayToTensor(value: unknown, dtype: TensorDataType, path: string): Tensor {
  if (dtypeIsComplex(dtype)) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `${path}: ${dtype} values are handed in as a typed array with a shape, each a real and an imaginary part`,
    );
  }
  const shape = shapeOf(value, path);
  const walk: Walk = { dtype, shape, path, indices: new Array<number>(shape.length).fill(0) };
  checkRegular(value, 0, walk);
  const count = elementCount(shape);
  if (dtype === 'string') {
    const strings: (string | Uint8Array)[] = [];
    collectStrings(value, 0, walk, strings);
    return createTensor('string', shape, StringArray.from(strings));
  }
  const { array: ArrayOfType } = dataTypeInfo(dtype);
  const data = new ArrayOfType!(count);
  fill(value, 0, walk, { data, convert: converters[dtype], offset: 0 });
  return { dtype, shape, data } as Tensor;
}

interface Walk {
  readonly dtype: TensorDataType;
  readonly shape: readonly number[];
  readonly path: string;
  /** Where the walk is; the levels above the current one. */
  readonly indices: number[];
}

interface Sink {
  readonly data: NumericArray;
  readonly convert: Converter;
  offset: number;
}

/** What goes into the typed array for a scalar; `undefined` for one that isn't of the data type. */
type Converter = (value: unknown) => number | bigint | undefined;

type NumericDataType = Exclude<TensorDataType, 'string' | 'complex64' | 'complex128'>;

const real: Converter = (value) => (typeof value === 'number' ? value : undefined);
const boolean: Converter = (value) => (typeof value === 'boolean' ? Number(value) : undefined);
const int8 = wholeNumbers(-(2 ** 7), 2 ** 7 - 1);
const uint8 = wholeNumbers(0, 2 ** 8 - 1);
const int16 = wholeNumbers(-(2 ** 15), 2 ** 15 - 1);
const uint16 = wholeNumbers(0, 2 ** 16 - 1);
const int32 = wholeNumbers(-(2 ** 31), 2 ** 31 - 1);

const converters: Readonly<Record<NumericDataType, Converter>> = {
  float: real,
  double: real,
  half: (value) => (typeof value === 'number' ? toHalf(value) : undefined),
  bfloat16: (value) => (typeof value === 'number' ? toBfloat16(value) : undefined),
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32: wholeNumbers(0, 2 ** 32 - 1),
  int64: bigIntegers(-(2n ** 63n), 2n ** 63n - 1n),
  uint64: bigIntegers(0n, 2n ** 64n - 1n),
  bool: boolean,
  qint8: int8,
  quint8: uint8,
  qint16: int16,
  quint16: uint16,
  qint32: int32,
};

const expectations: Readonly<Record<TensorDataType, string>> = {
  float: 'a number',
  double: 'a number',
  half: 'a number',
  bfloat16: 'a number',
  int8: 'an integer from -128 to 127',
  uint8: 'an integer from 0 to 255',
  int16: 'an integer from -32768 to 32767',
  uint16: 'an integer from 0 to 65535',
  int32: 'an integer from -2147483648 to 2147483647',
  uint32: 'an integer from 0 to 4294967295',
  int64: 'a bigint, or an integer within ±(2^53 - 1),',
  uint64: 'a bigint, or a non-negative integer up to 2^53 - 1',
  bool: 'true or false',
  complex64: 'a typed array',
  complex128: 'a typed array',
  qint8: 'an integer from -128 to 127',
  quint8: 'an integer from 0 to 255',
  qint16: 'an integer from -32768 to 32767',
  quint16: 'an integer from 0 to 65535',
  qint32: 'an integer from -2147483648 to 2147483647',
  string: 'a string or a Uint8Array',
};

function wholeNumbers(min: number, max: number): Converter {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max ? value : undefined;
}

function bigIntegers(min: bigint, max: bigint): Converter {
  return (value) => {
    const integer = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value;
    return typeof integer === 'bigint' && integer >= min && integer <= max ? integer : undefined;
  };
}

function dtypeIsComplex(dtype: TensorDataType): dtype is 'complex64' | 'complex128' {
  return dtype === 'complex64' || dtype === 'complex128';
}

/** The lengths along the first elements; whether the others agree is checked next. */
function shapeOf(value: unknown, path: string): number[] {
  const shape: number[] = [];
  for (let level = value; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    // Also what ends a walk through an array that contains itself.
    if (shape.length > MAX_RANK) {
      throw new ServingError('INVALID_ARGUMENT', `${path}: arrays are nested more than ${MAX_RANK} deep`);
    }
  }
  return shape;
}

/** Checks arrays only, so that nothing is allocated for a wrong shape. */
function checkRegular(value: unknown, depth: number, walk: Walk): void {
  const length = walk.shape[depth];
  if (length === undefined) return;
  if (!Array.isArray(value)) throw unexpected(value, depth, walk);
  if (value.length !== length) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `${place(depth, walk)}: expected ${length} elements as in the first array of this level, got ${value.length}`,
    );
  }
  if (depth + 1 === walk.shape.length) return;
  for (let i = 0; i < length; i += 1) {
    walk.indices[depth] = i;
    checkRegular(value[i], depth + 1, walk);
  }
}

function fill(value: unknown, depth: number, walk: Walk, sink: Sink): void {
  if (!Array.isArray(value) || depth === walk.shape.length) {
    const converted = sink.convert(value);
    if (converted === undefined) throw unexpected(value, depth, walk);
    sink.data[sink.offset] = converted;
    sink.offset += 1;
    return;
  }
  if (depth + 1 === walk.shape.length) {
    fillRow(value, depth, walk, sink);
    return;
  }
  for (let i = 0; i < value.length; i += 1) {
    walk.indices[depth] = i;
    fill(value[i], depth + 1, walk, sink);
  }
}

function fillRow(row: readonly unknown[], depth: number, walk: Walk, sink: Sink): void {
  const { data, convert, offset } = sink;
  const isReal = convert === real;
  for (let i = 0; i < row.length; i += 1) {
    const value = row[i];
    // What images are made of needs no call.
    const converted = isReal && typeof value === 'number' ? value : convert(value);
    if (converted === undefined) {
      walk.indices[depth] = i;
      throw unexpected(value, depth + 1, walk);
    }
    data[offset + i] = converted;
  }
  sink.offset += row.length;
}

function collectStrings(value: unknown, depth: number, walk: Walk, strings: (string | Uint8Array)[]): void {
  if (depth < walk.shape.length && Array.isArray(value)) {
    for (let i = 0; i < value.length; i += 1) {
      walk.indices[depth] = i;
      collectStrings(value[i], depth + 1, walk, strings);
    }
  } else if (typeof value === 'string' || isBytes(value)) strings.push(value);
  else throw unexpected(value, depth, walk);
}

function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function unexpected(value: unknown, depth: number, walk: Walk): ServingError {
  const expected = depth < walk.shape.length ? 'an array like the others of this level' : expectations[walk.dtype];
  return new ServingError(
    'INVALID_ARGUMENT',
    `${place(depth, walk)}: expected ${expected} for ${walk.dtype}, got ${describeValue(value)}`,
  );
}

function place(depth: number, { path, indices }: Walk): string {
  return `${path}${indices
    .slice(0, depth)
    .map((index) => `[${index}]`)
    .join('')}`;
}

/** A value in an error's text: short, whatever it is. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `string ${JSON.stringify(value.length > 20 ? `${value.slice(0, 20)}…` : value)}`;
    case 'bigint':
      return `bigint ${value}`;
    case 'number':
    case 'boolean':
      return `${value}`;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `an array of ${value.length}`;
      return Object.prototype.toString.call(value).slice('[object '.length, -1);
    case 'undefined':
    case 'function':
    case 'symbol':
      return typeof value;
  }
}
