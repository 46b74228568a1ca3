/** Connections: kept, shared, slow, and left. */
import assert from 'node:assert/strict';
import { Gate } from '../gate.js';
import { ManualClock } from '../manual-clock.js';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, jsonOf, until, withHost } from './suite-host.js';

export const connectionCases: readonly AdapterCase[] = [
  adapterCase('keeps a connection for the next request', {}, async (host) => {
    const connection = await host.connect();
    await connection.write(host.wirePredict('{"inputs": [1]}'));
    assert.match(await connection.receive(/\}$/), /2\.5/);
    await connection.write(host.wirePredict('{"inputs": [2]}'));
    assert.doesNotMatch(await connection.receive(/3\.0[^}]*\}$/), /^connection: close\r$/im);
  }),

  adapterCase('answers many at once, each its own', {}, async (host) => {
    const numbers = Array.from({ length: 50 }, (_, i) => i);
    const answers = await Promise.all(numbers.map(async (x) => jsonOf(host.predict(JSON.stringify({ inputs: [x] })))));
    assert.deepEqual(
      answers,
      numbers.map((x) => ({ outputs: [x / 2 + 2] })),
    );
  }),

  {
    name: 'answers pipelined requests in their order',
    async test(createServer) {
      const first = new Gate();
      let runs = 0;
      const duringRun = (): Promise<void> | undefined => (runs++ === 0 ? first.opened : undefined);
      await withHost(createServer, { duringRun }, async (host) => {
        const connection = await host.connect();
        const requests = [1, 2, 3].map((x) => host.wirePredict(`{"inputs": [${x}]}`));
        await connection.write(requests.join(''));
        await until(() => runs > 0);
        const early = connection.received;
        first.open();
        assert.equal(early, '');
        const received = await connection.receive(/3\.5[^}]*\}$/);
        assert.deepEqual(received.match(/(?<= {8})[\d.]+/g), ['2.5', '3.0', '3.5']);
      });
    },
  },

  {
    name: 'aborts the run when its client goes, and serves the next one',
    async test(createServer) {
      const signals: AbortSignal[] = [];
      const duringRun = ({ signal }: { signal?: AbortSignal | undefined }): Promise<void> | undefined => {
        assert.ok(signal, 'a run has to know its client’s signal');
        assert.equal(signal.aborted, false);
        if (signals.push(signal) > 1) return undefined;
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
      };
      await withHost(createServer, { duringRun }, async (host) => {
        const connection = await host.connect();
        await connection.write(host.wirePredict('{"inputs": [1]}'));
        await until(() => signals.length === 1);
        connection.destroy();
        await until(() => signals[0]!.aborted);
        assert.equal((await host.predict('{"inputs": [1]}')).status, 200);
      });
    },
  },

  adapterCase('forgets a client that goes in the middle of its body', {}, async (host) => {
    const connection = await host.connect();
    await connection.write(host.wirePredict('{"inputs": [1]}').slice(0, -3));
    connection.destroy();
    await connection.closed;
    assert.equal((await host.predict('{"inputs": [1]}')).status, 200);
  }),

  {
    name: 'answers 504 when a run takes too long',
    async test(createServer) {
      const clock = new ManualClock();
      const gate = new Gate();
      let isRunning = false;
      const duringRun = (): Promise<void> => {
        isRunning = true;
        return gate.opened;
      };
      await withHost(createServer, { duringRun, options: { clock, timeoutMs: 500 } }, async (host) => {
        const answer = host.predict('{"inputs": [1]}');
        await until(() => isRunning);
        await clock.advance(501);
        try {
          assert.equal((await answer).status, 504);
          assert.deepEqual(await jsonOf(answer), { error: 'Timed out waiting for notification' });
        } finally {
          gate.open();
        }
      });
    },
  },

  {
    name: 'answers what a run fails with',
    async test(createServer) {
      const duringRun = (): never => {
        throw new Error('the model is tired');
      };
      await withHost(createServer, { duringRun }, async (host) => {
        const answer = await host.predict('{"inputs": [1]}');
        assert.equal(answer.status, 500);
        assert.match(((await jsonOf(answer)) as { error: string }).error, /the model is tired/);
      });
    },
  },
];
