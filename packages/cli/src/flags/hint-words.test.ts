import { fileAsBasePathHint } from '@serving/core/internal';
import { describe, expect, it } from 'vitest';
import { commandWords, configFileWords, flagWords, inWordsOf } from './hint-words.js';

describe('inWordsOf', () => {
  it.each([
    [
      'flags',
      flagWords,
      'name it "/m/net/1/model.onnx", and serve it with --model_platform=onnx',
      'to "/m/1", or serve it as version 1 with --unversioned_base_path',
    ],
    [
      'a list of models',
      configFileWords('m.config'),
      `name it "/m/net/1/model.onnx", and serve it with model_platform: 'onnx' in m.config`,
      'to "/m/1"',
    ],
    ['commands', commandWords, 'name it "/m/net/1/model.onnx", and serve it', 'to "/m/1"'],
  ])('has a hint in the words of %s', (_, words, onnx, unversioned) => {
    expect(inWordsOf(words, fileAsBasePathHint('/m/net.onnx'))).toBe(`"/m/net.onnx" is an ONNX model: ${onnx}`);
    expect(inWordsOf(words, fileAsBasePathHint('/m/saved_model.pb'))).toBe(
      `Pass the folder "/m", and move what it holds ${unversioned}`,
    );
  });
});
