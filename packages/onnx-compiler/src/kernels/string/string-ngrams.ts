/** `StringNGrams`. */
import { ServingError } from '@serving/core/portable';
import {
  boolAttribute,
  bytesAttribute,
  intAttribute,
  intsAttribute,
  typeAttribute,
} from '../../graph/attribute-readers.js';
import { integersOf, integerTensor } from '../elements/numbers.js';
import { StringBuilder, stringsOf } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';

/** `StringNGrams`: of each row of ragged strings, for each width in turn. */
export const stringNGramsKernel: KernelFactory = ({ attributes }) => {
  const separator = bytesAttribute(attributes, 'separator');
  const widths = intsAttribute(attributes, 'ngram_widths');
  const leftPad = bytesAttribute(attributes, 'left_pad');
  const rightPad = bytesAttribute(attributes, 'right_pad');
  const padWidth = intAttribute(attributes, 'pad_width');
  const preserveShort = boolAttribute(attributes, 'preserve_short_sequences');
  const splitsType = typeAttribute(attributes, 'Tsplits');
  return ([data, splitsTensor]) => {
    const strings = stringsOf(data!);
    const splits = integersOf(splitsTensor!);
    checkSplits(splits, strings.length);
    const builder = new StringBuilder();
    const ends = splits.length > 0 ? [0] : [];
    for (let row = 0; row + 1 < splits.length; row++) {
      const length = splits[row + 1]! - splits[row]!;
      const padOf = (width: number) => (padWidth < 0 ? width - 1 : Math.min(padWidth, width - 1));
      const before = builder.count;
      const addAt = (start: number, width: number, pad: number) => {
        for (let k = 0; k < width; k++) {
          if (k > 0) builder.append(separator);
          const at = start + k - pad;
          builder.append(at < 0 ? leftPad : at < length ? strings.at(splits[row]! + at) : rightPad);
        }
        builder.finish();
      };
      for (const width of widths) {
        const pad = padOf(width);
        for (let start = 0; start + width <= length + 2 * pad; start++) addAt(start, width, pad);
      }
      if (preserveShort && builder.count === before && length > 0) {
        const pad = Math.max(0, padWidth);
        addAt(0, length + 2 * pad, pad);
      }
      ends.push(builder.count);
    }
    return [builder.tensor(), integerTensor(splitsType, [ends.length], ends)];
  };
};

function checkSplits(splits: readonly number[], count: number): void {
  if (splits.length === 0) return;
  if (splits[0] !== 0) {
    throw new ServingError('INVALID_ARGUMENT', `First split value must be 0, got ${splits[0]}`);
  }
  for (let i = 1; i < splits.length; i++) {
    const end = splits[i]!;
    if (end >= splits[i - 1]! && end <= count) continue;
    throw new ServingError('INVALID_ARGUMENT', `Invalid split value ${end}, must be in [${splits[i - 1]}, ${count}]`);
  }
  if (splits.at(-1) !== count) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Last split value must be data size. Expected ${count}, got ${splits.at(-1)}`,
    );
  }
}
