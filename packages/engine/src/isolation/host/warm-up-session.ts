/** A session on a process that takes no other runs yet. */
import { ServingError } from '@serving/core';
import type { PreparedRun, Session } from '../../runtime/saved-model-runtime.js';
import type { PrepareRequest } from '../messages/control-messages.js';
import { IsolatedPreparedRun, type IsolatedRun, type RunSession } from '../runs/isolated-run.js';
import type { ModelProcess } from './model-process.js';

/** What it has of the session whose process it is. */
export interface WarmedSession extends Pick<RunSession, 'deadlines' | 'hardLimit'> {
  /** Keeps a number for a choice of tensors, until it is forgotten. */
  addChoice(request: PrepareRequest): number;
  forgetChoice(choice: number): void;
}

/** Its runs go to the process at once, and end with it. */
export class WarmUpSession implements Session, RunSession {
  readonly engine: string | undefined;
  readonly #session: WarmedSession;
  readonly #process: ModelProcess;
  readonly #choices: number[] = [];

  constructor(session: WarmedSession, process: ModelProcess, engine: string | undefined) {
    this.engine = engine;
    this.#session = session;
    this.#process = process;
  }

  get deadlines(): RunSession['deadlines'] {
    return this.#session.deadlines;
  }

  get hardLimit(): RunSession['hardLimit'] {
    return this.#session.hardLimit;
  }

  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun {
    const request = { feeds, fetches };
    const choice = this.#session.addChoice(request);
    this.#choices.push(choice);
    this.#process.prepare(choice, request);
    return new IsolatedPreparedRun(this, choice, feeds.length);
  }

  /** No run follows. The process stays. */
  async close(): Promise<void> {
    for (const choice of this.#choices.splice(0)) {
      this.#session.forgetChoice(choice);
      if (!this.#process.hasEnded) this.#process.forget(choice);
    }
  }

  submit(run: IsolatedRun): void {
    if (this.#process.hasEnded) {
      run.reject(new ServingError('UNAVAILABLE', "The model's process has ended"));
      return;
    }
    run.start(this.#process.run(run, run.prepared.choice, run.requests, run.values));
  }

  giveUp(run: IsolatedRun): void {
    this.#process.cancel(run.id);
  }

  onSettled(): void {}
}
