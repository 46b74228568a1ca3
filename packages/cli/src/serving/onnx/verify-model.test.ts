import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServingError } from '@serving/core';
import { diagnose, installLibrary } from '@serving/engine';
import { describe, expect, it, onTestFinished } from 'vitest';
import { compilerFixtures } from '../../../../onnx-compiler/src/fixtures.test-support.js';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { fixturePath } from '../../../../test-doubles/src/saved-model-fixtures.js';
import { runServing, type ServingCommandOptions } from '../serving.js';

async function verify(argv: readonly string[], options: ServingCommandOptions = {}) {
  const output = recordingOutput();
  return {
    code: await runServing(['onnx', ...argv, '--verify'], output, options),
    out: output.out(),
    err: output.err(),
  };
}

const fixtures = compilerFixtures();
const fixture = (name: string): string => fixtures.find((each) => each.name === name)!.directory;
/** Their inputs are serialized examples, and row splits, which are not generated. */
const NOT_COMPARED = ['examples', 'ragged'];
const compared = fixtures.filter(({ name, refused }) => refused === undefined && !NOT_COMPARED.includes(name));

describe('serving onnx --verify', () => {
  it.each([
    ...compared.map(({ name, directory }) => [name, directory] as const),
    ...['digits', 'multi', 'strings'].map((name) => [name, fixturePath(name)] as const),
  ])(
    'finds that both engines agree on %s',
    async (_, directory) => {
      const { code, out, err } = await verify([directory]);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      expect(out).toMatch(
        /^signature ".*": agrees \(seed 1, [123] of 3 requests answered\)\n {2}output ".*": at most .* absolute, .* relative\n/,
      );
    },
    60_000,
  );

  it('chooses other requests by the seed', async () => {
    const { out } = await verify([fixture('mlp'), '--seed=8']);
    expect(out).toContain('agrees (seed 8, 3 of 3 requests answered)');
    expect(out).not.toEqual((await verify([fixture('mlp'), '--seed=9'])).out.replace('seed 9', 'seed 8'));
  });

  it('ends with 1 beyond the tolerance, and writes nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-verify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const out = join(folder, 'model.onnx');
    const flags = [fixture('mlp'), '--absolute_tolerance=0', '--relative_tolerance=0', `--out=${out}`];
    const result = await verify(flags);
    expect(result).toMatchObject({
      code: 1,
      err: '',
      out: expect.stringMatching(/differs.*\n[\s\S]*size \d: output "probabilities" is \S+ for \S+ at element/),
    });
    expect(existsSync(out)).toBe(false);
  });

  it('writes a signature that agrees', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'serving-verify-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const out = join(folder, 'model.onnx');
    expect(await verify([fixture('mlp'), `--out=${out}`])).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^signature "serving_default": agrees[\s\S]*model\.onnx is written/),
    });
    expect(existsSync(out)).toBe(true);
  });

  it.each(NOT_COMPARED)('ends with 1 where no generated request of %s is answered', async (name) => {
    expect(await verify([fixture(name)])).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /not compared \(seed 1, 0 of 3 requests answered\)\n {2}size 1: both answer INVALID_ARGUMENT \(/,
      ),
    });
  });

  it('says how TensorFlow is installed where it is missing', async () => {
    const findLibrary = () =>
      Promise.reject(new ServingError('FAILED_PRECONDITION', 'Run `npx serving-engine install tensorflow`'));
    const result = await verify([fixture('mlp')], { library: { findLibrary, installLibrary, diagnose } });
    expect(result).toEqual({
      code: 1,
      out: '',
      err: 'serving onnx: FAILED_PRECONDITION: Run `npx serving-engine install tensorflow`\n',
    });
  });
});
