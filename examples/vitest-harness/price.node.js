import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { savedModelPlatform } from '@serving/savedmodel';
import { fakeServable, Gate, ManualClock, savedModelFixture, startTestServer } from '@serving/testing';
import { estimatePrice } from './price.js';

describe('estimatePrice', () => {
  it('has no price when the model is too slow', async () => {
    const clock = new ManualClock();
    const gate = new Gate();
    const slow = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'float' }, run: () => gate.opened });
    const test = await startTestServer({ models: { prices: slow }, clock });
    const price = estimatePrice(test.server, 50);
    await clock.advance(100);
    assert.equal(await price, undefined);
    gate.fail(new Error('no caller waits any more'));
    await test.close();
  });

  it('works with a real model', async () => {
    const test = await startTestServer({
      models: { prices: { basePath: savedModelFixture('half_plus_two') } },
      platforms: { tensorflow: savedModelPlatform() },
    });
    assert.equal(await estimatePrice(test.server, 50, 60_000), 27);
    await test.close();
  });
});
