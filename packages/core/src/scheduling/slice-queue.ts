/** Where work on large bodies waits for its turn: one slice, then the event loop. */

/** Work in slices. */
export interface QueuedWork<T> {
  /**
   * Does one slice, of about a millisecond. Returns whether that was the last one.
   *
   * @throws ServingError what is wrong with the work, which is over then
   */
  step(): boolean;
  /** What came out, once `step` has returned `true`. */
  readonly result: T;
}

/** Has `callback` called once the event loop has turned. */
export type Schedule = (callback: () => void) => void;

/**
 * Does one slice in a turn of the event loop, whatever the number of requests whose bodies are large. Work that comes gets a
 * few slices in a row, which is all that most bodies take; then the next one in line gets as many.
 */
export class SliceQueue {
  readonly #schedule: Schedule;
  readonly #tasks: Task[] = [];
  #slicesLeft = 0;
  readonly #turn = (): void => this.#doSlice();

  constructor(schedule: Schedule = setImmediate) {
    this.#schedule = schedule;
  }

  /**
   * Does all slices of `work`; what came out.
   *
   * @param checkGoesOn called before each slice: what it throws ends the work
   * @throws ServingError what the work failed with
   */
  run<T>(work: QueuedWork<T>, checkGoesOn: () => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const count = this.#tasks.push({ work, checkGoesOn, done: () => resolve(work.result), failed: reject });
      if (count > 1) return;
      this.#slicesLeft = SLICES_IN_A_ROW;
      this.#schedule(this.#turn);
    });
  }

  #doSlice(): void {
    const tasks = this.#tasks;
    const task = tasks[0]!;
    if (isOver(task)) {
      tasks.shift();
      this.#slicesLeft = SLICES_IN_A_ROW;
    } else if (--this.#slicesLeft === 0) {
      tasks.push(tasks.shift()!);
      this.#slicesLeft = SLICES_IN_A_ROW;
    }
    if (tasks.length > 0) this.#schedule(this.#turn);
  }
}

interface Task {
  readonly work: QueuedWork<unknown>;
  readonly checkGoesOn: () => void;
  readonly done: () => void;
  readonly failed: (reason: unknown) => void;
}

function isOver({ work, checkGoesOn, done, failed }: Task): boolean {
  try {
    checkGoesOn();
    if (!work.step()) return false;
    done();
  } catch (reason) {
    failed(reason);
  }
  return true;
}

/** A body of 2 MiB is done before the next one in line. */
const SLICES_IN_A_ROW = 8;

/** Of this thread: its event loop is what all large bodies share. */
export const sliceQueue: SliceQueue = new SliceQueue();
