import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeNpy, encodeNpy } from '@serving/core/npy';
import { createTensor } from '@serving/core/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { runSavedModelCli } from './saved-model-cli.js';

const fixtures = fileURLToPath(new URL('../../../savedmodel/fixtures/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'saved-model-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function cli(...argv: string[]) {
  const output = recordingOutput();
  const code = await runSavedModelCli(argv, output);
  return { code, out: output.out(), err: output.err() };
}

describe('saved_model_cli', () => {
  it('prints its usage and version', async () => {
    expect(await cli('--help')).toMatchObject({ code: 0, out: expect.stringMatching(/^usage: saved_model_cli/) });
    expect(await cli('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it.each([
    [[], /error: Too few arguments\./],
    [['look'], /invalid choice: 'look'/],
    [['show'], /Flag --dir must have a value/],
    [['run', '--dir=x', '--tag_set=serve'], /Flag --signature_def must have a value/],
    [['show', '--dir=x', '--outdir=y'], /unrecognized arguments: --outdir/],
    [['show', 'x'], /unrecognized arguments: x/],
    [['freeze_model', '--dir=x'], /freeze_model is not here/],
  ])('answers %j with the usage and 2', async (argv, message) => {
    expect(await cli(...argv)).toMatchObject({ code: 2, out: '', err: expect.stringMatching(message) });
  });
});

describe('saved_model_cli show', () => {
  const expected = readdirSync(join(fixtures, 'saved_model_cli')).filter((name) => name.endsWith('.txt'));

  it.each(expected)('prints --all of %s as TensorFlow does', async (name) => {
    const [, model = '', version = ''] = /^(.+)_(\d+)\.txt$/.exec(name) ?? [];
    const dir = join(fixtures, model.replace(/^broken_/, 'broken/'), version);
    const text = readFileSync(join(fixtures, 'saved_model_cli', name), 'utf8');
    expect(await cli('show', '--dir', dir, '--all')).toEqual({ code: 0, out: text, err: '' });
  });

  const twoTagSets = `--dir=${fixtures}two_tag_sets/1`;

  it('takes a file:// URL for a folder, and refuses those of other schemes', async () => {
    expect(await cli('show', `--dir=file://${fixtures}two_tag_sets/1`)).toMatchObject({ code: 0, err: '' });
    const { code, err } = await cli('show', '--dir=gs://bucket/m/1');
    expect([code, err]).toEqual([1, expect.stringMatching(/^INVALID_ARGUMENT: "gs:\/\/bucket\/m\/1": gs:\/\/ is not/)]);
  });

  it('lists tag-sets, then signatures, then a signature', async () => {
    expect((await cli('show', twoTagSets)).out).toBe(
      "The given SavedModel contains the following tag-sets:\n'serve'\n'gpu, serve'\n",
    );
    expect((await cli('show', twoTagSets, '--tag_set=gpu,serve')).out).toBe(
      'The given SavedModel MetaGraphDef contains SignatureDefs with the following keys:\n' +
        'SignatureDef key: "gpu_only"\nSignatureDef key: "serving_default"\n',
    );
    expect((await cli('show', twoTagSets, '--tag_set', 'serve', '--signature_def', 'serving_default')).out).toBe(
      `The given SavedModel SignatureDef contains the following input(s):
  inputs['x'] tensor_info:
      dtype: DT_FLOAT
      shape: (-1)
      name: x:0
The given SavedModel SignatureDef contains the following output(s):
  outputs['y'] tensor_info:
      dtype: DT_FLOAT
      shape: (-1)
      name: y:0
Method name is: tensorflow/serving/predict
`,
    );
  });

  it.each([
    [['--tag_set= serve'], 1],
    [['--tag_set= serve , ', '--signature_def=serving_default'], 0],
  ])('takes blanks among tags as TensorFlow does: %j', async (argv, code) => {
    expect((await cli('show', `--dir=${fixtures}half_plus_two/123`, ...argv)).code).toBe(code);
  });

  it('lists operations', async () => {
    const { out } = await cli('show', `--dir=${fixtures}echo/1`, '--tag_set=serve', '--list_ops');
    expect(out).toMatch(
      /^The MetaGraph with tag set \['serve'\] contains the following ops: \{'Identity', .*\}\nThe given/,
    );
    expect((await cli('show', twoTagSets, '--list_ops')).out).toMatch(/^--list_ops must be paired with a tag-set/);
  });

  it.each([
    [['--dir=/nowhere'], 'OSError: SavedModel file does not exist at: /nowhere\n'],
    [
      [`--dir=${fixtures}half_plus_two`],
      expect.stringMatching(/does not exist at: .*half_plus_two \(its latest version is .*half_plus_two\/124\)\n$/),
    ],
    [
      [twoTagSets, '--tag_set=train'],
      'RuntimeError: MetaGraphDef associated with tag-set train could not be found in the SavedModel. ' +
        "Please use one of the following tag-sets: ['serve', 'serve,gpu']\n",
    ],
    [
      [`--dir=${fixtures}half_plus_two/123`, '--tag_set=serve', '--signature_def=x'],
      expect.stringMatching(/^ValueError: Could not find signature "x"\. Please choose from: .*serving_default/),
    ],
  ])('fails for %j with 1', async (argv, err) => {
    expect(await cli('show', ...argv)).toEqual({ code: 1, out: '', err });
  });
});

describe('saved_model_cli scan', () => {
  const dir = `--dir=${fixtures}lookup_table/2`;

  it('finds none of the default list', async () => {
    expect(await cli('scan', dir)).toEqual({
      code: 0,
      out: "MetaGraph with tag set ['serve'] does not contain the default denylisted ops: {'PrintV2', 'ReadFile', 'WriteFile'}\n",
      err: '',
    });
  });

  it('finds operations of a list, those of functions too', async () => {
    const { out } = await cli('scan', dir, '--tag_set=serve', '--op_denylist=ReadFile, LookupTableFindV2');
    expect(out).toBe("MetaGraph with tag set ['serve'] contains the following denylisted ops: {'LookupTableFindV2'}\n");
  });
});

interface RecordedRun {
  readonly model: string;
  readonly tags: string;
  readonly signature: string;
  readonly exprs: string;
  readonly text: string;
}

describe('saved_model_cli run', () => {
  const run = (model: string, signature: string, ...argv: string[]) =>
    cli('run', `--dir=${fixtures}${model}`, '--tag_set=serve', `--signature_def=${signature}`, ...argv);
  const half = (...argv: string[]) => run('half_plus_two/123', 'serving_default', ...argv);

  const recorded: readonly RecordedRun[] = JSON.parse(
    readFileSync(join(fixtures, 'saved_model_cli/runs.json'), 'utf8'),
  );

  it.each([...new Set(recorded.map(({ model }) => model))])(
    'prints the results of %s as TensorFlow does',
    async (name) => {
      for (const { model, tags, signature, exprs, text } of recorded.filter((one) => one.model === name)) {
        const flags = [`--dir=${fixtures}${model}`, `--tag_set=${tags}`, `--signature_def=${signature}`];
        expect(await cli('run', ...flags, '--input_exprs', exprs)).toEqual({ code: 0, out: text, err: '' });
      }
    },
  );

  it.each([
    ['x=[1, 2.0, 5]', '[2.5 3.  4.5]'],
    ['x=(3,)', '[3.5]'],
    ['x=np.ones(3)', '[2.5 2.5 2.5]'],
    ['x=np.arange(4).astype(np.float32) * 2', '[2. 3. 4. 5.]'],
    ['x=[1.0] * 3', '[2.5 2.5 2.5]'],
    ['x=np.full((2,), -4, dtype="int32")', '[0. 0.]'],
  ])('evaluates %s', async (expression, result) => {
    expect(await half('--input_exprs', expression)).toEqual({
      code: 0,
      out: `Result for output key y:\n${result}\n`,
      err: '',
    });
  });

  it('evaluates complex numbers', async () => {
    const { out } = await run('dtypes/1', 'complex64', '--input_exprs', 'x=[(-1.5+2j), 3, -0.5j]');
    expect(out).toBe('Result for output key y:\n[-1.5+2.j   3. +0.j  -0. -0.5j]\n');
  });

  it('reads arrays and saves the outputs', async () => {
    const path = join(folder, 'x.npy');
    writeFileSync(path, encodeNpy(createTensor('double', [2], Float64Array.of(1, 2))));
    const outdir = join(folder, 'out');
    const saved = join(outdir, 'y.npy');
    const first = await half(`--inputs=x=${path}`, '--outdir', outdir);
    expect(first).toMatchObject({
      code: 0,
      out: `Result for output key y:\n[2.5 3. ]\nOutput y is saved to ${saved}\n`,
    });
    expect(decodeNpy(readFileSync(saved), saved)).toEqual(createTensor('float', [2], Float32Array.of(2.5, 3)));
    expect(await half(`--inputs=x=${path}`, '--outdir', outdir)).toMatchObject({
      code: 1,
      err: `RuntimeError: Output file ${saved} already exists. Add "--overwrite" to overwrite the existing output files.\n`,
    });
    const third = await half(`--inputs=x=${path}[z]`, '--input_exprs=x=[8]', '--outdir', outdir, '--overwrite');
    expect(third).toMatchObject({ code: 0, out: expect.stringContaining('[6.]') });
    expect(third.err).toMatch(/Name key "z" ignored\.\nWARNING: input_key x has been specified with both/);
  });

  it('makes examples', async () => {
    const { out } = await run('classify_regress/1', 'regress', '--input_examples', 'inputs=[{"x":[2.0]},{"x":[4.0]}]');
    expect(out).toMatch(/^Result for output key outputs:\n\[\[/);
  });

  it.each([
    [[], /^AttributeError: At least one of --inputs, --input_exprs or --input_examples must be required\n$/],
    [['--inputs=x'], /^RuntimeError: --inputs "x" format is incorrect/],
    [
      ['--inputs=x=/nowhere.npy'],
      /^tensorflow\.python\.framework\.errors_impl\.NotFoundError: \/nowhere\.npy; No such file or directory\n$/,
    ],
    [
      ['--input_exprs=x=1.0'],
      /^ValueError: Cannot feed value of shape \(\) for Tensor x:0, which has shape \(None,\)\n$/,
    ],
    [
      ['--input_exprs=x=[[1.0, 2.0]]'],
      /^ValueError: Cannot feed value of shape \(1, 2\) for Tensor x:0, which has shape \(None,\)\n$/,
    ],
    [['--input_exprs=x=open("f")'], /^RuntimeError: Expression "open\("f"\)" is not a valid python literal\.\n$/],
    [['--input_exprs=x=[[1],2]'], /^ValueError: .*inhomogeneous shape/],
    [
      ['--input_exprs=q=[1]'],
      /^ValueError: "q" is not a valid input key\. Please choose from "x", or use --show option\./,
    ],
    [['--input_exprs=x=["a"]'], /^ValueError: an array of string can't become one of DT_FLOAT/],
    [
      ['--input_examples=x=3'],
      /^ValueError: tf\.Example input must be a list of dictionaries, but "3" is <class 'int'>\n$/,
    ],
    [
      ['--input_examples=x=[[1.5]]'],
      /^ValueError: tf\.Example input must be a list of dictionaries, but "\[1\.5\]" is <class 'list'>\n$/,
    ],
    [['--input_examples=x=[{"a":"b"}]'], /^ValueError: feature value must be a list, but a: "b" is <class 'str'>\n$/],
    [['--input_examples=x=[{"a":[]}]'], /^IndexError: list index out of range\n$/],
    [['--input_examples=x=[{1:[2.0]}]'], /^TypeError: bad argument type for built-in operation\n$/],
    [['--input_examples=x=[{"a":[True]}]'], /^TypeError: .*: Expected an int, got a boolean\.\n$/],
    [
      ['--input_examples=x=[{"a":[None]}]'],
      /^ValueError: Type <class 'NoneType'> for value None is not supported for tf\.train\.Feature\.\n$/,
    ],
  ])('fails for %j with 1', async (argv, message) => {
    expect(await half(...argv)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) });
  });
});
