/** The serving threads of one model server: they share its loaded versions, and what dies is replaced. */
import { availableParallelism } from 'node:os';
import type { Clock } from '../../clock.js';
import type { Platform } from '../../loader/platform.js';
import { ServingError } from '../../serving-error.js';
import { type ForwardedEvent, kindsWithListeners } from '../forwarded-events.js';
import type { MirroredConfig, MirroredServer } from '../mirrored-state.js';
import { attachThreadAnswers, ThreadAnswers, type ThreadQuestion } from '../thread-answers.js';
import type { ChannelHandlers } from '../thread-channel.js';
import type { ThreadServiceSpec } from '../thread-service-spec.js';
import { loadThreadSupport, type ThreadSupport } from '../thread-support.js';
import { EventReplay } from './event-replay.js';
import { type ListeningSocket, listeningSocket } from './listening-socket.js';
import { RunningService } from './running-service.js';
import { ServingThread } from './serving-thread.js';
import { VersionLeases } from './version-leases.js';

/** What the threads need of their model server. */
export interface ServingThreadsContext {
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly clock: Clock;
  /** @param threads that its limits are divided by */
  config(threads: number): MirroredConfig;
  /** The state that a thread which starts now gets. */
  snapshot(): MirroredServer;
  /** What threads may call. */
  readonly handlers: ChannelHandlers;
  readonly onError: (error: ServingError) => void;
}

/** A service that runs in several threads. */
export interface ThreadService {
  drain(): void;
  /** Resolves when every thread has answered its requests. May be called again, with another limit. */
  close(options?: { readonly timeoutMs?: number }): Promise<void>;
  /** Calls a handler of each thread's part. */
  callEach<Result>(name: string, argument?: unknown): Promise<Result[]>;
}

/** A thread that lives shorter is replaced later, each time twice as late. */
const SHORT_LIFE_MS = 10_000;
const FIRST_DELAY_MS = 100;
/** How soon threads notice a listener that is new. */
const OBSERVE_MS = 1000;
const MAX_INTERVAL_MS = 2 ** 31 - 1;
const MAX_DELAY_MS = 30_000;

/** Has no threads until a service is started, and none when the last one is closed. */
export class ServingThreads {
  readonly leases: VersionLeases = new VersionLeases();
  readonly #answers = new ThreadAnswers((question) => this.#askAll(question));
  readonly #context: ServingThreadsContext;
  readonly #threads = new Map<number, ServingThread>();
  readonly #services = new Map<number, RunningService>();
  #count = 0;
  #started = 0;
  #isEnding: Promise<unknown> | undefined;
  #server: object = this;
  #cancelObserve: (() => void) | undefined;
  /** Between the end of a thread and the start of the next, nothing else may keep the process alive. */
  #keepAlive: NodeJS.Timeout | undefined;

  constructor(context: ServingThreadsContext) {
    this.#context = context;
  }

  /**
   * The number of threads that an option means: `auto` is one per processor, or one where the system or a platform serves from one
   * thread only.
   *
   * @param title what has the option, for errors
   * @throws ServingError `INVALID_ARGUMENT` for a number that is not whole or below 1, `UNIMPLEMENTED` for more than 1 on Windows,
   * `FAILED_PRECONDITION` for a platform whose versions can't be shared
   */
  countOf(threads: number | 'auto' | undefined, title: string): number {
    if (threads === undefined || threads === 1) return 1;
    const obstacle = this.#obstacle();
    if (threads === 'auto') return obstacle === undefined ? availableParallelism() : 1;
    if (!Number.isInteger(threads) || threads < 1) {
      throw ServingError.invalidArgument(
        `threads of ${title}: expected a whole number from 1, or "auto", got ${threads}`,
      );
    }
    if (obstacle !== undefined) throw obstacle.prefixed(`${title} with ${threads} threads: `);
    return threads;
  }

  /**
   * Resolves when every thread has opened all versions and started its part.
   *
   * @throws ServingError what the start failed with, with nothing left running
   */
  async start(spec: ThreadServiceSpec): Promise<ThreadService> {
    await this.#isEnding;
    const support = await this.#support();
    const number = ++this.#started;
    const service = new RunningService(number, spec);
    this.#services.set(number, service);
    this.#begin();
    this.#count = Math.max(this.#count, spec.threads);
    const close = async (options: { readonly timeoutMs?: number } = {}): Promise<void> => {
      if (!service.isClosing && spec.descriptor !== undefined) support.closeDescriptor(spec.descriptor);
      await service.close(options);
      if (this.#services.delete(number) && this.#services.size === 0) await this.#endAll();
    };
    try {
      const missing = Array.from({ length: this.#count }, (_, index) => index).filter(
        (index) => !this.#threads.has(index),
      );
      const added = await Promise.all(missing.map((index) => this.#openThread(index)));
      // No thread takes requests before all can.
      await Promise.all([
        ...added.map(({ begin }) => begin()),
        ...Array.from(this.#threads.values(), (thread) => service.startIn(thread)),
      ]);
    } catch (error) {
      await close({ timeoutMs: 0 });
      throw ServingError.from(error).prefixed(`${spec.title} could not start in ${spec.threads} threads: `);
    }
    return {
      drain: () => service.drain(),
      close,
      callEach: (name, argument) => service.callEach(name, argument),
    };
  }

  /**
   * Binds a socket for a service.
   *
   * @throws ServingError `UNAVAILABLE` when the address can't be listened on
   */
  async bind(address: {
    readonly title: string;
    readonly host: string;
    readonly port: number;
  }): Promise<ListeningSocket> {
    return listeningSocket(await this.#support(), address);
  }

  /** The model server that requests of the threads are published with. */
  serve(server: object): void {
    this.#server = server;
    attachThreadAnswers(server, this.#answers);
  }

  /** Resolves when all events of the threads so far are published, and the threads have processed all messages so far. */
  async flush(): Promise<void> {
    await Promise.allSettled(Array.from(this.#threads.values(), ({ channel }) => channel.call('flush')));
  }

  /** Sends a message to every thread. */
  broadcast(name: string, argument?: unknown): void {
    for (const { channel } of this.#threads.values()) channel.send(name, argument);
  }

  /** Includes this thread. */
  async #askAll(question: ThreadQuestion): Promise<unknown[]> {
    const threads = Array.from(this.#threads.values(), ({ channel }) => channel.call('answer', question));
    const results = await Promise.allSettled([...threads, (async () => this.#answers.answer(question))()]);
    return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  #obstacle(): ServingError | undefined {
    if (process.platform === 'win32') {
      return new ServingError('UNIMPLEMENTED', 'serving threads are not supported on Windows; use one thread');
    }
    for (const [name, { threadSupport }] of this.#context.platforms) {
      if (threadSupport !== undefined) continue;
      return new ServingError(
        'FAILED_PRECONDITION',
        `models of the platform "${name}" run only in the thread that loaded them; use one thread`,
      );
    }
    return undefined;
  }

  /** `undefined` where no platform brings it, and on Windows. */
  async optionalSupport(): Promise<ThreadSupport | undefined> {
    const module = this.#optionalSupportModule();
    return module === undefined || process.platform === 'win32' ? undefined : loadThreadSupport(module);
  }

  async #support(): Promise<ThreadSupport> {
    return loadThreadSupport(this.#supportModule());
  }

  #supportModule(): string {
    const module = this.#optionalSupportModule();
    if (module !== undefined) return module;
    throw new ServingError('FAILED_PRECONDITION', 'No platform of the model server supports serving threads');
  }

  #optionalSupportModule(): string | undefined {
    for (const { threadSupport } of this.#context.platforms.values()) {
      if (threadSupport !== undefined) return threadSupport;
    }
    return undefined;
  }

  /** Starts a thread, which opens all versions. `begin` starts those services that run already. */
  async #openThread(index: number): Promise<{ begin(): Promise<void> }> {
    const { clock } = this.#context;
    const supportModule = this.#supportModule();
    const start = { config: this.#context.config(this.#count), supportModule, ...this.#context.snapshot() };
    const startedAt = clock.now();
    const replay = new EventReplay(this.#server);
    const thread = new ServingThread(index, start, clock, {
      ...this.#context.handlers,
      observed: (events: readonly ForwardedEvent[]) => replay.replay(events),
      callService: ({ service, name, argument }: { service: number; name: string; argument: unknown }) =>
        this.#services.get(service)?.spec.handlers?.[name]?.(argument as never),
      askAll: (question: ThreadQuestion) => this.#askAll(question),
    });
    this.#threads.set(index, thread);
    thread.channel.send('observe', kindsWithListeners());
    let isStarted = false;
    void thread.ended.then((error) => {
      this.leases.leave(thread.channel);
      if (this.#threads.get(index) === thread) this.#threads.delete(index);
      if (isStarted && this.#services.size > 0) this.#replace(index, error, clock.now() - startedAt, FIRST_DELAY_MS);
    });
    const orEnd = async (step: Promise<unknown>): Promise<void> => {
      try {
        await step;
      } catch (error) {
        await thread.end();
        throw error;
      }
    };
    await orEnd(this.leases.join(thread.channel));
    return {
      begin: async () => {
        await orEnd(Promise.all(Array.from(this.#services.values(), (service) => service.startIn(thread))));
        isStarted = true;
      },
    };
  }

  #replace(index: number, error: ServingError, livedMs: number, delayMs: number): void {
    this.#context.onError(error.prefixed('The requests of a serving thread failed, and another takes its place: '));
    const start = (): void => {
      if (this.#services.size === 0 || this.#isEnding !== undefined) return;
      const starting = this.#openThread(index).then(({ begin }) => begin());
      starting.catch((failure: unknown) => {
        this.#replace(index, ServingError.from(failure), 0, Math.min(delayMs * 2, MAX_DELAY_MS));
      });
    };
    if (livedMs >= SHORT_LIFE_MS) start();
    else this.#context.clock.setTimer(start, delayMs);
  }

  #begin(): void {
    this.#keepAlive ??= setInterval(() => {}, MAX_INTERVAL_MS);
    this.#observe();
  }

  /** Channels have no event for new listeners. */
  #observe(): void {
    this.#cancelObserve?.();
    this.broadcast('observe', kindsWithListeners());
    this.#cancelObserve = this.#context.clock.setTimer(() => this.#observe(), OBSERVE_MS);
  }

  async #endAll(): Promise<void> {
    this.#cancelObserve?.();
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
    this.#count = 0;
    const threads = [...this.#threads.values()];
    this.#isEnding = Promise.all(threads.map((thread) => thread.end()));
    await this.#isEnding;
    this.#isEnding = undefined;
  }
}

/** Recognised across two copies of the package. */
const THREADS = Symbol.for('@serving/core/serving-threads');

/** Has {@link servingThreadsOf} find the threads of a server. */
export function attachServingThreads(server: object, threads: ServingThreads): void {
  threads.serve(server);
  Object.defineProperty(server, THREADS, { value: threads });
}

/**
 * What a model server's platforms bring to ask the system with, for servers of this thread; `undefined` where none brings it, on Windows, and
 * for an object that is no `ModelServer` of the main thread.
 */
export async function threadSupportOf(server: object): Promise<ThreadSupport | undefined> {
  return (Reflect.get(server, THREADS) as ServingThreads | undefined)?.optionalSupport();
}

/**
 * The serving threads of a model server.
 *
 * @throws ServingError `INVALID_ARGUMENT` for an object that is no `ModelServer` of the main thread
 */
export function servingThreadsOf(server: object): ServingThreads {
  const threads = Reflect.get(server, THREADS) as ServingThreads | undefined;
  if (threads !== undefined) return threads;
  throw ServingError.invalidArgument('Serving threads need a ModelServer that this thread has started');
}
