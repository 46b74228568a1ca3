import { createTensor, type StringArray, type Tensor } from '@serving/core/tensor';
import { expect, it } from 'vitest';
import { exportSignature } from '../export/export-signature.js';
import { compilerFixtures } from '../fixtures.test-support.js';
import { StagedSignature } from './staged-signature.js';
import type { StagesFile } from './stages-file.js';

const { directory, cases } = compilerFixtures().find(({ name }) => name === 'class_names')!;
const { stages, outputs } = await exportSignature(directory, ['serve'], 'serving_default', { stages: true });
const file = JSON.parse(JSON.stringify(stages)) as StagesFile;
const best = outputs.find(({ dtype }) => dtype === 'int64')!.name;

/** The names of classes 0, 1, 2 and one that the table doesn't have. */
const NAMES = ['cat', 'dog', 'bird', 'unknown'];

/** In place of the model: TensorFlow's scores, and the position of the largest of each row. */
function runModel(scores: Tensor): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  const width = scores.shape[1]!;
  const rows = Array.from({ length: scores.shape[0]! }, (_, row) => [
    ...(scores.data as Float32Array).subarray(row * width, (row + 1) * width),
  ]);
  const positions = rows.map((row) => BigInt(row.indexOf(Math.max(...row))));
  return () => ({ scores, [best]: createTensor('int64', [rows.length], BigInt64Array.from(positions)) });
}

it('looks up what the model returns, as TensorFlow does', async () => {
  const signature = StagedSignature.open(file);
  expect(signature.name).toBe('serving_default');
  for (const { inputs, outputs: expected } of cases) {
    expect(await signature.run(inputs, runModel(expected.scores!))).toEqual(expected);
  }
});

it('hands the inputs to the model by its names', async () => {
  const x = createTensor('float', [1, 4], Float32Array.of(1, 2, 3, 4));
  const scores = createTensor('float', [1, 4], Float32Array.of(0, 0, 0, 1));
  const { name } = await StagedSignature.open(file).run({ x }, async (inputs) => {
    expect(inputs).toEqual({ x });
    return runModel(scores)(inputs);
  });
  expect((name!.data as StringArray).toStrings()).toEqual([NAMES[3]]);
});

const x = createTensor('float', [1, 4], new Float32Array(4));
it.each<[what: string, inputs: Record<string, Tensor>, message: string]>([
  ['a missing input', {}, 'Input "x" is missing; it is float of shape [?,4]'],
  [
    'another dtype',
    { x: createTensor('int32', [1, 4], new Int32Array(4)) },
    'Input "x" is int32 of shape [1,4]; the signature expects float of shape [?,4]',
  ],
  [
    'another shape',
    { x: createTensor('float', [4], new Float32Array(4)) },
    'Input "x" is float of shape [4]; the signature expects float of shape [?,4]',
  ],
  [
    'no rows',
    { x: createTensor('float', [0, 4], new Float32Array(0)) },
    `"x" of shape [0,4] has no elements, which ONNX Runtime can't take`,
  ],
  ['a model without an output', { x }, 'The ONNX model returned no output "scores"'],
])('rejects %s', async (_, inputs, message) => {
  await expect(StagedSignature.open(file).run(inputs, () => ({}))).rejects.toThrow(message);
});

it.each([undefined, null, [], {}, { stagesVersion: 2 }])('refuses %j in place of a file', (value) => {
  expect(() => StagedSignature.open(value)).toThrow('Expected a file of stages with stagesVersion 1');
});

it('names an operation that it lacks', () => {
  const [, lookUp] = file.steps;
  const steps = [{ ...lookUp, op: 'DecodePng', node: 'picture' }];
  expect(() => StagedSignature.open({ ...file, steps })).toThrow('DecodePng (node picture) does not run in a browser');
});

it('stages that only run in Node are refused when the file is written', async () => {
  const examples = compilerFixtures().find(({ name }) => name === 'examples')!;
  await expect(
    exportSignature(examples.directory, ['serve'], examples.cases[0]!.signature, { stages: true }),
  ).rejects.toMatchObject({
    code: 'UNIMPLEMENTED',
    message: expect.stringContaining('only run in Node:\n  ParseExample'),
  });
});
