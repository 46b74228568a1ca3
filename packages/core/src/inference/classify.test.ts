import { describe, expect, it } from 'vitest';
import { emptyExamples, FakeExampleServable, fakeCall } from '../../../test-doubles/src/fake-example-servable.js';
import { systemClock } from '../clock.js';
import { StringArray } from '../tensor/string-array.js';
import { createTensor, type NamedTensors, type Tensor } from '../tensor/tensor.js';
import { classify, toClassifications } from './classify.js';

const strings = (shape: number[], ...values: string[]): Tensor =>
  createTensor('string', shape, StringArray.from(values));
const floats = (shape: number[], ...values: number[]): Tensor =>
  createTensor('float', shape, Float32Array.from(values));

const both = { classes: 'string', scores: 'float' } as const;

function ask(servable: FakeExampleServable, examples: number): ReturnType<typeof classify> {
  return classify(fakeCall(servable), undefined, emptyExamples(examples));
}

describe('classify', () => {
  it('gives labels and scores', async () => {
    const classes = strings([2, 2], 'a', 'b', 'c', 'd');
    const scores = floats([2, 2], 1, 2, 3, 4);
    const result = await ask(new FakeExampleServable(both, { classes, scores }), 2);
    expect(result).toEqual({ batchSize: 2, numClasses: 2, labels: classes.data, scores: scores.data });
    expect(toClassifications(result)).toEqual([
      [
        { label: 'a', score: 1 },
        { label: 'b', score: 2 },
      ],
      [
        { label: 'c', score: 3 },
        { label: 'd', score: 4 },
      ],
    ]);
  });

  it('gives empty labels without classes, and zeros without scores', async () => {
    const scores = await ask(new FakeExampleServable({ scores: 'float' }, { scores: floats([1, 1], 0.5) }), 1);
    expect(scores).not.toHaveProperty('labels');
    expect(toClassifications(scores)).toEqual([[{ label: '', score: 0.5 }]]);
    const classes = await ask(new FakeExampleServable({ classes: 'string' }, { classes: strings([1, 1], 'a') }), 1);
    expect(classes).not.toHaveProperty('scores');
    expect(toClassifications(classes)).toEqual([[{ label: 'a', score: 0 }]]);
  });

  it('returns an empty list for each example without classes', async () => {
    const result = await ask(new FakeExampleServable({ scores: 'float' }, { scores: floats([2, 0]) }), 2);
    expect(toClassifications(result)).toEqual([[], []]);
  });

  it('feeds the encoded examples and fetches nothing else than classes and scores', async () => {
    const servable = new FakeExampleServable({ scores: 'float', other: 'float' }, { scores: floats([1, 1], 1) });
    await ask(servable, 1);
    expect(servable.runs.map(({ inputs }) => inputs)).toEqual([
      { inputs: createTensor('int32', [1], Int32Array.of(0)) },
    ]);
    expect(servable.runs[0]!.options!.outputs).toEqual(['scores']);
  });

  it('lets a servable answer at once that can', async () => {
    const servable = new FakeExampleServable({ scores: 'float' });
    servable.answer = { scores: floats([1, 1], 7) };
    servable.isInline = true;
    expect(toClassifications(await ask(servable, 1))).toEqual([[{ label: '', score: 7 }]]);
  });

  it('hands signal and deadline on', async () => {
    const servable = new FakeExampleServable({ scores: 'float' }, { scores: floats([1, 1], 1) });
    const { signal } = new AbortController();
    const deadline = systemClock.now() + 10_000;
    await classify(fakeCall(servable, { isAborted: false, signal, deadline }), '', emptyExamples(1));
    expect(servable.runs[0]!.options).toMatchObject({ signal, deadline });
  });

  it.each<[string, NamedTensors]>([
    ['Expected Tensor shape: [batch_size num_classes] but got [2]', { classes: strings([2], 'a', 'b') }],
    ['Expected Tensor shape: [batch_size num_classes] but got [1,2,1]', { classes: strings([1, 2, 1], 'a', 'b') }],
    [
      'Expected classes Tensor of DT_STRING. Got: DT_INT64',
      { classes: createTensor('int64', [2, 1], new BigInt64Array(2)) },
    ],
    ['Expected classes output batch size of 2. Got: 3', { classes: strings([3, 1], 'a', 'b', 'c') }],
    [
      'Expected Tensor shape: [batch_size num_classes] but got []',
      { classes: strings([2, 1], 'a', 'b'), scores: floats([], 1) },
    ],
    [
      'Expected scores Tensor of DT_FLOAT. Got: DT_INT32',
      { classes: strings([2, 1], 'a', 'b'), scores: createTensor('int32', [2, 1], new Int32Array(2)) },
    ],
    [
      'Expected scores output batch size of 2. Got: 1',
      { classes: strings([2, 1], 'a', 'b'), scores: floats([1, 1], 1) },
    ],
    [
      'Tensors class and score should match in dim_size(1). Got 1 vs. 2',
      { classes: strings([2, 1], 'a', 'b'), scores: floats([2, 2], 1, 2, 3, 4) },
    ],
  ])('refuses: %s', async (message, answer) => {
    await expect(ask(new FakeExampleServable(both, answer), 2)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message,
    });
  });

  it('refuses an empty list of examples, after a signature of the wrong form', async () => {
    const servable = new FakeExampleServable(both);
    await expect(ask(servable, 0)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: 'Input is empty.' });
    await expect(ask(new FakeExampleServable({}), 0)).rejects.toThrow('Expected one or two output Tensors, found 0');
    expect(servable.runs).toEqual([]);
  });

  it('is unimplemented for a servable that takes tensors only', async () => {
    const servable = new FakeExampleServable(both);
    delete servable.examples;
    await expect(ask(servable, 1)).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: '{name: m version: 3} takes tensors only, not examples',
    });
  });

  it('says which output a servable left out', async () => {
    await expect(ask(new FakeExampleServable(both, { classes: strings([1, 1], 'a') }), 1)).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'The run gave no output scores',
    });
  });
});
