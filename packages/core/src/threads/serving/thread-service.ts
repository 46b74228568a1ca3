/** A service in one serving thread. */
import type { ModelServer } from '../../server/model-server.js';
import type { ThreadSupport } from '../thread-support.js';

/** The exports of the module. */
export interface ThreadServiceModule {
  /** Called once per thread. @throws ServingError */
  startThreadService(context: ThreadServiceContext): Promise<ThreadServicePart>;
}

/** What a service gets in each of its threads. */
export interface ThreadServiceContext {
  readonly server: ModelServer;
  readonly data: unknown;
  /** This thread's own, which the service closes by listening on it. */
  readonly descriptor: number | undefined;
  /** What this thread may ask of the system. */
  readonly support: ThreadSupport;
  /** How many threads the service runs in: what its limits are divided by. */
  readonly threads: number;
  /** Calls one of the service's handlers in the main thread. */
  call<Result>(name: string, argument?: unknown): Promise<Result>;
}

/** A service in one thread. */
export interface ThreadServicePart {
  /** The close is near; requests are still to be answered. */
  drain?(): void;
  /** Resolves when the requests in flight are answered. May be called again, with another limit. */
  close(options: { readonly timeoutMs?: number }): Promise<void>;
  /** What the main thread may call in each thread. */
  readonly handlers?: Readonly<Record<string, (argument: never) => unknown>>;
}
