/** Callers within the server's process. */
import { type ModelServer, ServingError } from '@serving/core';
import { createTensor, type Tensor } from '@serving/core/tensor';
import type { Caller } from './caller-loops.js';

/** Codes of a deadline that has passed; the second one is that of a wait for a batch. */
const LATE: readonly string[] = ['DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'];

/** Gives up by a signal or a deadline, in turn. */
export function inProcessCaller(server: ModelServer): Caller {
  let turn = 0;
  return {
    name: 'in process',
    count: 3,
    async ask(model, x, leaveAfterMs) {
      const inputs = { x: createTensor('float', [x.length], x) };
      const byDeadline = turn++ % 2 === 0;
      const abort = new AbortController();
      const limits =
        leaveAfterMs === undefined ? {} : byDeadline ? { timeoutMs: leaveAfterMs } : { signal: abort.signal };
      if ('signal' in limits) setTimeout(() => abort.abort(), leaveAfterMs);
      try {
        const { outputs } = await server.predict({ model, inputs, ...limits });
        return { kind: 'answered', y: (outputs.y as Tensor<'float'>).data };
      } catch (error) {
        const { code, message } = ServingError.from(error);
        const isLeft = byDeadline ? LATE.includes(code) : abort.signal.aborted && code === 'CANCELLED';
        return leaveAfterMs !== undefined && isLeft ? { kind: 'left' } : { kind: 'failed', code, message };
      }
    },
  };
}
