import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ModelServer } from '@serving/core';
import type { NamedTensors } from '@serving/core/tensor';
import { onnxPlatform } from '@serving/runtime-onnx';
import { afterAll, describe, expect, it } from 'vitest';
import { type CompilerFixtureCase, compilerFixtures } from '../../../../onnx-compiler/src/fixtures.test-support.js';
import { difference } from '../../../../runtime-onnx/src/parity/compare.test-support.js';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { runServing } from '../serving.js';

const root = mkdtempSync(join(tmpdir(), 'serving-onnx-'));
afterAll(() => rmSync(root, { recursive: true }));

async function onnx(...argv: string[]) {
  const output = recordingOutput();
  return { code: await runServing(['onnx', ...argv], output), out: output.out(), err: output.err() };
}

const TOLERANCE = { relative: 1e-4, absolute: 1e-5 };
const fixtures = compilerFixtures();
const fixture = (name: string): string => fixtures.find((each) => each.name === name)!.directory;

/** Models with operations on strings, tables or ragged tensors. */
const WITH_STAGES = ['class_names', 'examples', 'ragged', 'words'];
/** The platform keeps integers that requests divide by away from ONNX Runtime. */
const DIVIDES_INTEGERS = ['integers'];
const written = fixtures.filter(({ name, refused }) => refused === undefined && !WITH_STAGES.includes(name));

describe('serving onnx', () => {
  it('lists models, stages and weights of each signature of the latest version', async () => {
    const basePath = join(root, 'latest');
    cpSync(fixture('double_convolution'), join(basePath, '1'), { recursive: true });
    cpSync(fixture('class_names'), join(basePath, '2'), { recursive: true });
    const { code, out, err } = await onnx(basePath);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(
      /^signature "serving_default": compiles.*\n {2}input "x": float \[\?,4\]\n[\s\S]*1\. ONNX model: \d+ nodes, \d+ bytes and/,
    );
    expect(out).toContain('2. stage in TypeScript: LookupTableFindV2\n');
  });

  it('tells the range of ids', async () => {
    expect((await onnx(fixture('embedding'))).out).toContain('input "ids": int32 [?,5], ids from 0 to 19\n');
  });

  it('lists one signature where it is named', async () => {
    const { out } = await onnx(fixture('partitioned_v1'), '--signature_name=scaled');
    expect(out.match(/^signature .*:/gm)).toEqual(['signature "scaled":']);
  });

  it.each(fixtures.filter(({ refused }) => refused !== undefined))(
    'ends with 1 and the reasons when nothing compiles: $name',
    async ({ directory, refused }) => {
      const { code, out, err } = await onnx(directory);
      expect({ code, out }).toEqual({ code: 1, out: '' });
      expect(err).toContain('serving onnx: UNIMPLEMENTED: The model, signature "serving_default" can\'t be compiled');
      expect(err).toContain(refused);
    },
  );

  it.each([
    [['/nowhere'], 1, /NOT_FOUND: Can't read the folder \/nowhere/],
    [[fixture('mlp'), '--signature_name=none'], 1, /NOT_FOUND: Signature "none" not found/],
    [
      [fixture('mlp'), '--signature_name=none', '--out=x'],
      1,
      /NOT_FOUND: Signature "none" not found; the model has "serving/,
    ],
    [[fixture('mlp'), '--saved_model_tags=gpu'], 1, /NOT_FOUND/],
    [[fixture('mlp'), '--out=/nowhere/model.onnx'], 1, /NOT_FOUND: .*\/nowhere\/model\.onnx/],
    [[], 2, /^serving onnx: MODEL_DIR is missing/],
    [[fixture('mlp'), 'more'], 2, /^serving onnx: unexpected argument "more"/],
  ])('answers %j with %i', async (argv, code, message) => {
    expect(await onnx(...argv)).toMatchObject({ code, out: '', err: expect.stringMatching(message) });
  });
});

describe('serving onnx --out', () => {
  async function write(name: string, ...flags: string[]) {
    const basePath = mkdtempSync(join(root, `${name}-`));
    mkdirSync(join(basePath, '1'));
    const out = join(basePath, '1', 'model.onnx');
    return { basePath, out, result: await onnx(fixture(name), `--out=${out}`, ...flags) };
  }

  const serve = (basePath: string, options = {}): Promise<ModelServer> =>
    ModelServer.start({
      models: [{ name: 'm', basePath, platform: 'onnx' }],
      platforms: { onnx: onnxPlatform() },
      ...options,
    });

  /** Compares outputs that have the name of an input, and a suffix for that, too. */
  function expectOutputs(actual: NamedTensors, { inputs, outputs }: CompilerFixtureCase): void {
    const names = Object.keys(outputs).map((name) => (name in inputs ? `${name}_output` : name));
    expect(Object.keys(actual).sort()).toEqual([...names].sort());
    const got = names.map((name) => actual[name]!);
    expect(difference(Object.values(outputs), got, TOLERANCE)).toBeUndefined();
  }

  /** Has the platform for ONNX files answer the cases. Errors are left out, since a written model has no guards. */
  async function expectAnswers(basePath: string, cases: readonly CompilerFixtureCase[], signature = 'serving_default') {
    const server = await serve(basePath);
    try {
      const answered = cases.filter((row) => row.signature === signature && row.error === undefined);
      expect(answered.length).toBeGreaterThan(0);
      for (const row of answered) {
        expectOutputs((await server.predict({ model: 'm', inputs: row.inputs })).outputs, row);
      }
    } finally {
      await server.close();
    }
  }

  it.each(written.filter(({ name }) => !DIVIDES_INTEGERS.includes(name)))(
    'writes a file that answers as TensorFlow does, with weights beside it and inside: $name',
    async ({ name, cases }) => {
      for (const flags of [[], ['--embed_weights']]) {
        const { basePath, out, result } = await write(name, ...flags);
        expect(result).toMatchObject({ code: 0, err: '', out: expect.stringContaining(`${out} is written, `) });
        const names = readdirSync(dirname(out));
        expect(names.filter((each) => each !== 'model.onnx' && each !== 'model.onnx.data')).toEqual([]);
        if (flags.length > 0) expect(names).toEqual(['model.onnx']);
        await expectAnswers(basePath, cases);
      }
    },
    60_000,
  );

  it('keeps large weights in the file beside the model', async () => {
    const { basePath, out, result } = await write('cnn');
    expect(result.out).toContain(`${out}.data is written`);
    rmSync(`${out}.data`);
    const server = await serve(basePath);
    const [version] = server.getModelStatus({ model: 'm' });
    await server.close();
    expect(version!.status.errorMessage).toContain('model.onnx.data');
  });

  it.each(DIVIDES_INTEGERS)(
    'writes %s, which the platform for ONNX files refuses as it divides integers',
    async (name) => {
      const { basePath, result } = await write(name);
      expect(result).toMatchObject({ code: 0, err: '' });
      const server = await serve(basePath);
      const [version] = server.getModelStatus({ model: 'm' });
      await server.close();
      expect(version!.status).toMatchObject({
        errorCode: 'UNIMPLEMENTED',
        errorMessage: expect.stringContaining('divides integers of a request'),
      });
    },
  );

  it('writes another signature', async () => {
    const { cases } = fixtures.find(({ name }) => name === 'partitioned_v1')!;
    const { basePath } = await write('partitioned_v1', '--signature_name=scaled');
    await expectAnswers(basePath, cases, 'scaled');
  });

  it('names the batch of a model, so that requests run in batches', async () => {
    const { basePath } = await write('mlp');
    const { cases } = fixtures.find(({ name }) => name === 'mlp')!;
    const server = await serve(basePath, { batching: { maxBatchSize: 16, batchTimeoutMs: 5 } });
    try {
      const { signatureDef } = await server.getModelMetadata({ model: 'm' });
      const { inputs, outputs } = signatureDef.get('serving_default')!;
      for (const { tensorShape } of [...inputs.values(), ...outputs.values()]) {
        expect(tensorShape!.dim[0]).toEqual({ size: -1n, name: 'batch' });
      }
      const answers = await Promise.all(cases.map((row) => server.predict({ model: 'm', inputs: row.inputs })));
      for (const [i, row] of cases.entries()) expectOutputs(answers[i]!.outputs, row);
    } finally {
      await server.close();
    }
  });

  it.each(WITH_STAGES)('refuses %s with the list of its stages', async (name) => {
    const { out, result } = await write(name);
    expect(result).toMatchObject({ code: 1, out: '' });
    expect(result.err).toMatch(
      /UNIMPLEMENTED: Signature "serving_default" has stages in TypeScript.*\n( {2}\w+ \(node .*\)\n)+/,
    );
    expect(existsSync(out)).toBe(false);
  });

  it('writes the numeric part of a signature with stages', async () => {
    const { basePath, result } = await write('class_names', '--core');
    expect(result.out).toMatch(
      /output "scores": float[\s\S]*output ".*ArgMax:0": int64[\s\S]*left out: LookupTableFindV2 \(node /,
    );
    const [row] = fixtures.find(({ name }) => name === 'class_names')!.cases;
    const server = await serve(basePath);
    try {
      const { outputs } = await server.predict({ model: 'm', inputs: row!.inputs });
      expect(difference([row!.outputs.scores!], [outputs.scores!], TOLERANCE)).toBeUndefined();
    } finally {
      await server.close();
    }
  });

  it('writes stages beside the model', async () => {
    const { out, result } = await write('class_names', '--stages');
    expect(result.out).toMatch(/model\.onnx is written[\s\S]*model\.onnx\.stages\.json is written/);
    expect(JSON.parse(readFileSync(`${out}.stages.json`, 'utf8'))).toMatchObject({
      stagesVersion: 1,
      signature: 'serving_default',
      steps: [{ model: {} }, { op: 'LookupTableFindV2' }],
    });
  });

  it('gives an output the suffix "_output" where an input has its name', async () => {
    const { result } = await write('boxes');
    expect(result.out).toMatch(/ {2}input "boxes": float.*\n[\s\S]* {2}output "boxes_output": float/);
  });
});
