/** Tells of a batch on `serving:batch`, with the requests in it. */
import type { Clock } from '../clock.js';
import { batchChannel } from '../diagnostics/channels.js';
import type { BatchEvent, BatchingSource } from '../diagnostics/events.js';
import type { RequestTrace } from '../diagnostics/request-trace.js';
import { ServingError } from '../serving-error.js';
import type { BatchingSessionTask } from './batching-session-task.js';

/** A batch that runs. */
export interface BatchTrace {
  /** It has run, or failed. The first call counts. */
  finish(reason?: unknown): void;
}

/** `undefined` when nobody measures any of the requests. */
export function traceBatch(
  tasks: readonly BatchingSessionTask[],
  source: BatchingSource,
  size: number,
  padding: number,
  isRerun: boolean,
  clock: Pick<Clock, 'now'>,
): BatchTrace | undefined {
  let requests: Set<RequestTrace> | undefined;
  for (let i = 0; i < tasks.length; i++) {
    const { trace } = tasks[i]!;
    if (trace === undefined) continue;
    requests ??= new Set();
    requests.add(trace);
  }
  if (requests === undefined || !batchChannel.hasSubscribers) return undefined;
  const startTime = clock.now();
  const linked = [...requests];
  let finished = false;
  return {
    finish(reason) {
      if (finished) return;
      finished = true;
      const event: BatchEvent = {
        servable: source.servable,
        signature: source.signature,
        requests: linked,
        size,
        padding,
        isRerun,
        startTime,
        endTime: clock.now(),
        ...(reason !== undefined && { error: ServingError.from(reason, 'INTERNAL') }),
      };
      batchChannel.publish(event);
    },
  };
}
