/** Publishes what becomes of models' processes. */
import type { ServableId } from '@serving/core';
import { type ModelProcessEvent, modelProcessChannel } from '@serving/core/diagnostics';
import type { ProcessEnd } from './process-end.js';

/** Publishes that a process has loaded its model, or that it ended by itself. */
export function reportProcess(
  servable: ServableId | undefined,
  kind: ModelProcessEvent['kind'],
  event: Pick<ProcessEnd, 'pid'> & Partial<ProcessEnd> & Pick<ModelProcessEvent, 'isRestart'>,
): void {
  if (!modelProcessChannel.hasSubscribers) return;
  const { pid, signal, code, reason, isRestart, lastLines = [] } = event;
  const published: ModelProcessEvent = {
    kind,
    lastLines,
    ...(servable !== undefined && { servable }),
    ...(pid !== undefined && { pid }),
    ...(signal !== undefined && { signal }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(isRestart !== undefined && { isRestart }),
  };
  modelProcessChannel.publish(published);
}
