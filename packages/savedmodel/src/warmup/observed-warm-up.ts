/** A warm-up that is published on `serving:warmup-file` and `serving:warmup`. */
import { ServingError } from '@serving/core';
import { type WarmupEvent, type WarmupFileEvent, warmupChannel, warmupFileChannel } from '@serving/core/diagnostics';
import { type WarmupOptions, warmUp } from './saved-model-warmup.js';
import type { WarmupTarget } from './warmup-request.js';

/** {@link warmUp}, and the time it took. */
export async function observedWarmUp(
  directory: string,
  target: WarmupTarget,
  options: WarmupOptions | undefined,
): Promise<void> {
  const startTime = performance.now();
  const tell = (requests: number, error?: ServingError): void => {
    if (!warmupChannel.hasSubscribers) return;
    const event: WarmupEvent = {
      servable: target.id,
      path: directory,
      requests,
      startTime,
      endTime: performance.now(),
      ...(error && { error }),
    };
    warmupChannel.publish(event);
  };
  const tellFile = (file: string): void => {
    const event: WarmupFileEvent = { servable: target.id, path: directory, file };
    if (warmupFileChannel.hasSubscribers) warmupFileChannel.publish(event);
  };
  try {
    tell(await warmUp(directory, target, options, tellFile));
  } catch (reason) {
    tell(0, ServingError.from(reason));
    throw reason;
  }
}
