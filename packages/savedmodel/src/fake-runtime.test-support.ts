/** A runtime that executes nothing, and records its calls. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { PreparedRun, SavedModelRuntime, Session, SessionOptions, SessionRunOptions } from '@serving/engine';

/** Its sessions answer a run with its first value, once per fetch. */
export class FakeRuntime implements SavedModelRuntime {
  readonly name: string = 'fake';
  readonly loads: { directory: string; tags: readonly string[]; options: SessionOptions }[] = [];
  readonly sessions: FakeSession[] = [];
  readonly configured: SessionOptions[] = [];
  closed = 0;
  /** When set, loads fail with it. */
  loadError: ServingError | undefined;
  /** Called within each load. */
  onLoad: () => void = () => {};

  configure(session: SessionOptions): void {
    this.configured.push(session);
  }

  async describe(): ReturnType<SavedModelRuntime['describe']> {
    return { name: 'fake', libraryVersion: '0', libraryPath: '/nowhere', devices: [] };
  }

  async load(directory: string, tags: readonly string[], options: SessionOptions): Promise<FakeSession> {
    this.loads.push({ directory, tags, options });
    this.onLoad();
    if (this.loadError) throw this.loadError;
    const session = new FakeSession();
    this.sessions.push(session);
    return session;
  }

  async estimateBytes(): Promise<number> {
    return 1200;
  }

  async close(): Promise<void> {
    this.closed++;
  }
}

export class FakeSession implements Session {
  readonly prepared: { feeds: readonly string[]; fetches: readonly string[] }[] = [];
  readonly runs: { values: readonly Tensor[]; options: SessionRunOptions | undefined }[] = [];
  closed = 0;
  runError: ServingError | undefined;

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    this.prepared.push({ feeds, fetches });
    if (feeds.includes('')) throw new ServingError('INVALID_ARGUMENT', 'A tensor without a name');
    return {
      run: async (values, options) => {
        this.runs.push({ values, options });
        if (this.runError) throw this.runError;
        return fetches.map(() => values[0]!);
      },
    };
  }

  async close(): Promise<void> {
    this.closed++;
  }
}
