import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StringArray } from '@serving/core/tensor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVocabulary } from './vocabulary-file.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vocabulary-'));
});

afterEach(() => rm(directory, { recursive: true }));

const format = { keyIndex: -2, valueIndex: -1, vocabularySize: -1, delimiter: '\t', offset: 0 };

async function read(content: string, changes: Partial<typeof format> = {}, valueType = 'int64') {
  const path = join(directory, 'words.txt');
  await writeFile(path, content);
  const { keys, values } = readVocabulary(path, { ...format, ...changes }, 'string', valueType);
  return { keys: (keys.data as StringArray).toStrings(), values: Array.from(values.data as Iterable<unknown>) };
}

describe('a vocabulary file', () => {
  it.each([
    ['lines and their numbers', 'a\nb\n', {}, ['a', 'b'], [0n, 1n]],
    ['a last line without an end', 'a\nb', {}, ['a', 'b'], [0n, 1n]],
    ['carriage returns anywhere', 'a\r\nb\rc\n', {}, ['a', 'bc'], [0n, 1n]],
    ['columns', 'a\t7\nb\t-8\n', { keyIndex: 0, valueIndex: 1 }, ['a', 'b'], [7n, -8n]],
    ['another delimiter', 'a,1\n', { keyIndex: 0, valueIndex: 1, delimiter: ',' }, ['a'], [1n]],
    ['fewer lines than it has', 'a\nb\nc\n', { vocabularySize: 2 }, ['a', 'b'], [0n, 1n]],
    ['lines after an offset, numbered from 0', 'x\na\nb\n', { offset: 1 }, ['a', 'b'], [0n, 1n]],
    ['nothing', '', {}, [], []],
  ])('gives %s', async (_, content, changes, keys, values) => {
    expect(await read(content, changes)).toEqual({ keys, values });
  });

  it('gives bytes that are not UTF-8 as they are', async () => {
    const path = join(directory, 'bytes.txt');
    await writeFile(path, Buffer.from([0xff, 0x0a]));
    const { keys } = readVocabulary(path, format, 'string', 'int64');
    expect((keys.data as StringArray).at(0)).toEqual(Uint8Array.of(0xff));
  });

  it.each([
    ['an empty line', 'a\n\nb\n', {}, /^Invalid content in .*words\.txt: empty line found at position 1\.$/],
    [
      'a missing column',
      'a\t1\nb\n',
      { keyIndex: 0, valueIndex: 1 },
      /^Invalid number of columns in .*words\.txt line 1 \(b\) : expected at least 2 got 1$/,
    ],
    [
      'fewer lines than the attribute says',
      'a\nb\n',
      { vocabularySize: 3 },
      /^Invalid vocab_size in .*words\.txt: expected 3 but got 2$/,
    ],
    [
      'a value that is not a number',
      'a\tx\n',
      { keyIndex: 0, valueIndex: 1 },
      /^Field x in .* is not a valid int64\.$/,
    ],
  ])('is refused for %s, with the text of TensorFlow', async (_, content, changes, message) => {
    await expect(read(content, changes)).rejects.toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
