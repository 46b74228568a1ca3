/** What serving threads do: a listener of a wire API, or a module of the application. */

/** A service in one of its threads, as the main thread sees it. */
export interface ServicePart {
  /** Calls a handler of the part. @throws ServingError what it fails with, or what ended the thread */
  call<Result>(name: string, argument?: unknown): Promise<Result>;
  /** Resolves when the thread is gone, and all that was its own is closed. */
  readonly ended: Promise<unknown>;
}

/** A service as the main thread describes it. */
export interface ThreadServiceSpec {
  /** How many threads it runs in, from 2. */
  readonly threads: number;
  /** What it is, for errors: `The REST API`. */
  readonly title: string;
  /** URL of a module that exports `ThreadServiceModule`. */
  readonly module: string;
  /** Plain data for each thread. */
  readonly data: unknown;
  /** A listening socket, of which each thread gets a descriptor of its own. The service owns it from now on. */
  readonly descriptor?: number | undefined;
  /** What its threads may call in the main thread, with plain data. */
  readonly handlers?: Readonly<Record<string, (argument: never) => unknown>>;
  /** Called for each part once it has started, those of threads that replace others too. */
  onPartStarted?(part: ServicePart): void;
}
