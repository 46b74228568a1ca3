/** Runs a model for the other end of a link. */
import { ServingError } from '@serving/core';
import type { Tensor } from '@serving/core/tensor';
import type { PreparedRun } from '../../runtime/saved-model-runtime.js';
import type { ControlLink } from '../messages/control-link.js';
import {
  choiceOfRun,
  isSuspectRun,
  MessageKind,
  type PrepareRequest,
  requestsOfRun,
} from '../messages/control-messages.js';
import { encodeFailure } from '../messages/failure.js';
import { type IncomingMessage, jsonBody } from '../messages/message-buffer.js';
import { RemoteLimits } from './remote-limits.js';

/** What it runs, and how results go back. */
export interface RunServerParts {
  readonly link: ControlLink;
  /** @throws ServingError */
  prepare(feeds: readonly string[], fetches: readonly string[]): PreparedRun;
  /** Adds the message with a run's results. @throws ServingError when they don't fit, with nothing added */
  addResults(id: number, results: readonly Tensor[]): void;
}

/** Answers each run once, with its results or a failure. */
export class RunServer {
  readonly #parts: RunServerParts;
  readonly #prepared = new Map<number, PreparedRun | ServingError>();
  readonly #running = new Map<number, RemoteLimits>();

  constructor(parts: RunServerParts) {
    this.#parts = parts;
  }

  /** Begins a run. */
  run({ id, number }: IncomingMessage, read: () => Tensor[]): void {
    try {
      const choice = choiceOfRun(number);
      const prepared = this.#prepared.get(choice);
      if (prepared === undefined) throw new ServingError('INTERNAL', `No tensors were chosen as number ${choice}`);
      if (prepared instanceof ServingError) throw prepared;
      const limits = new RemoteLimits();
      const options = { limits, requests: requestsOfRun(number), isSuspect: isSuspectRun(number) };
      const results = prepared.run(read(), options);
      if (!(results instanceof Promise)) {
        this.#reply(id, results);
        return;
      }
      this.#running.set(id, limits);
      results.then(
        (tensors) => this.#settle(id, () => this.#reply(id, tensors)),
        (error: unknown) => this.#settle(id, () => this.#fail(id, error)),
      );
    } catch (error) {
      this.#fail(id, error);
    }
  }

  /** Handles a message about choices and runs that are known; the others are the owner's. */
  onMessage(message: IncomingMessage): void {
    switch (message.kind) {
      case MessageKind.cancel:
        this.#cancel(message.id);
        return;
      case MessageKind.prepare:
        this.#prepare(message);
        return;
      case MessageKind.forget:
        this.#forget(message.id);
    }
  }

  /** The other end does not wait for a run any longer. */
  #cancel(id: number): void {
    this.#running.get(id)?.cancel();
  }

  /** Ends all runs: the other end is gone. */
  cancelAll(): void {
    for (const limits of this.#running.values()) limits.cancel();
    this.#prepared.clear();
  }

  /** Runs that follow name a choice of tensors by its number. What is wrong with it fails them. */
  #prepare(message: IncomingMessage): void {
    try {
      const { feeds, fetches } = jsonBody<PrepareRequest>(message);
      this.#prepared.set(message.id, this.#parts.prepare(feeds, fetches));
    } catch (error) {
      this.#prepared.set(message.id, ServingError.from(error, 'INTERNAL'));
    }
  }

  /** No run follows with a choice. */
  #forget(choice: number): void {
    this.#prepared.delete(choice);
  }

  #settle(id: number, reply: () => void): void {
    this.#running.delete(id);
    reply();
    const { link } = this.#parts;
    // The last one has nothing to wait for.
    if (this.#running.size === 0) link.flush();
    else link.flushSoon();
  }

  #reply(id: number, results: readonly Tensor[]): void {
    try {
      this.#parts.addResults(id, results);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #fail(id: number, error: unknown): void {
    this.#parts.link.outgoing.addJson(MessageKind.failure, id, encodeFailure(error));
  }
}
