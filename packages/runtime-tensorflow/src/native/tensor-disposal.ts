/** Deletes native tensors off the event loop. */

import type { Address } from '@serving/engine/native';
import type { CallEach } from './call-each.js';

/**
 * Deleting a tensor whose memory is TensorFlow's waits for TensorFlow's allocator, which may itself wait for another
 * thread, seconds long. So tensors gather here for a tick of the event loop, and one call on a thread deletes them all.
 * While that call waits, later ticks' tensors gather too: no more than one thread is ever held.
 */
export class TensorDisposal {
  readonly #deleteEach: CallEach;
  #tensors: Address[] = [];
  #isScheduled = false;

  constructor(deleteEach: CallEach) {
    this.#deleteEach = deleteEach;
  }

  /** Takes a tensor over. */
  add(tensor: Address): void {
    this.#tensors.push(tensor);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#deleteAll);
  }

  readonly #deleteAll = (): void => {
    const tensors = this.#tensors;
    this.#tensors = [];
    this.#deleteEach(tensors, this.#onDeleted);
  };

  readonly #onDeleted = (): void => {
    if (this.#tensors.length > 0) setImmediate(this.#deleteAll);
    else this.#isScheduled = false;
  };
}
