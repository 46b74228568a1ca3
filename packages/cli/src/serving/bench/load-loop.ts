/** Sends requests in a closed or an open loop, and measures how long each takes. */
import type { Clock } from '@serving/core/extend';

/** Sends one request, and settles when its answer is read. */
export type Send = (index: number) => Promise<void>;

/** How long requests are sent. */
export interface LoadLimits {
  readonly milliseconds: number;
  /** Requests to send at most. */
  readonly requests: number;
  /** Ends the loop, which rejects with its reason and leaves the requests in flight. */
  readonly signal?: AbortSignal | undefined;
}

/** What was sent. */
export interface LoadResult {
  /** Milliseconds of each request that was answered. */
  readonly latencies: readonly number[];
  readonly failures: number;
  /** Of the first failure. */
  readonly firstError: unknown;
  /** Milliseconds from the first request to the last answer. */
  readonly elapsedMs: number;
}

/** So many requests at a time: each answer is followed by the next request. */
export async function closedLoop(
  send: Send,
  connections: number,
  limits: LoadLimits,
  clock: Clock,
): Promise<LoadResult> {
  const recorder = new Recorder(clock);
  let next = 0;
  const one = async (): Promise<void> => {
    while (
      !limits.signal?.aborted &&
      next < limits.requests &&
      clock.now() - recorder.startTime < limits.milliseconds
    ) {
      await recorder.record(send(next++), clock.now());
    }
  };
  await unlessAborted(Promise.all(Array.from({ length: connections }, one)), limits.signal);
  return recorder.result();
}

/**
 * So many requests a second, whether the ones before are answered or not. A request that is sent late, since this process was busy, is measured from the
 * time at which it was due.
 */
export async function openLoop(send: Send, perSecond: number, limits: LoadLimits, clock: Clock): Promise<LoadResult> {
  const recorder = new Recorder(clock);
  const count = Math.min(limits.requests, Math.ceil((limits.milliseconds * perSecond) / 1000));
  const due = (index: number): number => recorder.startTime + (index * 1000) / perSecond;
  const sent: Promise<void>[] = [];
  for (let next = 0; next < count; ) {
    limits.signal?.throwIfAborted();
    for (; next < count && due(next) <= clock.now(); next++) sent.push(recorder.record(send(next), due(next)));
    const wait = due(next) - clock.now();
    if (next < count && wait > 0) await new Promise<void>((resolve) => clock.setTimer(resolve, Math.max(1, wait)));
  }
  await unlessAborted(Promise.all(sent), limits.signal);
  return recorder.result();
}

function unlessAborted(load: Promise<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return load;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    load.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

class Recorder {
  readonly startTime: number;
  readonly #clock: Clock;
  readonly #latencies: number[] = [];
  #failures = 0;
  #firstError: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.startTime = clock.now();
  }

  async record(answer: Promise<void>, startTime: number): Promise<void> {
    try {
      await answer;
      this.#latencies.push(this.#clock.now() - startTime);
    } catch (error) {
      this.#firstError ??= error;
      this.#failures++;
    }
  }

  result(): LoadResult {
    return {
      latencies: this.#latencies,
      failures: this.#failures,
      firstError: this.#firstError,
      elapsedMs: this.#clock.now() - this.startTime,
    };
  }
}
