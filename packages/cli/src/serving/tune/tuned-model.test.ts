import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { batchingOf, findTunedModel } from './tuned-model.js';

const savedModels = fileURLToPath(new URL('../../../../savedmodel/fixtures/', import.meta.url));
const onnxModels = fileURLToPath(new URL('../../../../runtime-onnx/fixtures/', import.meta.url));

describe('findTunedModel', () => {
  it.each([
    [`${savedModels}digits`, 'digits', `${savedModels}digits/2`],
    [`${savedModels}digits/1`, 'digits', `${savedModels}digits/1`],
    [`${onnxModels}half_plus_two`, 'half_plus_two', `${onnxModels}half_plus_two/1`],
  ])('finds the model of %s', async (path, name, directory) => {
    expect(await findTunedModel(path)).toMatchObject({ config: { name }, directory });
  });

  it.each([
    [savedModels, 'has several models; name the folder of one: '],
    [join(savedModels, 'none'), "Can't read"],
    [join(savedModels, 'digits/1/variables'), 'No model in'],
  ])('refuses %s', async (path, message) => {
    await expect(findTunedModel(path)).rejects.toThrow(message);
  });
});

describe('batchingOf', () => {
  it.each([
    ['the compiler shows that rows are independent', `${savedModels}mlp`, '', 'safe'],
    ['an input is a scalar', `${savedModels}slow`, '', 'none'],
    ['the signature does not compile', `${savedModels}lookup_insert`, '', 'unproven'],
    ['it is an ONNX model', `${onnxModels}half_plus_two`, '', 'safe'],
  ])('when %s', async (_, path, signatureName, expected) => {
    expect(await batchingOf(await findTunedModel(path), signatureName)).toBe(expected);
  });
});
