/** Tensors as NumPy prints arrays with its default options. */
import {
  elementCount,
  fromBfloat16,
  fromHalf,
  type NumericArray,
  StringArray,
  type Tensor,
} from '@serving/core/tensor';
import { type FloatType, floatFormat } from './float-text.js';
import { bytesRepr, floatRepr } from './python-text.js';
import { shortestDigits } from './shortest-digits.js';

const LINE_WIDTH = 75;
/** Arrays with more elements show their first and last few of each dimension. */
const THRESHOLD = 1000;
const EDGE_ITEMS = 3;
const SUMMARY = '...';

/** `str` of the array that TensorFlow gives Python for this tensor; of a scalar, of NumPy's scalar. */
export function numpyText(tensor: Tensor): string {
  const { shape } = tensor;
  if (shape.length === 0) return scalarText(tensor);
  const count = elementCount(shape);
  if (count === 0) return '[]';
  const isSummary = count > THRESHOLD;
  const format = elementFormat(tensor, isSummary ? edgeIndexes(shape) : Array.from({ length: count }, (_, i) => i));
  return bracket(shape, isSummary, format, 0, ' ', LINE_WIDTH);
}

/** One element's text, from its index. */
type Format = (index: number) => string;

function bracket(
  shape: readonly number[],
  isSummary: boolean,
  format: Format,
  offset: number,
  indent: string,
  width: number,
): string {
  const [size = 0, ...rest] = shape;
  const stride = elementCount(rest);
  const hides = isSummary && size > 2 * EDGE_ITEMS;
  const positions = visible(size, hides);
  if (rest.length === 0) {
    const words = positions.map((at) => (at === undefined ? SUMMARY : format(offset + at)));
    return `[${fill(words, indent, width - 1).slice(indent.length)}]`;
  }
  const items = positions.map((at) =>
    at === undefined ? SUMMARY : bracket(rest, isSummary, format, offset + at * stride, `${indent} `, width - 1),
  );
  return `[${items.join(`${'\n'.repeat(rest.length)}${indent}`)}]`;
}

/** Positions that are shown; `undefined` stands for those that aren't. */
function visible(size: number, hides: boolean): (number | undefined)[] {
  if (!hides) return Array.from({ length: size }, (_, i) => i);
  const edge = Array.from({ length: EDGE_ITEMS }, (_, i) => i);
  return [...edge, undefined, ...edge.map((i) => size - EDGE_ITEMS + i)];
}

/** Words in lines of that width. */
function fill(words: readonly string[], indent: string, width: number): string {
  let text = '';
  let line = indent;
  for (const [i, word] of words.entries()) {
    if (line.length + word.length > width && line.length > indent.length) {
      text += `${line.trimEnd()}\n`;
      line = indent;
    }
    line += i < words.length - 1 ? `${word} ` : word;
  }
  return text + line;
}

/** Where the elements lie that a summary shows. */
function edgeIndexes(shape: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (indexes, size) => {
      const positions = visible(size, size > 2 * EDGE_ITEMS).filter((at) => at !== undefined);
      return indexes.flatMap((index) => positions.map((at) => index * size + at));
    },
    [0],
  );
}

function elementFormat(tensor: Tensor, shown: readonly number[]): Format {
  const { dtype, data } = tensor;
  const float = floatTypes[dtype];
  if (float !== undefined) {
    const value = float.width === 1 ? numberAt(tensor) : undefined;
    if (value) {
      const format = floatFormat(shown.map(value), float.type);
      return (index) => format(value(index));
    }
    const part = (at: number) => (index: number) => Number((data as NumericArray)[2 * index + at]);
    const real = floatFormat(shown.map(part(0)), float.type);
    const imaginary = floatFormat(shown.map(part(1)), float.type, true);
    return (index) => {
      const text = imaginary(part(1)(index));
      const end = text.trimEnd().length;
      return `${real(part(0)(index))}${text.slice(0, end)}j${text.slice(end)}`;
    };
  }
  if (data instanceof StringArray) return (index) => bytesRepr(data.at(index));
  if (dtype === 'bfloat16') return (index) => sixDigits(fromBfloat16(Number(data[index])));
  const text =
    dtype === 'bool'
      ? (index: number) => ((data as NumericArray)[index] ? ' True' : 'False')
      : (index: number) => String((data as NumericArray)[index]);
  const width = Math.max(...shown.map((index) => text(index).length));
  if (dtype.startsWith('q')) return (index) => `(${text(index).padStart(width)},)`;
  return (index) => text(index).padStart(width);
}

const floatTypes: Readonly<Record<string, { readonly type: FloatType; readonly width: 1 | 2 }>> = {
  half: { type: 'half', width: 1 },
  float: { type: 'float', width: 1 },
  double: { type: 'double', width: 1 },
  complex64: { type: 'float', width: 2 },
  complex128: { type: 'double', width: 2 },
};

function numberAt({ dtype, data }: Tensor): (index: number) => number {
  if (dtype === 'half') return (index) => fromHalf((data as Uint16Array)[index]!);
  return (index) => Number((data as NumericArray)[index]);
}

function scalarText(tensor: Tensor): string {
  const { dtype, data } = tensor;
  const float = floatTypes[dtype];
  if (float?.width === 1) return floatScalar(numberAt(tensor)(0), float.type);
  if (float) return complexScalar(...(Array.from(data as Float64Array) as [number, number]), float.type);
  if (data instanceof StringArray) return bytesRepr(data.at(0));
  if (dtype === 'bool') return data[0] ? 'True' : 'False';
  if (dtype === 'bfloat16') return sixDigits(fromBfloat16(Number(data[0])));
  return dtype.startsWith('q') ? `(${(data as NumericArray)[0]},)` : String((data as NumericArray)[0]);
}

/** From this magnitude on a scalar has an exponent. */
const largestScalar: Readonly<Record<FloatType, number>> = { half: 1e3, float: 1e6, double: 1e16 };

function floatScalar(value: number, type: FloatType): string {
  if (!Number.isFinite(value)) return floatRepr(value);
  const magnitude = Math.abs(value);
  const { digits, exponent } = shortestDigits(magnitude, type);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (value !== 0 && (magnitude >= largestScalar[type] || magnitude < 0.0001)) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${digits[0]}${digits.length > 1 ? '.' : ''}${digits.slice(1)}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  return `${sign}${digits.slice(0, exponent + 1).padEnd(exponent + 1, '0')}.${digits.slice(exponent + 1) || '0'}`;
}

function complexScalar(real: number, imaginary: number, type: FloatType): string {
  const text = (value: number): string => floatScalar(value, type).replace(/\.0$/, '');
  const imaginaryText = text(imaginary);
  if (real === 0 && !Object.is(real, -0)) return `${imaginaryText}j`;
  return `(${text(real)}${/^[-+]/.test(imaginaryText) ? '' : '+'}${imaginaryText}j)`;
}

/** `%.6g`, as bfloat16 prints. */
function sixDigits(value: number): string {
  if (!Number.isFinite(value) || value === 0) return floatRepr(value).replace(/\.0$/, '');
  const [mantissa = '', power = '0'] = value.toExponential(5).split('e');
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const sign = exponent < 0 ? '-' : '+';
  return `${mantissa.replace(/\.?0+$/, '')}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
