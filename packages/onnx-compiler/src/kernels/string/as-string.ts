/** `AsString`. */
import { ServingError } from '@serving/core/portable';
import { StringArray, type Tensor } from '@serving/core/tensor';
import { boolAttribute, intAttribute, textAttribute } from '../../graph/attribute-readers.js';
import { isComplex, isFloating, numbersOf } from '../elements/numbers.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { formatNumber, type NumberConversion } from './format-number.js';

interface Form {
  readonly conversion: NumberConversion;
  readonly precision: number;
  readonly width: number;
  readonly fill: string;
}

function formOf({ attributes }: KernelContext): Form {
  const [scientific, shortest] = [
    boolAttribute(attributes, 'scientific', false),
    boolAttribute(attributes, 'shortest', false),
  ];
  if (scientific && shortest) {
    throw new ServingError('INVALID_ARGUMENT', 'Cannot select both scientific and shortest notation');
  }
  const fill = textAttribute(attributes, 'fill', '');
  if (fill.length > 1) throw new ServingError('INVALID_ARGUMENT', `Fill string must be one or fewer characters`);
  if (!['', ' ', '+', '-', '0', '#'].includes(fill)) {
    throw new ServingError('INVALID_ARGUMENT', `Fill argument not supported: ${fill}`);
  }
  const precision = intAttribute(attributes, 'precision', -1);
  return {
    conversion: scientific ? 'e' : shortest ? 'g' : 'f',
    precision: precision < 0 ? 6 : precision,
    width: intAttribute(attributes, 'width', -1),
    fill,
  };
}

/** `AsString`. */
export const asStringKernel: KernelFactory = (context) => {
  const form = formOf(context);
  return ([x]) => [
    x!.dtype === 'string' ? x! : { dtype: 'string', shape: x!.shape, data: StringArray.from(textsOf(x!, form)) },
  ];
};

function textsOf(x: Tensor, form: Form): string[] {
  if (isComplex(x.dtype)) {
    const data = x.data as Float64Array;
    const number = (value: number) => formatNumber(value, form.conversion, form.precision);
    return Array.from({ length: data.length / 2 }, (_, i) =>
      padded(`(${number(data[2 * i]!)},${number(data[2 * i + 1]!)})`, form),
    );
  }
  if (x.dtype === 'bool')
    return Array.from(x.data, (value) =>
      padded(value === 0 ? 'false' : 'true', { ...form, fill: form.fill === '-' ? '-' : '' }),
    );
  if (isFloating(x.dtype)) {
    return Array.from(numbersOf(x), (value) => padded(formatNumber(value, form.conversion, form.precision), form));
  }
  return Array.from(x.data as Int32Array, (value) => padded(String(value), form));
}

/** As the flag and width of `printf` ask. */
function padded(text: string, { width, fill }: Form): string {
  const signed = (fill === '+' || fill === ' ') && !text.startsWith('-') ? fill + text : text;
  if (signed.length >= width) return signed;
  if (fill === '-') return signed.padEnd(width);
  if (fill !== '0' || /[a-z(]/.test(signed.replace(/e[+-]/, ''))) return signed.padStart(width);
  const sign = /^[+-]/.exec(signed)?.[0] ?? '';
  return sign + signed.slice(sign.length).padStart(width - sign.length, '0');
}
