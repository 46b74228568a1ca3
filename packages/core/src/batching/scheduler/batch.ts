/** Tasks that will run together. */
import type { BatchTask } from './batch-task.js';

/** A batch as its processor gets it. It has at least one task and is the processor's own. */
export interface Batch<T extends BatchTask> {
  /** In the order of their arrival; tasks of low priority that fill it up come last. */
  readonly tasks: readonly T[];
  /** The sum of the tasks' sizes. */
  readonly size: number;
}

/** A batch while it waits. */
export class WaitingBatch<T extends BatchTask> implements Batch<T> {
  readonly tasks: T[];
  size: number;
  /** `Clock.now()` time of its first task's arrival. */
  readonly openedAt: number;
  /** Whether further tasks may join. */
  isOpen = true;

  constructor(task: T, openedAt: number) {
    this.tasks = [task];
    this.size = task.size;
    this.openedAt = openedAt;
  }

  add(task: T): void {
    this.tasks.push(task);
    this.size += task.size;
  }

  /** Whether the task was in it. */
  remove(task: T): boolean {
    const index = this.tasks.indexOf(task);
    if (index < 0) return false;
    this.tasks.splice(index, 1);
    this.size -= task.size;
    return true;
  }
}
