import { describe, expect, it } from 'vitest';
import { FakeExampleServable, fakeHandle } from '../../../test-doubles/src/fake-example-servable.js';
import { systemClock } from '../clock.js';
import type { ExampleRequest } from '../messages/example-request.js';
import { ServingError } from '../serving-error.js';
import { createTensor } from '../tensor/tensor.js';
import { InProcessApi } from './in-process.js';
import { predictionServiceOf } from './prediction-service.js';

function setUp(): {
  servable: FakeExampleServable;
  handle: ReturnType<typeof fakeHandle>;
  ask: (request: Omit<ExampleRequest, 'model'>) => Promise<unknown>;
} {
  const outputs = createTensor('float', [1], Float32Array.of(0.5));
  const servable = new FakeExampleServable({ outputs: 'float' }, { outputs });
  const handle = fakeHandle(servable);
  const server = { getServableHandle: () => handle };
  const api = new InProcessApi(server, predictionServiceOf(server), systemClock);
  return {
    servable,
    handle,
    ask: (request) => api.regress({ model: 'm', ...request }),
  };
}

describe('InProcessApi.regress', () => {
  it('says which version and signature answered, and gives the handle back', async () => {
    const { ask, handle, servable } = setUp();
    expect(await ask({ examples: [{ x: 1, y: 2 }] })).toEqual({
      model: 'm',
      version: 3,
      signatureName: 'serving_default',
      values: Float32Array.of(0.5),
    });
    expect(servable.runs[0]!.inputs.inputs!.data).toEqual(Int32Array.of(2));
    expect(handle.releases).toBe(1);
  });

  it.each<[string, Omit<ExampleRequest, 'model'>, string]>([
    ['an example that does not convert', { examples: [{ x: null as never }] }, 'examples[0].x: expected'],
    ['no examples', { examples: [] }, 'Input is empty.'],
  ])('names model, version and signature for %s', async (_, request, message) => {
    const { ask, handle } = setUp();
    await expect(ask(request)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`Model m version 3, signature "serving_default": ${message}`),
    });
    expect(handle.releases).toBe(1);
  });

  it('passes errors on that are not the request’s fault', async () => {
    const { ask, servable, handle } = setUp();
    servable.runError = new ServingError('CANCELLED', 'stopped');
    await expect(ask({ examples: [{}] })).rejects.toBe(servable.runError);
    expect(handle.releases).toBe(1);
  });
});
