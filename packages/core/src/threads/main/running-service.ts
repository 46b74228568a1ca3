/** A service in the serving threads that it runs in. */
import type { ServicePart, ThreadServiceSpec } from '../thread-service-spec.js';
import type { ServingThread } from './serving-thread.js';

/** A call of a part of a service, or of the service in the main thread. */
export interface PartCall {
  readonly service: number;
  readonly name: string;
  readonly argument: unknown;
}

/** The call `startService`. */
export interface StartServiceMessage {
  readonly service: number;
  readonly module: string;
  readonly data: unknown;
  readonly threads: number;
  readonly descriptor: number | undefined;
}

/** Records which threads have a part of it. */
export class RunningService {
  readonly spec: ThreadServiceSpec;
  readonly #number: number;
  readonly #threads = new Set<ServingThread>();
  #isDraining = false;
  /** The limits of the calls of {@link close}, those for threads that start meanwhile. */
  #isClosing = false;

  constructor(number: number, spec: ThreadServiceSpec) {
    this.#number = number;
    this.spec = spec;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Starts its part in a thread, unless it runs in fewer threads. @throws ServingError what the part fails with */
  async startIn(thread: ServingThread): Promise<void> {
    const { module, data, threads, descriptor } = this.spec;
    if (this.#isClosing || thread.index >= threads || this.#threads.has(thread)) return;
    this.#threads.add(thread);
    const message: StartServiceMessage = { service: this.#number, module, data, threads, descriptor };
    void thread.ended.then(() => this.#threads.delete(thread));
    try {
      await thread.channel.call('startService', message);
    } catch (error) {
      this.#threads.delete(thread);
      throw error;
    }
    this.spec.onPartStarted?.(this.#partIn(thread));
    if (this.#isDraining) thread.channel.send('drainService', this.#number);
    if (this.#isClosing) await this.#closeIn(thread, {});
  }

  drain(): void {
    this.#isDraining = true;
    for (const { channel } of this.#threads) channel.send('drainService', this.#number);
  }

  /** Resolves when the part of every thread is closed, or its thread gone. */
  async close(options: { readonly timeoutMs?: number }): Promise<void> {
    this.#isClosing = true;
    await Promise.all(Array.from(this.#threads, (thread) => this.#closeIn(thread, options)));
  }

  /** Calls a handler of each part. Threads that end meanwhile are left out. */
  async callEach<Result>(name: string, argument?: unknown): Promise<Result[]> {
    const results = await Promise.allSettled(
      Array.from(this.#threads, (thread) => this.#partIn(thread).call<Result>(name, argument)),
    );
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  #partIn({ channel, ended }: ServingThread): ServicePart {
    const call = <Result>(name: string, argument?: unknown): Promise<Result> =>
      channel.call('callPart', { service: this.#number, name, argument } satisfies PartCall);
    return { call, ended };
  }

  async #closeIn({ channel }: ServingThread, options: { readonly timeoutMs?: number }): Promise<void> {
    try {
      await channel.call('closeService', { service: this.#number, ...options });
    } catch {
      // The thread has ended, and its connections with it.
    }
  }
}
