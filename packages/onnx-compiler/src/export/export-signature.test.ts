import { describe, expect, it } from 'vitest';
import { compilerFixtures } from '../fixtures.test-support.js';
import { exportSignature } from './export-signature.js';

const fixtures = compilerFixtures();
const directoryOf = (name: string): string => fixtures.find((fixture) => fixture.name === name)!.directory;
const exported = (name: string, options = {}, signature = 'serving_default') =>
  exportSignature(directoryOf(name), ['serve'], signature, options);

describe('exportSignature', () => {
  it('names inputs and outputs by aliases, also outputs that no operation makes', async () => {
    const { inputs, outputs } = await exported('passthrough');
    expect(inputs.map(({ name, dtype }) => [name, dtype])).toEqual([
      ['unused', 'int64'],
      ['x', 'float'],
    ]);
    expect(outputs.map(({ name }) => name)).toEqual(['again', 'as_it_came', 'constant', 'sum']);
  });

  it('tells the range of ids, which nothing in the model checks', async () => {
    const { inputs } = await exported('embedding');
    expect(inputs[0]).toMatchObject({ name: 'ids', range: { min: 0, max: 19 } });
  });

  it('has weights in the model, or in a file that the caller writes', async () => {
    const inside = await exported('cnn');
    const beside = await exported('cnn', { weightsFile: 'model.onnx.data' });
    expect(inside.weightsFile).toEqual([]);
    const bytes = beside.weightsFile.reduce((sum, { source }) => sum + source.length, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(inside.model.length).toBeGreaterThan(bytes);
    expect(Buffer.from(beside.model).includes('model.onnx.data')).toBe(true);
    expect(Buffer.from(beside.model).includes('variables')).toBe(false);
  });

  it('refuses stages in TypeScript by name, or leaves them out', async () => {
    await expect(exported('class_names')).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringMatching(/has stages in TypeScript.*\n {2}LookupTableFindV2 \(node /),
    });
    const { outputs, leftOut } = await exported('class_names', { core: true });
    expect(outputs.map(({ name }) => name)).toEqual(['scores', expect.stringMatching(/ArgMax:0$/)]);
    expect(leftOut).toEqual([expect.stringMatching(/^LookupTableFindV2 \(node /)]);
  });

  it.each([
    ['double_convolution', 'serving_default', {}, 'UNIMPLEMENTED', 'no float64 kernel'],
    ['counter', 'serving_default', {}, 'UNIMPLEMENTED', 'the signature changes state'],
    ['words', 'serving_default', { core: true }, 'UNIMPLEMENTED', 'numeric part'],
    ['mlp', 'none', {}, 'NOT_FOUND', 'Signature "none" not found; the model has "serving_default"'],
    ['mlp', 'serving_default', { cores: true }, 'INVALID_ARGUMENT', 'cores'],
  ])('rejects for %s, signature %s and %j', async (name, signature, options, code, message) => {
    await expect(exported(name, options, signature)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});
