/** An engine whose models run in processes of their own. */
import { ServingError } from '@serving/core';
import { type Clock, systemClock } from '@serving/core/extend';
import { defaultConcurrentRuns } from '../runtime/pool-slots.js';
import type {
  EngineSource,
  LoadedFor,
  RuntimeDescription,
  SavedModelRuntime,
  Session,
  SessionOptions,
} from '../runtime/saved-model-runtime.js';
import { childEnvironment } from './host/child-environment.js';
import { IsolatedSession } from './host/isolated-session.js';
import { limitMemory } from './host/limit-memory.js';
import { ModelProcess, type ProcessLaunch } from './host/model-process.js';
import { endText, placeOf } from './host/process-end.js';
import type { ModelProcessOptions } from './isolation-options.js';
import { assertIsolationSupported } from './memory/shared-region.js';

/** See `isolatedRuntime`. */
export function isolateRuntime(
  runtime: SavedModelRuntime,
  options: ModelProcessOptions = {},
  clock: Clock = systemClock,
): SavedModelRuntime {
  assertIsolationSupported();
  if (runtime.source === undefined) {
    throw new ServingError(
      'UNIMPLEMENTED',
      `The engine "${runtime.name}" can't run in a process of its own: it has no "source", which tells how another process makes it. ` +
        'Set isolation to "none", or give the engine by name',
    );
  }
  return new IsolatedRuntime(runtime, options, clock);
}

class IsolatedRuntime implements SavedModelRuntime {
  readonly name: string;
  readonly #runtime: SavedModelRuntime;
  readonly #options: ModelProcessOptions;
  readonly #clock: Clock;

  constructor(runtime: SavedModelRuntime, options: ModelProcessOptions, clock: Clock) {
    this.name = runtime.name;
    this.#runtime = runtime;
    this.#options = options;
    this.#clock = clock;
  }

  async describe(): Promise<RuntimeDescription> {
    const source = await this.#runtime.source!();
    const { promise: ended, resolve } = withResolvers<never>();
    const process = new ModelProcess(
      {
        onEnd: (end) =>
          resolve(Promise.reject(new ServingError('UNAVAILABLE', `The engine's process ${endText(end)}`))),
      },
      this.#launch(`serving-engine ${this.name}`, source),
    );
    process.setReferenced(true);
    try {
      return await Promise.race([process.describe(source), ended]);
    } finally {
      ended.catch(() => {});
      await process.close();
    }
  }

  async load(
    directory: string,
    tags: readonly string[],
    { configProto, ...session }: SessionOptions,
    loadedFor: LoadedFor = {},
  ): Promise<Session> {
    const engine = await this.#runtime.source!();
    const { maxDeathsPerMinute = 5, maxRunMs = false, memoryLimitBytes = false } = this.#options;
    const clock = this.#clock;
    return IsolatedSession.load({
      request: {
        engine,
        directory,
        tags,
        session: { ...session, ...(configProto && { configProto: Buffer.from(configProto).toString('base64') }) },
        hasSmallKernels: loadedFor.hasSmallKernels ?? false,
      },
      launch: { ...this.#launch(`serving-model${placeOf(loadedFor.id)}`, engine), logs: writesLogs(engine) },
      clock,
      maxDeathsPerMinute,
      maxRunMs: maxRunMs === false ? undefined : maxRunMs,
      concurrentRuns: concurrentRunsOf(engine),
      limitMemory:
        memoryLimitBytes === false ? () => () => undefined : (process) => limitMemory(process, memoryLimitBytes, clock),
      loadedFor,
    });
  }

  estimateBytes(directory: string): Promise<number> {
    return this.#runtime.estimateBytes(directory);
  }

  async close(): Promise<void> {
    await this.#runtime.close?.();
  }

  #launch(title: string, { program }: EngineSource): ProcessLaunch {
    const { env, niceness = 0 } = this.#options;
    return { title, program, env: childEnvironment(process.env, env), niceness, logs: false };
  }
}

/** Whether the engine writes logs to stderr. */
function writesLogs({ options }: EngineSource): boolean {
  return (options as { readonly logs?: unknown }).logs === true;
}

function concurrentRunsOf({ options }: EngineSource): number {
  const { maxConcurrentRuns } = options as { maxConcurrentRuns?: unknown };
  return typeof maxConcurrentRuns === 'number' ? maxConcurrentRuns : defaultConcurrentRuns();
}

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T | Promise<T>) => void } {
  let resolve: (value: T | Promise<T>) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
