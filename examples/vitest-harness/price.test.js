import { savedModelPlatform } from '@serving/savedmodel';
import { fakeServable, Gate, ManualClock, savedModelFixture, startTestServer } from '@serving/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { estimatePrice } from './price.js';

describe('estimatePrice', () => {
  let test;
  afterEach(() => test.close());

  it('asks the model', async () => {
    const prices = fakeServable({
      inputs: { x: 'float' },
      outputs: { y: 'float' },
      run: ({ x }) => ({ y: { shape: x.shape, data: x.data.map((area) => area * 1000) } }),
    });
    test = await startTestServer({ models: { prices } });
    expect(await estimatePrice(test.server, 50)).toBe(50_000);
    expect(prices.calls[0].inputs.x.shape).toEqual([1]);
  });

  it('has no price while the model is missing', async () => {
    test = await startTestServer({ models: {} });
    expect(await estimatePrice(test.server, 50)).toBeUndefined();
  });

  it('has no price when the model is too slow', async () => {
    const clock = new ManualClock();
    const gate = new Gate();
    const slow = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: () => gate.opened });
    test = await startTestServer({ models: { prices: slow }, clock });
    const price = estimatePrice(test.server, 50);
    await clock.advance(100);
    expect(await price).toBeUndefined();
    gate.fail(new Error('no caller waits any more'));
  });

  it('works with a real model', async () => {
    test = await startTestServer({
      models: { prices: { basePath: savedModelFixture('half_plus_two') } },
      platforms: { tensorflow: savedModelPlatform() },
    });
    expect(await estimatePrice(test.server, 50, 60_000)).toBe(27);
  });
});
