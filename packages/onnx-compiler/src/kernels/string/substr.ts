/** `StringLength` and `Substr`, in bytes or in UTF-8 characters. */
import { ServingError } from '@serving/core/portable';
import { elementCount } from '@serving/core/tensor';
import { textAttribute } from '../../graph/attribute-readers.js';
import { broadcastPositions, broadcastShapes } from '../elements/broadcast.js';
import { latin1Text } from '../elements/bytes.js';
import { integersOf, integerTensor } from '../elements/numbers.js';
import { StringBuilder, stringsOf } from '../elements/string-builder.js';
import type { KernelContext, KernelFactory } from '../kernel.js';

function countsCharacters({ attributes }: KernelContext): boolean {
  return textAttribute(attributes, 'unit', 'BYTE') === 'UTF8_CHAR';
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

function characterCount(value: Uint8Array): number {
  let count = 0;
  for (const byte of value) if (!isContinuation(byte)) count++;
  return count;
}

/** `StringLength`. */
export const stringLengthKernel: KernelFactory = (context) => {
  const measure = countsCharacters(context) ? characterCount : (value: Uint8Array) => value.length;
  return ([x]) => {
    const strings = stringsOf(x!);
    return [
      integerTensor(
        'int32',
        x!.shape,
        Int32Array.from({ length: strings.length }, (_, i) => measure(strings.at(i))),
      ),
    ];
  };
};

/** `Substr`: positions and lengths broadcast with the strings. */
export const substrKernel: KernelFactory = (context) => {
  const byCharacters = countsCharacters(context);
  return ([x, posTensor, lenTensor]) => {
    const shape = broadcastShapes(broadcastShapes(x!.shape, posTensor!.shape), lenTensor!.shape);
    const at = [x!, posTensor!, lenTensor!].map((tensor) => broadcastPositions(tensor.shape, shape));
    const [strings, positions, lengths] = [stringsOf(x!), integersOf(posTensor!), integersOf(lenTensor!)];
    const builder = new StringBuilder();
    for (let i = 0; i < elementCount(shape); i++) {
      const value = strings.at(at[0]?.[i] ?? i);
      const pos = positions[at[1]?.[i] ?? i]!;
      const bounds = byCharacters ? characterBounds(value) : undefined;
      const total = bounds === undefined ? value.length : bounds.length - 1;
      const begin = pos < 0 ? pos + total : pos;
      if (begin < 0 || begin > total) {
        const text = byCharacters ? '' : ` b'${latin1Text(value)}'`;
        throw new ServingError('INVALID_ARGUMENT', `pos ${pos} out of range for string${text} at index ${i}`);
      }
      const end = Math.min(begin + lengths[at[2]?.[i] ?? i]!, total);
      builder.add(value.subarray(bounds?.[begin] ?? begin, Math.max(bounds?.[begin] ?? begin, bounds?.[end] ?? end)));
    }
    return [builder.tensor(shape)];
  };
};

/** Where each UTF-8 character begins, and the end. */
function characterBounds(value: Uint8Array): number[] {
  const bounds: number[] = [];
  for (let i = 0; i < value.length; i++) if (i === 0 || !isContinuation(value[i]!)) bounds.push(i);
  bounds.push(value.length);
  return bounds;
}
