/** One client's stream of server-sent events. */

/** Pieces wait while the client is slow; one that falls far behind is cut, and its page connects again. */
export class EventStream implements AsyncIterableIterator<Uint8Array> {
  readonly #onEnd: () => void;
  readonly #waiting: Uint8Array[] = [];
  #resolve: ((result: IteratorResult<Uint8Array>) => void) | undefined;
  #isEnded = false;

  /** @param onEnd called once, when the client goes or {@link end} is called */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  send(piece: Uint8Array): void {
    if (this.#isEnded) return;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    if (resolve) resolve({ done: false, value: piece });
    else if (this.#waiting.push(piece) > MAX_WAITING) this.end();
  }

  /** Pieces that wait are still sent. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#onEnd();
    this.#resolve?.({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#isEnded) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#waiting.length = 0;
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }
}

const MAX_WAITING = 120;

/** An event as it goes over the wire. */
export function eventBytes(name: string, data: unknown): Uint8Array {
  return Buffer.from(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
