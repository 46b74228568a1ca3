import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { savedModelPlatform } from '@serving/savedmodel';
import { savedModelFixture, startTestServer } from '@serving/testing';
import { estimatePrice } from './price.js';

describe('estimatePrice', () => {
  it('works with a real model', async () => {
    const test = await startTestServer({
      models: { prices: { basePath: savedModelFixture('half_plus_two') } },
      platforms: { tensorflow: savedModelPlatform() },
    });
    assert.equal(await estimatePrice(test.server, 50), 27);
    await test.close();
  });
});
