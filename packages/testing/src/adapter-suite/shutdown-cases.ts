/** Closing while requests are in flight. */
import assert from 'node:assert/strict';
import { Gate } from '../gate.js';
import type { AdapterCase } from './adapter-under-test.js';
import { jsonOf, type SuiteHost, until, withHost } from './suite-host.js';

/** A case with one run in flight. */
function busyCase(
  name: string,
  test: (host: SuiteHost, answer: Promise<Response>, finish: () => void) => Promise<void>,
): AdapterCase {
  return {
    name,
    async test(createServer) {
      const gate = new Gate();
      let isRunning = false;
      const duringRun = (): Promise<void> => {
        isRunning = true;
        return gate.opened;
      };
      await withHost(createServer, { duringRun }, async (host) => {
        const answer = host.predict('{"inputs": [1]}');
        await until(() => isRunning);
        try {
          await test(host, answer, () => gate.open());
        } finally {
          gate.open(); // a case that failed can be cleaned up then
        }
      });
    },
  };
}

export const shutdownCases: readonly AdapterCase[] = [
  busyCase('answers requests in flight when the host closes, and closes then', async (host, answer, finish) => {
    let isClosed = false;
    const closed = host.closeAdapter().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isClosed, false);
    finish();
    assert.deepEqual(await jsonOf(answer), { outputs: [2.5] });
    await closed;
    await host.models.close();
  }),

  busyCase('answers 503 while the model server closes, and the requests in flight', async (host, answer, finish) => {
    const closed = host.models.close();
    const refused = await host.predict('{"inputs": [1]}');
    assert.equal(refused.status, 503);
    assert.equal((await host.fetch('/v1/models/half')).status, 200);
    finish();
    assert.deepEqual(await jsonOf(answer), { outputs: [2.5] });
    await closed;
  }),
];
