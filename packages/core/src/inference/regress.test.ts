import { describe, expect, it } from 'vitest';
import { emptyExamples, FakeExampleServable, fakeCall } from '../../../test-doubles/src/fake-example-servable.js';
import { createTensor, type Tensor } from '../tensor/tensor.js';
import { regress } from './regress.js';

function ask(outputs: Tensor, examples: number): ReturnType<typeof regress> {
  const servable = new FakeExampleServable({ outputs: 'float' }, { outputs });
  return regress(fakeCall(servable), undefined, emptyExamples(examples));
}

describe('regress', () => {
  it.each([[[2]], [[2, 1]]])('gives one value per example of an output of shape %j', async (shape) => {
    const values = Float32Array.of(1, 2);
    expect(await ask(createTensor('float', shape, values), 2)).toEqual({ values });
  });

  it.each<[string, Tensor]>([
    [
      'Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,2]',
      createTensor('float', [2, 2], new Float32Array(4)),
    ],
    [
      'Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got []',
      createTensor('float', [], new Float32Array(1)),
    ],
    [
      'Expected output Tensor shape to be either [batch_size] or [batch_size, 1] but got [2,1,1]',
      createTensor('float', [2, 1, 1], new Float32Array(2)),
    ],
    ['Input batch size did not match output batch size: 2 vs. 3', createTensor('int32', [3], new Int32Array(3))],
    ['Expected output Tensor of DT_FLOAT.  Got: DT_INT32', createTensor('int32', [2], new Int32Array(2))],
  ])('refuses: %s', async (message, outputs) => {
    await expect(ask(outputs, 2)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message });
  });

  it('refuses an empty list of examples', async () => {
    await expect(ask(createTensor('float', [0], new Float32Array(0)), 0)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: 'Input is empty.',
    });
  });
});
