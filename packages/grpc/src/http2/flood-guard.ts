/** Frames that cost a client nothing to send: how many of them a connection may bring. */
import { ConnectionFailure, ENHANCE_YOUR_CALM } from './error-codes.js';

/** What may be spent, and what comes back of it in time. */
class Budget {
  readonly #most: number;
  readonly #perMs: number;
  readonly #now: () => number;
  #left: number;
  #since: number;

  constructor(most: number, perSecond: number, now: () => number) {
    this.#most = most;
    this.#left = most;
    this.#perMs = perSecond / 1000;
    this.#now = now;
    this.#since = now();
  }

  /** Returns whether there was something left. The time is asked for when there was not. */
  spend(): boolean {
    if (this.#left >= 1) {
      this.#left -= 1;
      return true;
    }
    const now = this.#now();
    this.#earn((now - this.#since) * this.#perMs);
    this.#since = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }

  earn(amount: number): void {
    if (this.#left < this.#most) this.#earn(amount);
  }

  #earn(amount: number): void {
    this.#left = Math.min(this.#most, this.#left + amount);
  }
}

const MOST_FRAMES = 10_000;
const FRAMES_PER_SECOND = 1000;

/** As nghttp2 has it. */
const LEAST_RESETS = 1000;
const RESETS_PER_SECOND = 33;

/** A client that has so many bytes of answers to its frames to take, and asks for more, does not read. */
const MAX_UNREAD_BYTES = 2 ** 20;
/** Bytes of an answer to a frame, at most: a ping's. */
const FRAME_ANSWER_BYTES = 17;

/** Ends connections whose clients send too many of them. Those that belong to work are paid by it. */
export class FloodGuard {
  readonly #frames: Budget;
  readonly #resets: Budget;
  /** Of answers to frames, since the client last took all there was. */
  #unreadBytes = 0;

  /** @param mostCalls at once, all of which a client may cancel */
  constructor(mostCalls: number, now: () => number) {
    const resets = Number.isFinite(mostCalls) ? Math.max(mostCalls, LEAST_RESETS) : MOST_FRAMES;
    this.#frames = new Budget(MOST_FRAMES, FRAMES_PER_SECOND, now);
    this.#resets = new Budget(resets, RESETS_PER_SECOND, now);
  }

  /** @throws ConnectionFailure for one frame without a use too many. */
  uselessFrame(): void {
    if (!this.#frames.spend()) throw new ConnectionFailure(ENHANCE_YOUR_CALM, 'Too many frames that bring nothing');
  }

  /** @throws ConnectionFailure where a client cancels more calls than it has answered. */
  cancelledCall(): void {
    if (!this.#resets.spend()) throw new ConnectionFailure(ENHANCE_YOUR_CALM, 'Too many calls that are cancelled');
  }

  answeredCall(): void {
    this.#resets.earn(1);
    this.#frames.earn(4);
  }

  /** A frame of DATA, either way: clients send PING and WINDOW_UPDATE with it. */
  usefulData(): void {
    this.#frames.earn(2);
  }

  /**
   * Answers to frames alone count: a client that reads has large answers to calls to take, too.
   *
   * @param unsentBytes that the client has not taken yet, of whatever kind
   * @throws ConnectionFailure for one answer too many.
   */
  frameAnswer(unsentBytes: number): void {
    if (unsentBytes === 0) this.#unreadBytes = 0;
    this.#unreadBytes += FRAME_ANSWER_BYTES;
    if (this.#unreadBytes <= MAX_UNREAD_BYTES) return;
    throw new ConnectionFailure(ENHANCE_YOUR_CALM, 'The client does not read what it is sent');
  }

  /** The client has taken all there was. */
  drained(): void {
    this.#unreadBytes = 0;
  }
}
