/** Keeps small messages from becoming very many objects: an entry takes two bytes on the wire, and hundreds in memory. */
import { ServingError } from '@serving/core';

/** Counts what a message has of one kind. */
export class MessageLimit {
  readonly #max: number;
  readonly #what: string;
  #count = 0;

  /** @param what is counted, in the plural, for the error. */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  /**
   * Counts one more.
   *
   * @throws ServingError `RESOURCE_EXHAUSTED` when there are more than the limit.
   */
  add(): void {
    if (++this.#count > this.#max) {
      throw new ServingError('RESOURCE_EXHAUSTED', `the message has more than ${this.#max} ${this.#what}`);
    }
  }
}

/** For names and tensors, of which signatures have hundreds at most. */
export function namesLimit(): MessageLimit {
  return new MessageLimit(2 ** 16, 'names and tensors');
}

/** For all that becomes an object of its own in the examples of a request. */
export function examplesLimit(): MessageLimit {
  return new MessageLimit(2 ** 21, 'examples, features and byte strings');
}
