import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import * as openInference from '@serving/open-inference/extension';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { runServing } from '../serving.js';

const LONG = 60_000;
const root = fileURLToPath(new URL('../../../../../', import.meta.url));
const fixture = (name: string): string => join(root, 'packages/savedmodel/fixtures', name);
const execute = promisify(execFile);
const models = ['half_plus_two', 'digits', 'odd_names', 'multi', 'dtypes', 'classify_regress', 'defaults', 'strings'];
const folder = mkdtempSync(join(tmpdir(), 'serving-clients-'));
const file = (name: string): string => join(folder, name);
let server: ModelServer;
let rest: RestServer;
let grpc: GrpcServer;
const modelUrl = (name: string): string => `http://127.0.0.1:${rest.port}/v1/models/${name}`;

async function serving(...argv: string[]) {
  const output = recordingOutput();
  return { code: await runServing(argv, output), out: output.out(), err: output.err() };
}

beforeAll(async () => {
  server = await ModelServer.start({
    models: models.map((name) => ({ name, basePath: fixture(name) })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  rest = await RestServer.listen(server, { port: 0, extensions: [{ module: openInference }] });
  grpc = await GrpcServer.listen(server, { port: 0, extensions: [{ module: openInference }] });
}, LONG);
afterAll(async () => {
  await grpc?.close();
  await rest?.close();
  await server?.close();
  rmSync(folder, { recursive: true });
});

const usage = `import { typedPredict as half } from './half_plus_two.js';
import { typedInfer as digitsOver, typedPredict as digits, typedRestClient, type PredictInputs } from './digits.js';
import { typedInfer as oddOver } from './odd_names.js';
import { createTensor } from '@serving/core/tensor';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { OpenInferenceGrpcClient } from '@serving/open-inference/client-grpc';
import { typedPredict as odd } from './odd_names.js';
import { typedPredict as defaults, type RestInputs } from './defaults.js';
import type { ModelServer } from '@serving/core';

export async function right(server: ModelServer): Promise<void> {
  const pixels = new Float32Array(64);
  const { outputs } = await digits(server)({ inputs: { image: { shape: [1, 8, 8, 1], data: pixels } } });
  const label: bigint | undefined = outputs.label.data[0];
  const rows: number = outputs.probabilities.shape[0];
  await half(server)({ inputs: { x: Float32Array.of(1) }, version: 123, timeoutMs: 10 });
  const one = await odd(server)({ signatureName: '__proto__', inputs: { x: [1], z: [2] }, outputFilter: ['__proto__'] });
  const sum: Float32Array = one.outputs['__proto__'].data;
  await defaults(server)({ inputs: { x: [1] } });
  const image: PredictInputs['image'] = [[[[0.5]]]];
  console.log(label, rows, sum, image, typedRestClient());
}

export async function overTheProtocol(url: string, grpcUrl: string): Promise<unknown[]> {
  const image = createTensor('float', [1, 8, 8, 1], new Float32Array(64));
  const answers: unknown[] = [];
  for (const client of [new OpenInferenceClient(url), new OpenInferenceGrpcClient(grpcUrl)]) {
    const { version, outputs } = await digitsOver(client)({ inputs: { image }, outputs: ['label'] });
    const label: bigint | undefined = outputs.label.data[0];
    const x = createTensor('float', [1], Float32Array.of(1));
    const odd = await oddOver(client)({ signatureName: '__proto__', inputs: { x, z: x } }).catch(() => undefined);
    answers.push([version, typeof label, Object.keys(outputs), odd === undefined]);
    if (client instanceof OpenInferenceGrpcClient) client.close();
  }
  return answers;
}
`;
const wrong = `import { typedInfer as digitsOver, typedPredict as digits, typedRestClient } from './digits.js';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { createTensor } from '@serving/core/tensor';
import { typedPredict as odd } from './odd_names.js';
import type { RestInputs } from './defaults.js';
import type { ModelServer } from '@serving/core';

export async function wrong(server: ModelServer): Promise<void> {
  await digits(server)({ inputs: { imgae: [[[[1]]]] } });
  await digits(server)({ inputs: { image: [[1]] } });
  await digits(server)({ inputs: { image: { shape: [1, 8, 8, 1], data: new Float64Array(64) } } });
  await digits(server)({ inputs: { image: [[[['1']]]] } });
  await digits(server)({ signatureName: 'none', inputs: { image: [[[[1]]]] } });
  (await digits(server)({ inputs: { image: [[[[1]]]] }, outputFilter: ['label'] })).outputs.probabilities;
  await odd(server)({ inputs: { x: [1], z: [1] } });
  await typedRestClient().predict({ inputs: { imgae: [[[[1]]]] } });
  const inputs: RestInputs = { x: [1] };
  const image = createTensor('double', [1, 8, 8, 1], new Float64Array(64));
  await digitsOver(new OpenInferenceClient('http://none'))({ inputs: { image } });
  await digitsOver(new OpenInferenceClient('http://none'))({ inputs: { imgae: image } });
}
`;

describe('generated TypeScript', () => {
  let diagnostics: string[];
  beforeAll(async () => {
    mkdirSync(file('node_modules/@serving'), { recursive: true });
    symlinkSync(join(root, 'packages/core'), file('node_modules/@serving/core'));
    symlinkSync(join(root, 'packages/open-inference'), file('node_modules/@serving/open-inference'));
    symlinkSync(join(root, 'node_modules/@types'), file('node_modules/@types'));
    writeFileSync(file('package.json'), '{ "type": "module" }');
    for (const name of models) {
      expect((await serving('types', fixture(name), `--out=${file(`${name}.ts`)}`)).code).toBe(0);
      const client = file(`${name}_client.ts`);
      const argv = ['gen-client', fixture(name), '--language=typescript', '--out', client];
      if (name === 'dtypes') argv.push('--signature_name=int64');
      if (name !== 'classify_regress') expect(await serving(...argv)).toMatchObject({ code: 0, err: '' });
    }
    writeFileSync(file('usage.ts'), usage);
    writeFileSync(file('wrong.ts'), wrong);
    const compilerOptions = {
      ...{ target: 'ES2023', lib: ['ES2023', 'ESNext.Disposable'], types: ['node'], module: 'nodenext', strict: true },
      ...{ noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, verbatimModuleSyntax: true },
      ...{ isolatedDeclarations: true, erasableSyntaxOnly: true, declaration: true, skipLibCheck: true },
      ...{ customConditions: ['@serving/source'], outDir: 'out', rootDir: '/' },
    };
    writeFileSync(file('tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    const { stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
      cwd: folder,
    });
    diagnostics = stdout.split('\n').filter((line) => /error TS/.test(line));
  }, LONG);

  const compiled = (name: string): string => join(folder, 'out', folder, `${name}.js`);

  it('compiles, and tells each wrong use apart', () => {
    const places = diagnostics.map((line) => /^(.*?\.ts)\((\d+),/.exec(line)?.slice(1).join(':') ?? line);
    const wrongLines = [9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20].map((line) => `wrong.ts:${line}`);
    expect([...new Set(places)], diagnostics.join('\n')).toEqual(wrongLines);
    expect(diagnostics[0]).toMatch(/'imgae' does not exist in type/);
  });

  it('infers over the Open Inference Protocol, with the clients of both transports', async () => {
    // In a process of its own, which runs the packages as they are built.
    const urls = [`http://127.0.0.1:${rest.port}`, `http://127.0.0.1:${grpc.port}`];
    const call = `overTheProtocol(...${JSON.stringify(urls)})`;
    const code = `const { overTheProtocol } = await import(${JSON.stringify(pathToFileURL(compiled('usage')).href)}); console.log(JSON.stringify(await ${call}));`;
    const env = { ...process.env, NODE_OPTIONS: '' };
    const { stdout } = await execute(process.execPath, ['--input-type=module', '--eval', code], { env, cwd: folder });
    const answer = [expect.stringMatching(/^\d+$/), 'bigint', ['label'], false];
    expect(JSON.parse(stdout)).toEqual([answer, answer]);
  });

  it('predicts in process', async () => {
    const { typedPredict } = await import(/* @vite-ignore */ pathToFileURL(compiled('half_plus_two')).href);
    const { outputs } = await typedPredict(server)({ inputs: { x: [1, 2] }, version: 124 });
    expect(outputs.y).toEqual({ dtype: 'float', shape: [2], data: Float32Array.of(3.5, 4) });
    await expect(typedPredict(server, 'other')({ inputs: { x: [1] } })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('predicts over REST, with numbers that plain JSON has not', async () => {
    const load = (name: string) => import(/* @vite-ignore */ pathToFileURL(compiled(name)).href);
    const { typedRestClient, RestError } = await load('dtypes');
    const client = typedRestClient(modelUrl('dtypes'));
    const float = await client.predict({ signatureName: 'float', inputs: { x: [Number.NaN, -1 / 0, 0.5] } });
    expect(float).toEqual({ y: [Number.NaN, -1 / 0, 0.5] });
    const double = { y: [0.12345678901234568, 1e300] };
    expect(await client.predict({ signatureName: 'double', inputs: { x: double.y } })).toEqual(double);
    const int64 = await client.predict({ signatureName: 'int64', inputs: { x: [2n ** 63n - 1n, 7, -5n] } });
    expect(int64).toEqual({ y: [2n ** 63n - 1n, 7, -5] });
    const text = { x: ['NaN "1234567890123456789" \\', new Uint8Array([65])] };
    expect(await client.predict({ signatureName: 'string', inputs: text })).toEqual({ y: [text.x[0], 'A'] });
    const refused = client.predict({ signatureName: 'none', inputs: {} });
    await expect(refused).rejects.toThrow(RestError);
    await expect(refused).rejects.toMatchObject({ status: 400, message: expect.stringContaining('"none"') });
    const misspelt = typedRestClient(`${modelUrl('dtypes')}/version/1`).predict({
      signatureName: 'float',
      inputs: { x: [1] },
    });
    await expect(misspelt).rejects.toMatchObject({
      hint: expect.stringContaining('/versions/1:predict'),
      message: expect.stringMatching(/ \(.+\)$/),
    });
    const odd = (await load('odd_names')).typedRestClient(modelUrl('odd_names'));
    const inputs = { ['__proto__']: [1], constructor: [2] };
    expect(await odd.predict({ inputs })).toMatchObject({ toString: [3], 'a b/ü"': [[2]] });
    const one = await odd.predict({ signatureName: '__proto__', inputs: { x: [1], z: [4] } });
    expect(Object.entries(one)).toEqual([['__proto__', [5]]]);
  });

  it.each([
    ['half_plus_two', /\{ y: \[ 3\.5 \] \}/],
    ['digits', /label: \[ \d \]/],
    ['odd_names', /toString: \[ 2 \]/],
    ['multi', /title: \[/],
    ['dtypes', /y: \[ 1 \]/],
    ['defaults', /y: \[/],
  ])('runs as a client of %s', async (name, expected) => {
    const { stdout } = await execute(process.execPath, [compiled(`${name}_client`), modelUrl(name)]);
    expect(stdout).toMatch(expected);
  });
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
const languages = [
  { language: 'bash', program: 'bash', isThere: true },
  { language: 'python', program: 'python3', isThere: hasPython },
];
describe.each(languages)('a generated $language client', ({ language, program, isThere }) => {
  beforeEach(({ skip }) => skip(!isThere, `${program} is not on this machine`));

  it.each([
    ['half_plus_two', [], { outputs: [3.5] }],
    ['digits', [], { outputs: { label: [expect.any(Number)] } }],
    ['odd_names', [], { outputs: { toString: [2], 'a b/ü"': [[1]] } }],
    ['odd_names', ['--signature_name=__proto__'], { outputs: [2] }],
    ['multi', [], { outputs: { total: expect.any(Number) } }],
    ['dtypes', ['--signature_name=bool_grid'], { outputs: [[[true, true]]] }],
    ['strings', [], { outputs: { upper: ['EXAMPLE'] } }],
  ])('runs for %s %j', async (name, flags, expected) => {
    const path = file(`${name}.${language}`);
    const argv = ['gen-client', modelUrl(name), '--language', language, '--out', path, ...flags];
    expect(await serving(...argv)).toEqual({ code: 0, out: `${path} is written\n`, err: '' });
    const { stdout } = await execute(program, [path]);
    expect(JSON.parse(stdout)).toMatchObject(expected);
  });

  it('says what the server said, and fails', async () => {
    const { out } = await serving('gen-client', fixture('half_plus_two'), `--language=${language}`);
    writeFileSync(file('refused'), out);
    const refused = execute(program, [file('refused'), modelUrl('nothing')]);
    await expect(refused).rejects.toMatchObject({ code: expect.any(Number) });
    const { stdout, stderr } = await refused.catch((error) => error);
    expect(`${stdout}${stderr}`).toContain('Servable not found');
  });

  it.each(['classify', 'regress'])('asks to %s with an example to fill in', async (verb) => {
    const argv = ['gen-client', modelUrl('classify_regress'), `--language=${language}`, `--signature_name=${verb}`];
    const { out } = await serving(...argv);
    expect(out).toContain(`:${verb}"`);
    expect(out).toContain('"examples": [{}]');
  });
});

describe('serving types and gen-client', () => {
  it('leave out what no request can run, and say so', async () => {
    const { code, out, err } = await serving('types', join(fixture('multi'), '1'), '--name=m*/');
    expect(code).toBe(0);
    expect(err).toMatch(/^serving types: left out signature "__saved_model_init_op": .* is invalid\n$/);
    expect(out).toMatch(/^\/\*\*\n \* Signatures of the model "m\*\\\/", version 1/);
    expect(out).toContain('export interface MModel {');
  });

  it('write a .d.ts without functions', async () => {
    const path = file('half.d.ts');
    await serving('types', fixture('half_plus_two'), '--out', path);
    expect(readFileSync(path, 'utf8')).not.toMatch(/function|class /);
  });

  it.each([
    [['types', '/nowhere'], /NOT_FOUND: Can't read the folder \/nowhere/],
    [['types', fixture('saved_model_cli')], /NOT_FOUND: .* neither a saved_model\.pb nor a numbered folder/],
    [['types', fixture('digits'), '--out=/nowhere/x.ts'], /UNAVAILABLE: Can't write \/nowhere\/x\.ts/],
    [
      ['gen-client', fixture('digits'), '--language=cobol'],
      /--language=cobol: expected one of typescript, python, bash/,
    ],
    [
      ['gen-client', fixture('digits'), '--language=bash', '--signature_name=x'],
      /no signature x that a request can run/,
    ],
    [['gen-client', fixture('dtypes'), '--language=bash', '--signature_name=half'], /JSON has no form for half/],
    [['gen-client', 'http://127.0.0.1:1/v1/models/m', '--language=bash'], /UNAVAILABLE: http:\/\/127\.0\.0\.1:1/],
    [['gen-client', 'http://127.0.0.1:1/', '--language=bash'], /INVALID_ARGUMENT: .*expected a model's URL/],
  ])('fail for %j', async (argv, message) => {
    expect(await serving(...argv)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });

  it.each([[['types']], [['types', 'a', 'b']], [['types', '--what']], [['gen-client', 'a']]])(
    'answer %j with the reason and 2',
    async (argv) => {
      expect(await serving(...argv)).toMatchObject({
        code: 2,
        err: expect.stringMatching(
          /^serving (types|gen-client): .*\n(?:.*\n)*usage: serving \1 .*\n`serving \1 --help` lists/,
        ),
      });
    },
  );
});
