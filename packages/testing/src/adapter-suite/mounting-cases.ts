/** The API beside other routes, and below a path. */
import assert from 'node:assert/strict';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, errorOf, jsonOf, MODEL } from './suite-host.js';

const prefix = '/ml/serving';

export const mountingCases: {
  readonly besideHostRoutes: readonly AdapterCase[];
  readonly belowPrefix: readonly AdapterCase[];
} = {
  besideHostRoutes: [
    adapterCase('leaves the host’s routes alone', {}, async (host) => {
      for (const target of ['/host', '/v1/users']) {
        assert.equal(await (await host.fetchHost(target)).text(), 'host', target);
      }
    }),

    adapterCase('takes no path that only begins like its own', {}, async (host) => {
      const answer = await host.fetchHost('/v1/modelsandmore');
      assert.doesNotMatch(await answer.text(), /Malformed request/);
    }),
  ],

  belowPrefix: [
    adapterCase('answers below the prefix, and names the path below it', { prefix }, async (host) => {
      assert.deepEqual(await jsonOf(host.predict('{"inputs": [1]}')), { outputs: [2.5] });
      assert.equal((await host.fetch(MODEL)).status, 200);
      const malformed = await host.fetch('/v1/models/');
      assert.equal(await errorOf(malformed), 'Malformed request: GET /v1/models/');
    }),

    adapterCase('answers nowhere else', { prefix }, async (host) => {
      const answer = await host.fetchHost(MODEL);
      assert.doesNotMatch(await answer.text(), /model_version_status/);
    }),

    adapterCase('refuses large bodies there too', { prefix, options: { maxBodyBytes: 10 } }, async (host) => {
      assert.equal((await host.predict('{"inputs": [1]}')).status, 413);
    }),

    adapterCase('has its metrics page there', { prefix, options: { prometheusPath: '/metrics' } }, async (host) => {
      assert.equal((await host.fetch('/metrics')).status, 200);
    }),
  ],
};
