/** The functions of NumPy that people write into `--input_exprs`. */
import { elementCount, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { castTensor } from './cast-tensor.js';
import { PythonError } from './python-error.js';
import { isList, type PythonObject, toArray } from './python-object.js';

type Named = ReadonlyMap<string, PythonObject>;
type NumpyFunction = (positional: readonly PythonObject[], named: Named) => Tensor;

/** An argument of a call, by position or by name. */
function argument(positional: readonly PythonObject[], named: Named, position: number, name: string) {
  return positional[position] ?? named.get(name);
}

const filled =
  (value: number): NumpyFunction =>
  (positional, named) =>
    fill(
      toShape(argument(positional, named, 0, 'shape')),
      toArray(value),
      toDataType(argument(positional, named, 1, 'dtype')) ?? 'double',
    );

const random =
  (next: () => number): NumpyFunction =>
  (positional) =>
    generate(positional.map(toInteger), next);

const functions: ReadonlyMap<string, NumpyFunction> = new Map<string, NumpyFunction>([
  [
    'array',
    (positional, named) => toArray(required(positional, 0), toDataType(argument(positional, named, 1, 'dtype'))),
  ],
  [
    'asarray',
    (positional, named) => toArray(required(positional, 0), toDataType(argument(positional, named, 1, 'dtype'))),
  ],
  ['ones', filled(1)],
  ['zeros', filled(0)],
  ['empty', filled(0)],
  [
    'full',
    (positional, named) => {
      const value = toArray(argument(positional, named, 1, 'fill_value') ?? 0n);
      const dtype = toDataType(argument(positional, named, 2, 'dtype')) ?? value.dtype;
      return fill(toShape(argument(positional, named, 0, 'shape')), value, dtype);
    },
  ],
  ['arange', arange],
  ['linspace', linspace],
  [
    'eye',
    (positional, named) => {
      const size = toInteger(required(positional, 0));
      const data = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
      return castTensor({ dtype: 'double', shape: [size, size], data }, toDataType(named.get('dtype')) ?? 'double');
    },
  ],
  [
    'expand_dims',
    (positional, named) => {
      const array = toArray(required(positional, 0));
      const axis = toInteger(argument(positional, named, 1, 'axis') ?? 0n);
      const at = axis < 0 ? array.shape.length + 1 + axis : axis;
      return { ...array, shape: [...array.shape.slice(0, at), 1, ...array.shape.slice(at)] };
    },
  ],
  ['reshape', (positional) => reshape(toArray(required(positional, 0)), [required(positional, 1)])],
  ['random.rand', random(Math.random)],
  ['random.randn', random(normal)],
  [
    'random.random',
    (positional, named) => generate(toShape(argument(positional, named, 0, 'size') ?? []), Math.random),
  ],
  [
    'random.normal',
    (positional, named) => {
      const mean = Number(argument(positional, named, 0, 'loc') ?? 0);
      const deviation = Number(argument(positional, named, 1, 'scale') ?? 1);
      return generate(toShape(argument(positional, named, 2, 'size') ?? []), () => mean + deviation * normal());
    },
  ],
  [
    'random.uniform',
    (positional, named) => {
      const low = Number(argument(positional, named, 0, 'low') ?? 0);
      const high = Number(argument(positional, named, 1, 'high') ?? 1);
      return generate(toShape(argument(positional, named, 2, 'size') ?? []), () => low + (high - low) * Math.random());
    },
  ],
  [
    'random.randint',
    (positional, named) => {
      const end = argument(positional, named, 1, 'high');
      const [low, high] =
        end == null ? [0, toInteger(required(positional, 0))] : [toInteger(required(positional, 0)), toInteger(end)];
      const shape = toShape(argument(positional, named, 2, 'size') ?? []);
      const array = generate(shape, () => low + Math.floor((high - low) * Math.random()));
      return castTensor(array, toDataType(argument(positional, named, 3, 'dtype')) ?? 'int64');
    },
  ],
]);

/** A call of `np.NAME`. @throws PythonError `SyntaxError` for a function that isn't here, `ValueError` for wrong arguments. */
export function callNumpy(name: string, positional: readonly PythonObject[], named: Named): Tensor {
  const known = functions.get(name);
  if (known) return known(positional, named);
  if (name in typeNames || numpyTypes.test(name)) return toArray(required(positional, 0), toDataType(name));
  throw new PythonError('SyntaxError', `np.${name} is not known here; known are ${[...functions.keys()].join(', ')}`);
}

/** A call of an array's method. @throws PythonError as {@link callNumpy}. */
export function callMethod(array: Tensor, name: string, positional: readonly PythonObject[], named: Named): Tensor {
  switch (name) {
    case 'astype':
      return castTensor(array, toDataType(argument(positional, named, 0, 'dtype')) ?? array.dtype);
    case 'reshape':
      return reshape(array, positional);
    case 'flatten':
    case 'ravel':
      return reshape(array, [-1n]);
    default:
      throw new PythonError('SyntaxError', `.${name}() is not known here; known are astype, reshape, flatten, ravel`);
  }
}

const typeNames: Readonly<Record<string, TensorDataType>> = {
  float: 'double',
  float64: 'double',
  float32: 'float',
  float16: 'half',
  int: 'int64',
  bool_: 'bool',
  object: 'string',
  object_: 'string',
  bytes_: 'string',
  str_: 'string',
};

const numpyTypes = /^(bool|u?int(8|16|32|64)|complex(64|128)|bfloat16)$/;

function toDataType(name: PythonObject | undefined): TensorDataType | undefined {
  if (name == null) return undefined;
  const text = String(name);
  const known = typeNames[text] ?? (numpyTypes.test(text) ? (text as TensorDataType) : undefined);
  if (known !== undefined) return known;
  throw new PythonError('ValueError', `data type ${text} is not known here`);
}

function arange(positional: readonly PythonObject[], named: Named): Tensor {
  const [first = 0n, second, third] = positional.map(toNumber);
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  const step = third ?? (named.has('step') ? toNumber(named.get('step')!) : 1n);
  const length = Math.max(0, Math.ceil((Number(stop) - Number(start)) / Number(step)));
  const data = Float64Array.from({ length }, (_, i) => Number(start) + i * Number(step));
  const isWhole = [first, second ?? 0n, step].every((value) => typeof value === 'bigint');
  return castTensor(
    { dtype: 'double', shape: [length], data },
    toDataType(named.get('dtype')) ?? (isWhole ? 'int64' : 'double'),
  );
}

function linspace(positional: readonly PythonObject[], named: Named): Tensor {
  const [start, stop] = [Number(toNumber(required(positional, 0))), Number(toNumber(required(positional, 1)))];
  const length = toInteger(argument(positional, named, 2, 'num') ?? 50n);
  const step = length > 1 ? (stop - start) / (length - 1) : 0;
  const data = Float64Array.from({ length }, (_, i) => (i > 0 && i === length - 1 ? stop : start + i * step));
  return castTensor({ dtype: 'double', shape: [length], data }, toDataType(named.get('dtype')) ?? 'double');
}

function reshape(array: Tensor, shape: readonly PythonObject[]): Tensor {
  const sizes = shape.length === 1 && isList(shape[0]!) ? shape[0].map(toInteger) : shape.map(toInteger);
  const count = elementCount(array.shape);
  const known = sizes.filter((size) => size >= 0).reduce((product, size) => product * size, 1);
  const whole = sizes.map((size) => (size < 0 ? count / known : size));
  if (whole.every(Number.isInteger) && whole.reduce((product, size) => product * size, 1) === count) {
    return { ...array, shape: whole };
  }
  throw new PythonError('ValueError', `cannot reshape array of size ${count} into shape (${sizes})`);
}

function fill(shape: readonly number[], value: Tensor, dtype: TensorDataType): Tensor {
  const [number] = castTensor(value, 'double').data as Float64Array;
  const data = new Float64Array(elementCount(shape)).fill(number!);
  return castTensor({ dtype: 'double', shape, data }, dtype);
}

function generate(shape: readonly number[], next: () => number): Tensor {
  return { dtype: 'double', shape, data: Float64Array.from({ length: elementCount(shape) }, next) };
}

/** Of mean 0 and deviation 1, by Box and Muller. */
function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function toShape(value: PythonObject | undefined): number[] {
  if (value == null) throw new PythonError('ValueError', 'a shape is missing');
  return isList(value) ? value.map(toInteger) : [toInteger(value)];
}

function toInteger(value: PythonObject): number {
  if (typeof value === 'bigint') return Number(value);
  throw new PythonError('ValueError', 'an integer is required');
}

function toNumber(value: PythonObject): number | bigint {
  if (typeof value === 'bigint' || typeof value === 'number') return value;
  throw new PythonError('ValueError', 'a number is required');
}

function required(positional: readonly PythonObject[], position: number): PythonObject {
  const value = positional[position];
  if (value === undefined) throw new PythonError('ValueError', `argument ${position + 1} is missing`);
  return value;
}
