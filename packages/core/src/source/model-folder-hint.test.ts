import { describe, expect, it } from 'vitest';
import { basePathHint, fileAsBasePathHint, folderOfModelsHint } from './model-folder-hint.js';

describe('basePathHint', () => {
  it.each<[string, string[], string]>([
    [
      'a version folder',
      ['variables', 'saved_model.pb'],
      '"/m/saved_model.pb" exists: pass the parent folder, if the versions are there, or move the model to "/m/1", or serve it as version 1 with unversionedBasePath: true',
    ],
    [
      'a version folder of an ONNX model',
      ['model.onnx'],
      '"/m/model.onnx" exists: pass the parent folder, if the versions are there, or move the model to "/m/1", or serve it as version 1 with unversionedBasePath: true',
    ],
    ['version_1', ['version_1'], '"/m/version_1" is not a version folder: rename it to "/m/1"'],
    ['an empty version folder', ['1'], 'The version folder "/m/1" has neither saved_model.pb nor model.onnx'],
    ['v12', ['readme', 'v12'], '"/m/v12" is not a version folder: rename it to "/m/12"'],
    [
      'a Keras file',
      ['net.keras'],
      '"/m/net.keras" is a Keras file: in Python, keras.saving.load_model("/m/net.keras").export("/m/1") (docs/guides/make-a-savedmodel.md)',
    ],
    [
      'an ONNX file of another name',
      ['net.onnx'],
      '"/m/net.onnx" is an ONNX model: name it "/m/1/model.onnx", and serve it with platform: \'onnx\'',
    ],
    ['nothing', [], 'Each version is a folder named by its number, such as /m/1'],
    ['other folders', ['production'], 'Each version is a folder named by its number, such as /m/1'],
  ])('names the fix for %s', (_, children, hint) => {
    expect(basePathHint('/m', children)).toBe(hint);
  });
});

describe('folderOfModelsHint', () => {
  it('names the models, and how to serve one or all', () => {
    expect(folderOfModelsHint('/models/', ['digits', 'resnet'])).toBe(
      '"/models" holds models, not versions: digits, resnet. Pass the folder of one, such as "/models/digits", or serve each of them by models: [{ name, basePath }, …]',
    );
  });
});

describe('fileAsBasePathHint', () => {
  it.each([
    [
      '/m/net.keras',
      '"/m/net.keras" is a Keras file: in Python, keras.saving.load_model("/m/net.keras").export("/m/net/1") (docs/guides/make-a-savedmodel.md)',
    ],
    [
      '/m/saved_model.pb',
      'Pass the folder "/m", and move what it holds to "/m/1", or serve it as version 1 with unversionedBasePath: true',
    ],
    ['/m/1/saved_model.pb', 'Pass the folder that holds the version folders: for /m/1/saved_model.pb, "/m"'],
    ['/m/notes.txt', 'A base path is a folder with a folder for each version, such as 1'],
  ])('names the fix for %s', (path, hint) => {
    expect(fileAsBasePathHint(path)).toBe(hint);
  });
});
