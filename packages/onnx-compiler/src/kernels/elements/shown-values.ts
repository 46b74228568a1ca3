/** Values of tensors in messages and conditions. */
import { StringArray, type Tensor } from '@serving/core/tensor';
import { isComplex, numbersOf } from './numbers.js';

const decoder = new TextDecoder();

/** All values in row-major order, as messages show them: `[1 2 3]`. */
export function shownValues(tensor: Tensor): string {
  return `[${Array.from({ length: tensor.data.length }, (_, i) => valueText(tensor, i)).join(' ')}]`;
}

function valueText({ data, dtype }: Tensor, i: number): string {
  if (data instanceof StringArray) return decoder.decode(data.at(i));
  return dtype === 'half' || dtype === 'bfloat16'
    ? String(numbersOf({ dtype, shape: [], data: data.slice(i, i + 1) as Uint16Array<ArrayBuffer> })[0])
    : String(data[i]);
}

/** Whether a value counts as true in a condition: a number other than 0, a text that is not empty. */
export function isTrue({ data, dtype }: Tensor): boolean {
  if (data instanceof StringArray) return data.byteLength > 0;
  if (dtype === 'half' || dtype === 'bfloat16') return ((data[0] as number) & 0x7fff) !== 0;
  return isComplex(dtype) ? Boolean(data[0]) || Boolean(data[1]) : Boolean(data[0]);
}
