import { ServingError } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { describe, expect, it } from 'vitest';
import { fakeServable } from './fake-servable.js';
import { startTestServer } from './test-server.js';

const parity = fakeServable({
  inputs: { n: { dtype: 'int64', shape: [-1] } },
  outputs: { isEven: 'bool', text: 'string' },
  run: ({ n }) => {
    const isEven = Array.from(n.data, (value) => value % 2n === 0n);
    return { isEven, text: isEven.map((even) => (even ? 'even' : 'odd')) };
  },
});

describe('fakeServable', () => {
  it('answers in process with the data types that it declares', async () => {
    const { server, close } = await startOf(parity);
    const { outputs } = await server.predict({ model: 'm', inputs: { n: [1, 2] } });
    expect(outputs.isEven).toEqual(createTensor('bool', [2], Uint8Array.of(0, 1)));
    expect(outputs.text!.dtype).toBe('string');
    await close();
  });

  it('gives the outputs that a request asks for, and remembers it', async () => {
    const { server, close } = await startOf(parity);
    const before = parity.calls.length;
    const { outputs } = await server.predict({ model: 'm', inputs: { n: [1] }, outputFilter: ['text'] });
    expect(Object.keys(outputs)).toEqual(['text']);
    expect(parity.calls[before]).toMatchObject({ signature: 'serving_default', options: { outputs: ['text'] } });
    await close();
  });

  it('fails as its function does, or for an output that it forgot', async () => {
    const failing = fakeServable({
      inputs: {},
      outputs: { y: 'float' },
      run() {
        throw new ServingError('RESOURCE_EXHAUSTED', 'too much');
      },
    }).withSignature('forget', { inputs: {}, outputs: { y: 'float' }, run: () => ({}) as { y: number } });
    const { server, close } = await startOf(failing);
    const ask = (signatureName: string) => server.predict({ model: 'm', signatureName, inputs: {} });
    await expect(ask('serving_default')).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    await expect(ask('forget')).rejects.toThrow('signature "forget" gave no output "y"');
    await close();
  });
});

async function startOf(servable: ReturnType<typeof fakeServable>) {
  const test = await startTestServer({ models: { m: servable } });
  return { server: test.server, close: () => test.close() };
}
