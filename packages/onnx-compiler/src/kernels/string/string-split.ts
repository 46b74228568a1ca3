/** Strings split into pieces, as sparse tensors. */
import { ServingError } from '@serving/core/portable';
import type { Tensor } from '@serving/core/tensor';
import { boolAttribute, intAttribute } from '../../graph/attribute-readers.js';
import { indexOfBytes } from '../elements/bytes.js';
import { integerTensor } from '../elements/numbers.js';
import { StringBuilder, stringsOf } from '../elements/string-builder.js';
import type { KernelFactory } from '../kernel.js';
import { isSpace } from './string-case.js';

type Split = (value: Uint8Array, add: (piece: Uint8Array) => void) => void;

function splitAll(split: Split, x: Tensor): Tensor[] {
  const strings = stringsOf(x);
  const builder = new StringBuilder();
  const indices: number[] = [];
  let widest = 0;
  for (let row = 0; row < strings.length; row++) {
    let column = 0;
    split(strings.at(row), (piece) => {
      builder.add(piece);
      indices.push(row, column++);
    });
    widest = Math.max(widest, column);
  }
  return [
    integerTensor('int64', [builder.count, 2], indices),
    builder.tensor(),
    integerTensor('int64', [2], [strings.length, widest]),
  ];
}

/** At runs of spaces; after `limit` pieces the rest is one piece, empty or not. */
function splitAtSpaces(limit: number): Split {
  return (value, add) => {
    const afterSpaces = (from: number): number => {
      let at = from;
      while (at < value.length && isSpace(value[at]!)) at++;
      return at;
    };
    let at = afterSpaces(0);
    for (let pieces = 1; at < value.length; pieces++) {
      let end = at;
      while (end < value.length && !isSpace(value[end]!)) end++;
      add(value.subarray(at, end));
      at = afterSpaces(end);
      if (pieces === limit) {
        add(value.subarray(at));
        return;
      }
    }
  };
}

function splitAtSeparator(separator: Uint8Array, limit: number): Split {
  return (value, add) => {
    let at = 0;
    for (let pieces = 0; pieces !== limit; pieces++) {
      const found = indexOfBytes(value, separator, at);
      if (found < 0) break;
      add(value.subarray(at, found));
      at = found + separator.length;
    }
    add(value.subarray(at));
  };
}

/** `StringSplitV2`. An empty separator means runs of spaces. */
export const stringSplitV2Kernel: KernelFactory = ({ attributes }) => {
  const limit = intAttribute(attributes, 'maxsplit', -1);
  return ([x, separator]) => {
    if (separator!.shape.length > 0) {
      throw new ServingError('INVALID_ARGUMENT', `sep must be a scalar, got shape: [${separator!.shape}]`);
    }
    const sep = stringsOf(separator!).at(0);
    if (limit === 0) return splitAll((value, add) => add(value), x!);
    return splitAll(sep.length === 0 ? splitAtSpaces(limit) : splitAtSeparator(sep, limit), x!);
  };
};

/** `StringSplit`: at every byte that is one of the delimiters; without any, into bytes. */
export const stringSplitKernel: KernelFactory = ({ attributes }) => {
  const skipEmpty = boolAttribute(attributes, 'skip_empty', true);
  return ([x, delimiterTensor]) => {
    const delimiters = new Set(stringsOf(delimiterTensor!).at(0));
    const split: Split = (value, add) => {
      if (delimiters.size === 0) {
        for (let i = 0; i < value.length; i++) add(value.subarray(i, i + 1));
        return;
      }
      let begin = 0;
      for (let i = 0; i <= value.length && value.length > 0; i++) {
        if (i < value.length && !delimiters.has(value[i]!)) continue;
        if (!skipEmpty || i > begin) add(value.subarray(begin, i));
        begin = i + 1;
      }
    };
    return splitAll(split, x!);
  };
};
