/** `StringToNumber`. */
import { ServingError } from '@serving/core/portable';
import type { Tensor, TensorDataType } from '@serving/core/tensor';
import { typeAttribute } from '../../graph/attribute-readers.js';
import { latin1Bytes, latin1Text } from '../elements/bytes.js';
import { isBig, isFloating, numberTensor } from '../elements/numbers.js';
import { stringsOf } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';

/** `StringToNumber`. */
export const stringToNumberKernel: KernelFactory = ({ attributes }) => {
  const dtype = typeAttribute(attributes, 'out_type') as TensorDataType;
  return ([x]) => {
    const strings = stringsOf(x!);
    const texts = Array.from({ length: strings.length }, (_, i) => latin1Text(strings.at(i)));
    return [numbersFromTexts(texts, dtype, x!.shape)];
  };
};

function numbersFromTexts(texts: readonly string[], dtype: TensorDataType, shape: readonly number[]): Tensor {
  const fail = (text: string): never => {
    const bytes = new TextDecoder().decode(latin1Bytes(text));
    throw new ServingError('INVALID_ARGUMENT', `StringToNumberOp could not correctly convert string: ${bytes}`);
  };
  if (isFloating(dtype)) {
    return numberTensor(
      dtype,
      shape,
      texts.map((text) => parseFloating(text) ?? fail(text)),
    );
  }
  const integers = texts.map((text) => parseInteger(text, dtype) ?? fail(text));
  if (!isBig(dtype)) return numberTensor(dtype, shape, integers.map(Number));
  const data = dtype === 'int64' ? BigInt64Array.from(integers) : BigUint64Array.from(integers);
  return { dtype, shape, data } as Tensor;
}

const SPACES = /^[ \t\n\v\f\r]+|[ \t\n\v\f\r]+$/g;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEXADECIMAL = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/;

/** A number with a fraction, as C's `strtod` reads it; `undefined` for other texts. */
export function parseFloating(text: string): number | undefined {
  const trimmed = text.replace(SPACES, '');
  if (DECIMAL.test(trimmed)) return Number(trimmed);
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (word) {
    if (word[2]!.toLowerCase() === 'nan') return Number.NaN;
    return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const [found, sign, whole = '', fraction = '', power = '0'] = HEXADECIMAL.exec(trimmed) ?? [];
  if (found === undefined || whole + fraction === '') return undefined;
  const magnitude = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === '-' ? -magnitude : magnitude;
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** An integer in decimal digits with spaces around it; `undefined` for other texts and outside of the dtype's range. */
export function parseInteger(text: string, dtype: string): bigint | undefined {
  const trimmed = text.replace(SPACES, '');
  const [low, high] = RANGES[dtype] ?? [0n, -1n];
  if (!(dtype.startsWith('u') ? /^\+?\d{1,40}$/ : /^[+-]?\d{1,40}$/).test(trimmed)) return undefined;
  const value = BigInt(trimmed);
  return value >= low && value <= high ? value : undefined;
}
