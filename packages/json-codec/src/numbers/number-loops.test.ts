import { createTensor } from '@serving/core/tensor';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { signatureOf } from '../signature.test-support.js';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('numberLoops', () => {
  it('are made once', async () => {
    const { numberLoops } = await import('./number-loops.js');
    expect(numberLoops()).toBeDefined();
    expect(numberLoops()).toBe(numberLoops());
  });

  it('are not needed without WebAssembly', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { numberLoops } = await import('./number-loops.js');
    const { decodePredictRequest } = await import('../decode/predict-request-decoder.js');
    const { encodePredictResponse } = await import('../encode/predict-response-encoder.js');
    const { writeFloat32 } = await import('../encode/float-writer.js');
    expect(numberLoops()).toBeUndefined();

    const signature = signatureOf({ x: 'float', n: 'int64' });
    const body = Buffer.from('{"instances":[{"x":[0.1,2],"n":-9007199254740993},{"x":[1e-40,NaN],"n":7}]}');
    const { inputs } = decodePredictRequest(body, () => signature);
    expect(inputs).toMatchObject({
      x: { shape: [2, 2], data: Float32Array.of(0.1, 2, 1e-40, Number.NaN) },
      n: { shape: [2], data: BigInt64Array.of(-9007199254740993n, 7n) },
    });

    const outputs = { ...inputs, ok: createTensor('bool', [2, 1], Uint8Array.of(1, 0)) };
    expect(Buffer.from(encodePredictResponse('row', outputs, { compact: true })).toString()).toBe(
      '{"predictions":[{"x":[0.1,2.0],"n":-9007199254740993,"ok":[true]},{"x":[9.99995e-41,NaN],"n":7,"ok":[false]}]}',
    );
    const text = new Uint8Array(26);
    expect(Buffer.from(text.subarray(0, writeFloat32(Math.fround(0.3), text, 0))).toString()).toBe('0.3');
  });

  it('keep a request apart from another one that is decoded while its signature is looked up', async () => {
    const { decodePredictRequest } = await import('../decode/predict-request-decoder.js');
    const signature = signatureOf({ x: 'float' });
    const inner = Buffer.from('{"instances":[9,9,9,9,9,9,9,9]}');
    const { inputs } = decodePredictRequest(Buffer.from('{"instances":[1,2,3]}'), () => {
      decodePredictRequest(inner, () => signature);
      return signature;
    });
    expect(inputs.x!.data).toEqual(Float32Array.of(1, 2, 3));
  });
});
