/** Clients over REST and gRPC in a process of their own, which vanishes now and then with all of its requests. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FailedRequest } from '../faults/fault-record.js';
import type { Counts } from './caller-loops.js';
import type { ClientOptions, FromClients, ToClients } from './client-messages.js';

/** One process after the other. */
export class ClientProcess {
  readonly #options: ClientOptions;
  readonly #onFailure: (failed: FailedRequest) => void;
  readonly #paused = new Set<string>();
  /** Of processes that are gone. */
  readonly #earlier: Counts[] = [];
  #child: ChildProcess;
  #counts: Counts = {};
  #vanished = 0;

  constructor(options: ClientOptions, onFailure: (failed: FailedRequest) => void) {
    this.#options = options;
    this.#onFailure = onFailure;
    this.#child = this.#start();
  }

  /** How many processes were killed. */
  get vanished(): number {
    return this.#vanished;
  }

  /** Requests by model and outcome; those since a process's last report are not in it. */
  get counts(): readonly Counts[] {
    return [...this.#earlier, this.#counts];
  }

  setPaused(model: string, isPaused: boolean): void {
    if (isPaused) this.#paused.add(model);
    else this.#paused.delete(model);
    this.#send({ kind: 'pause', model, isPaused });
  }

  /** Kills the process; {@link startNext} starts another one. */
  async vanish(): Promise<void> {
    const child = this.#child;
    this.#vanished++;
    child.kill('SIGKILL');
    await once(child, 'close');
    this.#earlier.push(this.#counts);
    this.#counts = {};
  }

  startNext(): void {
    this.#child = this.#start();
  }

  /** Resolves when the last request has ended, with whether it did within the time. */
  async stop(withinMs: number): Promise<boolean> {
    const child = this.#child;
    const closed = once(child, 'close');
    this.#send({ kind: 'stop' });
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    const [code] = await closed;
    clearTimeout(timer);
    return code === 0;
  }

  #start(): ChildProcess {
    const options = { ...this.#options, seed: this.#options.seed + this.#vanished };
    const script = fileURLToPath(new URL('./client-process-main.js', import.meta.url));
    const child = fork(script, [JSON.stringify(options)]);
    child.on('message', (message: FromClients) => {
      if (message.kind === 'failed') this.#onFailure(message.failed);
      else if (child === this.#child) this.#counts = message.counts;
    });
    // A message to a process that has just vanished.
    child.on('error', () => {});
    this.#child = child;
    for (const model of this.#paused) this.#send({ kind: 'pause', model, isPaused: true });
    return child;
  }

  #send(message: ToClients): void {
    if (this.#child.connected) this.#child.send(message);
  }
}
