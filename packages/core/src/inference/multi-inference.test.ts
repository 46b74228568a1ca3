import { describe, expect, it } from 'vitest';
import { emptyExamples, FakeExampleServable, fakeCall } from '../../../test-doubles/src/fake-example-servable.js';
import { signature } from '../../../test-doubles/src/fake-platform.js';
import type { InferenceTask } from '../messages/multi-inference.js';
import { CLASSIFY_METHOD_NAME, REGRESS_METHOD_NAME } from '../servable/signature.js';
import { createTensor } from '../tensor/tensor.js';
import { multiInference } from './multi-inference.js';

const scores = createTensor('float', [1, 2], Float32Array.of(0.25, 0.75));
const outputs = createTensor('float', [1], Float32Array.of(3));

const task = (methodName: string, signatureName: string, model = 'm'): InferenceTask => ({
  model,
  signatureName,
  methodName,
});

function setUp(): {
  servable: FakeExampleServable;
  ask: (...tasks: InferenceTask[]) => ReturnType<typeof multiInference>;
} {
  const servable = new FakeExampleServable({}, { scores, outputs });
  const signatures = new Map([
    ['serving_default', signature('serving_default', { inputs: 'int32' }, { scores: 'float' })],
    ['r', signature('r', { inputs: 'int32' }, { outputs: 'float' })],
  ]);
  Object.assign(servable, { signatures });
  return { servable, ask: (...tasks) => multiInference(fakeCall(servable), tasks, emptyExamples(1)) };
}

describe('multiInference', () => {
  it('gives each task its method’s result, in the order of the tasks', async () => {
    const { ask } = setUp();
    expect(await ask(task(REGRESS_METHOD_NAME, 'r'), task(CLASSIFY_METHOD_NAME, ''))).toEqual([
      { signatureName: 'r', regression: { values: outputs.data } },
      { signatureName: 'serving_default', classification: { batchSize: 1, numClasses: 2, scores: scores.data } },
    ]);
  });

  it.each<[string, string, string, InferenceTask[]]>([
    ['no name', 'INVALID_ARGUMENT', 'Found ModelSpec with an empty model name.', [task(REGRESS_METHOD_NAME, 'r', '')]],
    [
      'two models',
      'INVALID_ARGUMENT',
      'All ModelSpecs in a MultiInferenceRequest must access the same model name.',
      [task(REGRESS_METHOD_NAME, 'r'), task(CLASSIFY_METHOD_NAME, '', 'other')],
    ],
    [
      'a signature twice, once by default',
      'INVALID_ARGUMENT',
      'Duplicate evaluation of signature: serving_default',
      [task(CLASSIFY_METHOD_NAME, ''), task(CLASSIFY_METHOD_NAME, 'serving_default')],
    ],
    [
      'an unknown signature',
      'INVALID_ARGUMENT',
      'Requested signature not found in model graph: nope',
      [task(CLASSIFY_METHOD_NAME, 'nope')],
    ],
    [
      'another method',
      'UNIMPLEMENTED',
      'Unsupported signature method_name: tensorflow/serving/predict',
      [task(REGRESS_METHOD_NAME, 'r'), task('tensorflow/serving/predict', '')],
    ],
    [
      'a signature of another form',
      'INVALID_ARGUMENT',
      'Expected classification signature outputs to contain at least one of "classes" or "scores".',
      [task(CLASSIFY_METHOD_NAME, 'r')],
    ],
  ])('refuses %s before anything runs', async (_, code, message, tasks) => {
    const { ask, servable } = setUp();
    await expect(ask(...tasks)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(servable.runs).toEqual([]);
  });
});
