import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../engine/src/command/recording-output.test-support.js';
import { runServing } from './serving.js';

async function run(argv: string[]) {
  const output = recordingOutput();
  return { code: await runServing(argv, output), out: output.out(), err: output.err() };
}

describe('serving', () => {
  it.each([['--help'], ['-h'], ['install', '--help'], ['doctor', '-h']])(
    'prints its usage for %s %s',
    async (...argv) => {
      expect(await run(argv)).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^usage: serving <command>/),
        err: '',
      });
    },
  );

  it('prints its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [[]],
    [['what']],
    [['install', 'now']],
    [['install', '--accept_unknown_file=perhaps']],
    [['warmup']],
    [['warmup', '--model_dir=x']],
    [['warmup', '--model_dir=x', '--requests=y', 'z']],
  ])('answers %j with the usage and 2', async (argv) => {
    expect(await run(argv)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('usage: serving') });
  });
});

describe('serving install', () => {
  it('hands the command on, and its messages name this program', async () => {
    const library = {
      findLibrary: async () => ({ path: '/lib/libtensorflow.so.2', source: 'cache', tried: [] }) as const,
      installLibrary: () => Promise.reject(new Error()),
      diagnose: () => Promise.reject(new Error()),
    };
    const output = recordingOutput();
    expect(await runServing(['install'], output, { library })).toBe(0);
    expect(output.out()).toContain('/lib/libtensorflow.so.2 (cache)');
  });
});

describe('serving warmup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serving-warmup-'));
  const version = join(folder, 'half', '1');
  const requests = join(folder, 'requests.json');
  cpSync(new URL('../../../savedmodel/fixtures/half_plus_two/123', import.meta.url), version, { recursive: true });
  afterAll(() => rmSync(folder, { recursive: true }));
  const warmup = (json: string) => {
    writeFileSync(requests, json);
    return run(['warmup', `--model_dir=${version}`, '--requests', requests]);
  };

  it('writes records that a load runs', async () => {
    const path = join(version, 'assets.extra', 'tf_serving_warmup_requests');
    expect(await warmup('[{ "instances": [1, 2, 5] }]')).toEqual({ code: 0, out: `${path} has 1 record\n`, err: '' });
    expect(readFileSync(path).subarray(0, 8).readBigUInt64LE()).toBe(BigInt(statSync(path).size - 16));
  });

  it.each([
    ['{', /^serving warmup: INVALID_ARGUMENT: .*requests\.json: no JSON/],
    ['[{ "inputs": { "z": [1] } }]', /INVALID_ARGUMENT: .*Sent extra: \{z\}\. Missing but required: \{x\}\.\n$/],
    ['[{ "signature_name": "none", "inputs": { "x": [1] } }]', /Serving signature key "none" not found\.\n$/],
  ])('fails for %s with 1', async (json, message) => {
    expect(await warmup(json)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });
});
