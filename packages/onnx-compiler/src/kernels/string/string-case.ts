/** Letters in lower and upper case, and strings without the spaces around them. */
import { ServingError } from '@serving/core/portable';
import { textAttribute } from '../../graph/attribute-readers.js';
import { mapStrings } from '../elements/string-builder.js';
import type { KernelContext, KernelFactory } from '../kernel.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function isUtf8({ attributes }: KernelContext): boolean {
  const encoding = textAttribute(attributes, 'encoding', '');
  if (encoding === '' || encoding.toLowerCase() === 'utf-8') return encoding !== '';
  throw new ServingError('UNIMPLEMENTED', `only utf8 or '' (no encoding) is supported, got "${encoding}"`);
}

function caseKernel(first: number, offset: number, convert: (text: string) => string): KernelFactory {
  return (context) => {
    const convertBytes = isUtf8(context)
      ? (value: Uint8Array) => convert(decoder.decode(beforeZero(value)))
      : (value: Uint8Array) => value.map((byte) => (byte >= first && byte < first + 26 ? byte + offset : byte));
    return ([x]) => [mapStrings(x!, convertBytes)];
  };
}

/** Like TensorFlow, which hands the text to ICU as a C string. */
function beforeZero(value: Uint8Array): Uint8Array {
  const end = value.indexOf(0);
  return end < 0 ? value : value.subarray(0, end);
}

/** `StringLower`: of ASCII letters, or with the encoding utf-8 by Unicode's full mapping. */
export const stringLowerKernel: KernelFactory = caseKernel(0x41, 0x20, (text) => text.toLowerCase());

/** `StringUpper`, as {@link stringLowerKernel}. */
export const stringUpperKernel: KernelFactory = caseKernel(0x61, -0x20, (text) => text.toUpperCase());

/** Whether a byte is one of ASCII's spaces. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

/** A string without the spaces around it. */
function stripped(value: Uint8Array): Uint8Array {
  let begin = 0;
  let end = value.length;
  while (begin < end && isSpace(value[begin]!)) begin++;
  while (end > begin && isSpace(value[end - 1]!)) end--;
  return value.subarray(begin, end);
}

/** `StringStrip`. */
export const stringStripKernel: KernelFactory =
  () =>
  ([x]) => [mapStrings(x!, stripped)];
