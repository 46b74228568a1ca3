/** Searches a batch for the tasks that fail it: which of them run together, and in which order. */

/** Tasks that run together. */
export interface SuspectGroup<T> {
  readonly tasks: readonly T[];
  /** Whether they have run before, with others. */
  readonly isRerun: boolean;
}

interface WaitingGroup<T> extends SuspectGroup<T> {
  /** The other half of what failed, which comes after this one. */
  readonly sibling?: WaitingGroup<T>;
  /** The other half of what failed has succeeded. */
  isGuilty: boolean;
}

/**
 * Halves of what has failed, and halves of those, first ones first. When the first half succeeds, the other one must fail:
 * it runs in halves at once, not whole. A task is blamed only after it has run alone.
 */
export class SuspectGroups<T> {
  readonly #isWanted: (task: T) => boolean;
  readonly #waiting: WaitingGroup<T>[] = [];
  #current: WaitingGroup<T> | undefined;

  /** @param isWanted whether a caller still waits for a task; others are left out */
  constructor(isWanted: (task: T) => boolean) {
    this.#isWanted = isWanted;
  }

  /** Adds tasks that have not run yet, in portions of this many. To be called at the beginning. */
  addPortions(tasks: readonly T[], size: number): void {
    const portions: WaitingGroup<T>[] = [];
    for (let i = 0; i < tasks.length; i += size) {
      portions.push({ tasks: tasks.slice(i, i + size), isRerun: false, isGuilty: false });
    }
    this.#waiting.push(...portions.reverse());
  }

  /** Adds tasks that failed together: the whole batch, or what {@link next} returned. At least two. */
  split(tasks: readonly T[]): void {
    const half = Math.ceil(tasks.length / 2);
    const sibling = { tasks: tasks.slice(half), isRerun: true, isGuilty: false };
    this.#waiting.push(sibling, { tasks: tasks.slice(0, half), isRerun: true, sibling, isGuilty: false });
  }

  /** What {@link next} returned last has succeeded. */
  onSucceeded(): void {
    if (this.#current?.sibling) this.#current.sibling.isGuilty = true;
  }

  /** Returns the tasks that are to run next; `undefined` when none are left. */
  next(): SuspectGroup<T> | undefined {
    for (let group = this.#waiting.pop(); group; group = this.#waiting.pop()) {
      const tasks = group.tasks.filter(this.#isWanted);
      if (group.isGuilty && tasks.length > 1) {
        this.split(tasks);
      } else if (tasks.length > 0) {
        this.#current = group;
        return { tasks, isRerun: group.isRerun };
      }
    }
    return undefined;
  }
}
