/** Limits that the other end watches. */
import type { LimitedWait, RunLimits } from '@serving/core/extend';

/** Ends the waits of one run at a message of the other end. */
export class RemoteLimits implements RunLimits {
  #wait: LimitedWait | undefined;
  #others: LimitedWait[] | undefined;

  add(wait: LimitedWait): void {
    if (this.#wait === undefined) this.#wait = wait;
    else {
      this.#others ??= [];
      this.#others.push(wait);
    }
  }

  remove(wait: LimitedWait): void {
    if (this.#wait === wait) this.#wait = undefined;
    else this.#others = this.#others?.filter((other) => other !== wait);
  }

  cancel(): void {
    const waits = [...(this.#wait ? [this.#wait] : []), ...(this.#others ?? [])];
    this.#wait = undefined;
    this.#others = undefined;
    for (const wait of waits) wait.onLimit({ kind: 'aborted' });
  }
}
