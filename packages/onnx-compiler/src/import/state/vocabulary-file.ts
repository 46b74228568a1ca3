/** Tables that are read from text files, by TensorFlow's rules. */
import { readFileSync } from 'node:fs';
import { ServingError } from '@serving/core';
import { createTensor, StringArray, type Tensor } from '@serving/core/tensor';

/** Attributes of `InitializeTableFromTextFileV2`. */
export interface VocabularyFormat {
  readonly keyIndex: number;
  readonly valueIndex: number;
  /** The number of lines that count; -1 for all. */
  readonly vocabularySize: number;
  readonly delimiter: string;
  /** The number of lines that are skipped. */
  readonly offset: number;
}

const WHOLE_LINE = -2;
const LINE_NUMBER = -1;

/**
 * Reads keys and values.
 *
 * @throws ServingError `NOT_FOUND` for a file that can't be read, `INVALID_ARGUMENT` with TensorFlow's text for its content.
 */
export function readVocabulary(
  path: string,
  format: VocabularyFormat,
  keyType: string,
  valueType: string,
): { readonly keys: Tensor; readonly values: Tensor } {
  const lines = readLines(path, format);
  return {
    keys: column(lines, path, format, format.keyIndex, keyType),
    values: column(lines, path, format, format.valueIndex, valueType),
  };
}

/** Lines as latin1, so that bytes stay what they are. */
function readLines(path: string, { offset, vocabularySize }: VocabularyFormat): string[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    throw new ServingError('NOT_FOUND', `Can't read the vocabulary file ${path}`, { cause });
  }
  const lines = text.split('\n').map((line) => line.replaceAll('\r', ''));
  if (lines.at(-1) === '') lines.pop();
  const wanted = vocabularySize < 0 ? lines.length : offset + vocabularySize;
  if (wanted > lines.length) {
    const found = Math.max(lines.length - offset, 0);
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Invalid vocab_size in ${path}: expected ${vocabularySize} but got ${found}`,
    );
  }
  const counted = lines.slice(offset, wanted);
  const empty = counted.indexOf('');
  if (empty >= 0) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Invalid content in ${path}: empty line found at position ${offset + empty}.`,
    );
  }
  return counted;
}

function column(lines: readonly string[], path: string, format: VocabularyFormat, index: number, type: string): Tensor {
  const shape = [lines.length];
  if (index === LINE_NUMBER)
    return numbers(
      lines.map((_, i) => String(i)),
      type,
      path,
    );
  const texts = index === WHOLE_LINE ? lines : lines.map((line, i) => field(line, i, path, format, index));
  if (type !== 'string') return numbers(texts, type, path);
  return createTensor('string', shape, StringArray.from(texts.map((text) => Buffer.from(text, 'latin1'))));
}

function field(
  line: string,
  i: number,
  path: string,
  { delimiter, offset, keyIndex, valueIndex }: VocabularyFormat,
  index: number,
): string {
  const parts = line.split(delimiter);
  const needed = Math.max(keyIndex, valueIndex) + 1;
  if (parts.length < needed) {
    throw new ServingError(
      'INVALID_ARGUMENT',
      `Invalid number of columns in ${path} line ${offset + i} (${line}) : expected at least ${needed} got ${parts.length}`,
    );
  }
  return parts[index]!;
}

function numbers(texts: readonly string[], type: string, path: string): Tensor {
  const shape = [texts.length];
  const invalid = (text: string): ServingError =>
    new ServingError('INVALID_ARGUMENT', `Field ${text} in ${path} is not a valid ${type}.`);
  const integer = (text: string): bigint => {
    if (!/^[+-]?\d+$/.test(text.trim())) throw invalid(text);
    return BigInt(text.trim().replace('+', ''));
  };
  const float = (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || Number.isNaN(value)) throw invalid(text);
    return value;
  };
  if (type === 'int64') return createTensor('int64', shape, BigInt64Array.from(texts, integer));
  if (type === 'int32')
    return createTensor(
      'int32',
      shape,
      Int32Array.from(texts, (text) => Number(integer(text))),
    );
  if (type === 'float') return createTensor('float', shape, Float32Array.from(texts, float));
  if (type === 'double') return createTensor('double', shape, Float64Array.from(texts, float));
  throw new ServingError('UNIMPLEMENTED', `Tables of ${type} can't be read from text files`);
}
