/** Places for large bodies, so that few are read at a time where the event loop is busy. */
import type { Readable } from 'node:stream';
import type { Clock } from '@serving/core/extend';

/** Bodies that are read or decoded at a time: one may come while another is decoded. With more, each costs more. */
const PLACES = 2;
/** How often places are checked while a body waits for one. */
const CHECK_MS = 20;
/** What a body has to bring between two checks, twice in a row, to keep its place. */
const LEAST_PROGRESS_BYTES = 512 * 1024;
const CHECKS_WITHOUT_PROGRESS = 2;
/** Share of the time that the event loop may wait. Where it waits longer, all bodies may come. */
const MOST_IDLE = 0.5;
/** No body waits for longer. */
const MAX_WAIT_MS = 1000;

/** One large body that is being read. */
export interface BodyPlace {
  /** Bytes have come. */
  onBytes(count: number): void;
  /** It is read and decoded, or its client has gone. May be called again. */
  leave(): void;
}

interface Waiting {
  readonly place: Place;
  readonly since: number;
}

/**
 * Bodies of megabytes from many connections at once are a working set that no cache holds, and each byte is written and read once more from
 * memory. So the others are paused: what their clients send waits in the system. A place is for bodies that come fast: a slow client loses it
 * and is read beside the others, and while the event loop has time all are read.
 */
export class BodyPlaces {
  readonly #clock: Clock;
  readonly #idleMs: () => number;
  readonly #taken = new Set<Place>();
  readonly #waiting = new Set<Waiting>();
  #checkedAt = 0;
  #idleAtCheck = 0;
  #isChecking = false;

  /** @param idleMs for how long the event loop has waited so far */
  constructor(clock: Clock, idleMs: () => number = loopIdleMs) {
    this.#clock = clock;
    this.#idleMs = idleMs;
  }

  /** A large body is about to be read. It is paused until it has a place. */
  enter(body: Readable): BodyPlace {
    const place = new Place(body, (leaving) => this.#leave(leaving));
    if (this.#taken.size < PLACES) {
      this.#taken.add(place);
      return place;
    }
    body.pause();
    place.waiting = { place, since: this.#clock.now() };
    this.#waiting.add(place.waiting);
    this.#startChecks();
    return place;
  }

  #leave(place: Place): void {
    if (place.waiting !== undefined) this.#admit(place.waiting);
    if (this.#taken.delete(place)) this.#fill();
  }

  #fill(): void {
    for (const waiting of this.#waiting) {
      if (this.#taken.size >= PLACES) return;
      this.#taken.add(waiting.place);
      this.#admit(waiting);
    }
  }

  #admit(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    waiting.place.waiting = undefined;
    waiting.place.body.resume();
  }

  #startChecks(): void {
    if (this.#isChecking) return;
    this.#isChecking = true;
    this.#checkedAt = this.#clock.now();
    this.#idleAtCheck = this.#idleMs();
    this.#clock.setTimer(this.#check, CHECK_MS);
  }

  readonly #check = (): void => {
    this.#isChecking = false;
    const now = this.#clock.now();
    const idle = (this.#idleMs() - this.#idleAtCheck) / (now - this.#checkedAt);
    for (const place of this.#taken) if (place.check() >= CHECKS_WITHOUT_PROGRESS) this.#taken.delete(place);
    this.#fill();
    for (const waiting of this.#waiting) {
      if (idle < MOST_IDLE && now - waiting.since < MAX_WAIT_MS) break;
      this.#admit(waiting);
    }
    if (this.#waiting.size > 0) this.#startChecks();
  };
}

class Place implements BodyPlace {
  readonly body: Readable;
  waiting: Waiting | undefined;
  readonly #onLeave: (place: Place) => void;
  #bytes = 0;
  #checksWithout = 0;

  constructor(body: Readable, onLeave: (place: Place) => void) {
    this.body = body;
    this.#onLeave = onLeave;
  }

  onBytes(count: number): void {
    this.#bytes += count;
  }

  leave(): void {
    this.#onLeave(this);
  }

  /** Returns for how many checks too little has come. */
  check(): number {
    if (this.#bytes >= LEAST_PROGRESS_BYTES) this.#checksWithout = 0;
    else this.#checksWithout++;
    this.#bytes = 0;
    return this.#checksWithout;
  }
}

function loopIdleMs(): number {
  return performance.eventLoopUtilization().idle;
}
