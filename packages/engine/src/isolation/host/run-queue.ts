/** The order in which runs go to a process. */
import type { IsolatedRun } from '../runs/isolated-run.js';
import { TurnBudget } from './turn-budget.js';

/**
 * Runs start as they come, while there is a process. A suspect one (its batch was in flight when a process ended) waits until no run is
 * in flight, and no other starts before it is over: when the process ends again, that run was the reason. Runs whose inputs have many
 * bytes start in several turns of the event loop.
 */
export class RunQueue {
  readonly #start: (run: IsolatedRun) => void;
  readonly #waiting = new Set<IsolatedRun>();
  /** Of copies into the shared memory. */
  readonly #turn = new TurnBudget(() => {
    if (this.#waiting.size > 0) this.#startNext();
  });
  #inFlight = 0;
  #hasSuspect = false;
  #isOpen = false;
  #onIdle: (() => void) | undefined;

  /** @param start gives a run to the process */
  constructor(start: (run: IsolatedRun) => void) {
    this.#start = start;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Whether runs wait for the process. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  add(run: IsolatedRun): void {
    if (this.#waiting.size === 0 && this.#mayStart(run)) this.#begin(run);
    else this.#waiting.add(run);
  }

  /** Returns whether it waited. */
  remove(run: IsolatedRun): boolean {
    const didWait = this.#waiting.delete(run);
    if (didWait) this.#startNext();
    return didWait;
  }

  /** There is a process. */
  open(): void {
    this.#isOpen = true;
    this.#startNext();
  }

  /** There is none: runs wait. */
  pause(): void {
    this.#isOpen = false;
  }

  /** A run is in flight no longer. */
  onSettled(): void {
    this.#inFlight--;
    if (this.#inFlight === 0) this.#hasSuspect = false;
    if (this.#waiting.size > 0) this.#startNext();
    else if (this.#inFlight === 0) this.#onIdle?.();
  }

  /** Takes out those that wait. */
  takeWaiting(): IsolatedRun[] {
    const runs = [...this.#waiting];
    this.#waiting.clear();
    if (this.#inFlight === 0) this.#onIdle?.();
    return runs;
  }

  /** Resolves when no run waits or is in flight. */
  async whenIdle(): Promise<void> {
    if (this.#inFlight === 0 && this.#waiting.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #mayStart({ isSuspect }: IsolatedRun): boolean {
    return this.#isOpen && this.#turn.hasRoom && !this.#hasSuspect && (!isSuspect || this.#inFlight === 0);
  }

  #startNext(): void {
    for (const run of this.#waiting) {
      if (!this.#mayStart(run)) return;
      this.#waiting.delete(run);
      this.#begin(run);
    }
    if (this.#inFlight === 0 && this.#waiting.size === 0) this.#onIdle?.();
  }

  #begin(run: IsolatedRun): void {
    this.#inFlight++;
    if (run.isSuspect) this.#hasSuspect = true;
    this.#turn.spend(run.inputBytes);
    this.#start(run);
  }
}
