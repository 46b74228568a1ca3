/** A hundred new versions under 64 REST and 16 gRPC clients, with clients that leave early beside them. */
import type { Attack } from './attack.js';
import { runHotSwapTrial } from './hot-swap-trial.js';

const VERSIONS = 101;

const WAYS = { auto: {}, threads: { runMode: 'thread' }, batches: { batching: {} } } as const;

export const hotSwaps: Attack = {
  name: 'hot-swaps',
  description: '100 swaps of a model under 64 REST and 16 gRPC clients, and 8 that reset their connections',
  async run() {
    const figures: Record<string, number> = {};
    let passed = true;
    for (const [name, way] of Object.entries(WAYS)) {
      const clients = { inProcess: 0, withHandles: 0, rest: 64, grpc: 16, impatient: 8 };
      const startedAt = performance.now();
      const { wrong, requests, states, openSessions, openSessionsAfterClose } = await runHotSwapTrial({
        ...clients,
        versions: VERSIONS,
        ...way,
      });
      for (const line of wrong.slice(0, 5)) console.error(line);
      const stuck = states.filter(({ version, state }) => version !== VERSIONS && state !== 'END').length;
      passed &&= wrong.length === 0 && stuck === 0 && openSessions === 1 && openSessionsAfterClose === 0;
      Object.assign(figures, {
        [`${name}.swaps`]: VERSIONS - 1,
        [`${name}.rest`]: requests.rest,
        [`${name}.grpc`]: requests.grpc,
        [`${name}.left-early`]: requests.impatient,
        [`${name}.failed`]: wrong.length,
        [`${name}.ms`]: Math.round(performance.now() - startedAt),
      });
    }
    return { passed, figures };
  },
};
