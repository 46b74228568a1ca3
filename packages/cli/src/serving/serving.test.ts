import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { runServing } from './serving.js';
import { servingProgram } from './serving-program.js';

async function run(argv: string[]) {
  const output = recordingOutput();
  return { code: await runServing(argv, output), out: output.out(), err: output.err() };
}

const commands = servingProgram.commands.map(({ name }) => name);

describe('serving', () => {
  it.each([['--help'], ['-h'], ['help']])('lists the commands for %s', async (flag) => {
    const { code, out, err } = await run([flag]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^usage: serving COMMAND \[flags\]\n/);
    for (const name of commands) expect(out).toMatch(new RegExp(`^  ${name} `, 'm'));
  });

  it.each(commands)('prints the help of %s in 100 columns, with an example and exit codes', async (command) => {
    const { code, out, err } = await run([command, '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(new RegExp(`^usage: serving ${command}\\b.* \\[flags\\]\\n`));
    expect(out).toMatch(new RegExp(`\\nExamples:\\n(?:  serving ${command}\\b.*\\n)+\\nExit codes:\\n  0 `));
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
  });

  it('prints its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('answers no command with its help and 2', async () => {
    expect(await run([])).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^usage: serving COMMAND/) });
  });

  it.each([
    [['what'], 'serving: unknown command "what"'],
    [['instal'], 'serving: unknown command "instal" (did you mean install?)'],
    [['install', 'now'], 'serving install: ENGINE must be onnx, tensorflow, all (got "now")'],
    [['serve'], 'serving serve: FOLDER is missing'],
    [['serve', 'x', '--prot=1'], 'serving serve: unknown flag --prot (did you mean --port?)'],
    [
      ['serve', 'x', '--rest_api_port=80'],
      "serving serve: unknown flag --rest_api_port (did you mean --port? --rest_api_port is tensorflow_model_server's)",
    ],
    [
      ['serve', 'x', '--http-port', '--batching'],
      "serving serve: unknown flag --http-port (did you mean --port? --http-port is tritonserver's)",
    ],
    [['serve', 'x', '--seed=1'], 'serving serve: unknown flag --seed (a flag of serving onnx)'],
    [['serve', 'x', '--no-wach'], 'serving serve: unknown flag --no-wach (did you mean --watch?)'],
    [['serve', 'x', '--port=y'], 'serving serve: --port must be an integer (got "y")'],
    [['serve', 'x', '--log_format', 'xml'], 'serving serve: --log_format must be text or json (got "xml")'],
    [['warmup', '--requests=y'], 'serving warmup: --model_dir is missing'],
    [['warmup', '--model_dir=x', '--requests=y', 'z'], 'serving warmup: unexpected argument "z"'],
    [['types', 'x', '--nmae=y'], 'serving types: unknown flag --nmae (did you mean --name?)'],
    [['completion', 'tcsh'], 'serving completion: SHELL must be bash, zsh, fish (got "tcsh")'],
  ])('answers %j with 2 and what is wrong', async (argv, problem) => {
    const { code, out, err } = await run(argv);
    expect([code, out, err.split('\n')[0]]).toEqual([2, '', problem]);
    expect(err.split('\n').length).toBeLessThanOrEqual(4);
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
    [
      '[{ "inputs": { "z": [1] } }]',
      /INVALID_ARGUMENT: .*Sent extra: \{z\}\. Missing but required: \{x\}\. \(Did you mean "x"\? Inputs: x\)\n$/,
    ],
    [
      '[{ "signature_name": "none", "inputs": { "x": [1] } }]',
      /Serving signature key "none" not found\. \(Signatures: serving_default\)\n$/,
    ],
  ])('fails for %s with 1', async (json, message) => {
    expect(await warmup(json)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });
});
