/** Requests that are logged, on their way to the collectors in the main thread. */

import type { LoggedRequest } from '../../request-logging/prediction-log.js';
import { isSampled } from '../../request-logging/sampling.js';
import type { RequestSampler } from '../../request-logging/server-request-logger.js';
import type { InferenceServable } from '../../servable/inference-servable.js';
import type { ServableHandle } from '../../servable/servable-handle.js';
import { type LogRequestMessage, toPlainLog } from '../log-request-message.js';
import type { MirroredModel } from '../mirrored-state.js';
import type { ThreadChannel } from '../thread-channel.js';

/** Draws here, so that only logged requests cost a message. */
export class ForwardedRequestLogs implements RequestSampler {
  /** Itself, if any model is logged. */
  sampler: RequestSampler | undefined = undefined;
  readonly #channel: ThreadChannel;
  #rates: ReadonlyMap<string, number> = new Map();

  constructor(channel: ThreadChannel) {
    this.#channel = channel;
  }

  update(models: readonly MirroredModel[]): void {
    this.#rates = new Map(
      models.filter(({ samplingRate }) => samplingRate > 0).map(({ name, samplingRate }) => [name, samplingRate]),
    );
    this.sampler = this.#rates.size > 0 ? this : undefined;
  }

  sample(model: string): ReturnType<RequestSampler['sample']> {
    return isSampled(this.#rates.get(model) ?? 0, Math.random) ? this : undefined;
  }

  log({ id, servable }: ServableHandle<InferenceServable>, logged: LoggedRequest, signatureName?: string): void {
    const { savedModelTags } = servable;
    const message: LogRequestMessage = { id, savedModelTags, logged: toPlainLog(logged), signatureName };
    this.#channel.send('logRequest', message);
  }
}
