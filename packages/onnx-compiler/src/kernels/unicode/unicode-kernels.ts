/** Kernels of Unicode characters. */
import { ServingError } from '@serving/core/portable';
import { boolAttribute, intAttribute, textAttribute, typeAttribute } from '../../graph/attribute-readers.js';
import { integersOf, integerTensor } from '../elements/numbers.js';
import { mapStrings, StringBuilder, stringsOf } from '../elements/string-builder.js';
import type { KernelContext, KernelFactory } from '../kernel.js';
import { rowSplits } from '../ragged/row-partitions.js';
import { isCharacter, textEncoding } from './text-encodings.js';

type Receive = (code: number, at: number) => void;

/** Reads characters, with those that are not valid replaced, left out or refused as the attributes ask. */
function characterReader({ attributes }: KernelContext): (bytes: Uint8Array, receive: Receive) => void {
  const encoding = textEncoding(textAttribute(attributes, 'input_encoding'));
  const errors = textAttribute(attributes, 'errors');
  const replacement = intAttribute(attributes, 'replacement_char');
  const replacesControl = boolAttribute(attributes, 'replace_control_characters', false);
  return (bytes, receive) =>
    encoding.decode(bytes, (code, at) => {
      const isControl = replacesControl && code !== undefined && code <= 0x1f;
      if (code !== undefined && !isControl) receive(code, at);
      else if (errors === 'strict' && code === undefined) {
        throw new ServingError('INVALID_ARGUMENT', 'Invalid formatting on input string');
      } else if (errors !== 'ignore') receive(replacement, at);
    });
}

function decodeKernel(withOffsets: boolean): KernelFactory {
  return (context) => {
    const read = characterReader(context);
    const splitsType = typeAttribute(context.attributes, 'Tsplits');
    return ([x]) => {
      const strings = stringsOf(x!);
      const splits = [0];
      const codes: number[] = [];
      const offsets: number[] = [];
      for (let i = 0; i < strings.length; i++) {
        read(strings.at(i), (code, at) => {
          codes.push(code);
          offsets.push(at);
        });
        splits.push(codes.length);
      }
      const outputs = [
        integerTensor(splitsType, [splits.length], splits),
        integerTensor('int32', [codes.length], codes),
      ];
      return withOffsets ? [...outputs, integerTensor('int64', [offsets.length], offsets)] : outputs;
    };
  };
}

/** Characters to be written, with those that are not valid replaced, left out or refused. */
function validCodes(codes: readonly number[], errors: string, replacement: number): number[] {
  return codes.flatMap((code) => {
    if (isCharacter(code)) return [code];
    if (errors === 'strict') {
      throw new ServingError('INVALID_ARGUMENT', 'Code point is out of range for Unicode, or is a surrogate.');
    }
    return errors === 'ignore' ? [] : [replacement];
  });
}

const unicodeEncode: KernelFactory = ({ attributes }) => {
  const encoding = textEncoding(textAttribute(attributes, 'output_encoding'));
  const errors = textAttribute(attributes, 'errors');
  const replacement = intAttribute(attributes, 'replacement_char');
  return ([valuesTensor, splitsTensor]) => {
    const values = integersOf(valuesTensor!);
    const splits = rowSplits(splitsTensor!, values.length);
    const builder = new StringBuilder();
    for (let row = 0; row + 1 < splits.length; row++) {
      builder.add(encoding.encode(validCodes(values.slice(splits[row], splits[row + 1]), errors, replacement)));
    }
    return [builder.tensor()];
  };
};

const unicodeTranscode: KernelFactory = (context) => {
  const read = characterReader(context);
  const encoding = textEncoding(textAttribute(context.attributes, 'output_encoding'));
  return ([x]) => [
    mapStrings(x!, (value) => {
      const codes: number[] = [];
      read(value, (code) => codes.push(code));
      return encoding.encode(codes);
    }),
  ];
};

/** Kernels of Unicode characters, by operation. */
export const unicodeKernels: ReadonlyMap<string, KernelFactory> = new Map(
  Object.entries({
    UnicodeDecode: decodeKernel(false),
    UnicodeDecodeWithOffsets: decodeKernel(true),
    UnicodeEncode: unicodeEncode,
    UnicodeTranscode: unicodeTranscode,
  }),
);
