/** Searches a batch for the tasks that fail it: which of them run together, and in which order. */

/** Tasks that run together. */
export interface SuspectGroup<T> {
  readonly tasks: readonly T[];
  /** The sum of the tasks' sizes. */
  readonly size: number;
  /** Whether they have run before, with others. */
  readonly isRerun: boolean;
  /** Whether it is one task that must not run again, whatever its error. */
  readonly isLastTry: boolean;
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
export class SuspectGroups<T extends { readonly size: number }> {
  readonly #isWanted: (task: T) => boolean;
  readonly #waiting: WaitingGroup<T>[] = [];
  #current: WaitingGroup<T> | undefined;
  #waitingSize = 0;

  /** @param isWanted whether a caller still waits for a task; others are left out */
  constructor(isWanted: (task: T) => boolean) {
    this.#isWanted = isWanted;
  }

  /** The sum of the sizes of tasks that {@link next} has not returned yet. */
  get waitingSize(): number {
    return this.#waitingSize;
  }

  /** Adds tasks that have not run yet, in portions of this many. To be called at the beginning. */
  addPortions(tasks: readonly T[], size: number): void {
    const last = tasks.length - 1;
    for (let i = last - (last % size); i >= 0; i -= size) this.#add(tasks.slice(i, i + size), { isRerun: false });
  }

  /** Adds tasks that have run, each to run alone for the last time. */
  addLastTries(tasks: readonly T[]): void {
    for (let i = tasks.length - 1; i >= 0; i--) this.#add([tasks[i]!], { isRerun: true, isLastTry: true });
  }

  /** Adds tasks that failed together: the whole batch, or what {@link next} returned. At least two. */
  split(tasks: readonly T[]): void {
    const half = Math.ceil(tasks.length / 2);
    const sibling = this.#add(tasks.slice(half), { isRerun: true });
    this.#add(tasks.slice(0, half), { isRerun: true, sibling });
  }

  /** What {@link next} returned last has succeeded. */
  onSucceeded(): void {
    if (this.#current?.sibling) this.#current.sibling.isGuilty = true;
  }

  /** Returns the tasks that are to run next; `undefined` when none are left. */
  next(): SuspectGroup<T> | undefined {
    for (let group = this.#waiting.pop(); group; group = this.#waiting.pop()) {
      this.#waitingSize -= group.size;
      const tasks = group.tasks.filter(this.#isWanted);
      if (group.isGuilty && tasks.length > 1) {
        this.split(tasks);
      } else if (tasks.length > 0) {
        this.#current = group;
        const { isRerun, isLastTry } = group;
        return { tasks, size: sizeOf(tasks), isRerun, isLastTry };
      }
    }
    return undefined;
  }

  #add(tasks: readonly T[], kind: Partial<WaitingGroup<T>> & { readonly isRerun: boolean }): WaitingGroup<T> {
    const group: WaitingGroup<T> = { tasks, size: sizeOf(tasks), isLastTry: false, isGuilty: false, ...kind };
    this.#waiting.push(group);
    this.#waitingSize += group.size;
    return group;
  }
}

function sizeOf(tasks: readonly { readonly size: number }[]): number {
  let size = 0;
  for (let i = 0; i < tasks.length; i++) size += tasks[i]!.size;
  return size;
}
