/** Searches a failed batch for the tasks that fail it: which of them run together, and in which order. */

interface Group<T> {
  readonly tasks: readonly T[];
  /** The other half of what failed, which comes after this one. */
  readonly sibling?: Group<T>;
  /** The other half of what failed has succeeded. */
  isGuilty: boolean;
}

/**
 * Halves of what has failed, and halves of those, first ones first. When the first half succeeds, the other one must fail:
 * it runs in halves at once, not whole. A task is blamed only after it has run alone.
 */
export class SuspectGroups<T> {
  readonly #isWanted: (task: T) => boolean;
  readonly #waiting: Group<T>[] = [];
  #current: Group<T> | undefined;

  /** @param isWanted whether a caller still waits for a task; others are left out */
  constructor(isWanted: (task: T) => boolean) {
    this.#isWanted = isWanted;
  }

  /** Takes tasks that failed together: first the batch, then what {@link next} returned. At least two. */
  split(tasks: readonly T[]): void {
    const half = Math.ceil(tasks.length / 2);
    const sibling = { tasks: tasks.slice(half), isGuilty: false };
    this.#waiting.push(sibling, { tasks: tasks.slice(0, half), sibling, isGuilty: false });
  }

  /** What {@link next} returned last has succeeded. */
  onSucceeded(): void {
    if (this.#current?.sibling) this.#current.sibling.isGuilty = true;
  }

  /** Returns the tasks that are to run next; `undefined` when none are left. */
  next(): readonly T[] | undefined {
    for (let group = this.#waiting.pop(); group; group = this.#waiting.pop()) {
      const tasks = group.tasks.filter(this.#isWanted);
      if (group.isGuilty && tasks.length > 1) {
        this.split(tasks);
      } else if (tasks.length > 0) {
        this.#current = group;
        return tasks;
      }
    }
    return undefined;
  }

  /** Removes and returns all tasks that are left, in the order in which they would have run. */
  takeAll(): T[] {
    return this.#waiting
      .splice(0)
      .reverse()
      .flatMap(({ tasks }) => tasks.filter(this.#isWanted));
  }
}
