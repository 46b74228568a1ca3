/** A limited number of slots that many members take in turn: who is next is decided here, and nowhere else. */
import { type Clock, systemClock } from '../clock.js';

/** What others see of slots that their work waits for. */
export interface SlotsView {
  /** Whether all slots are taken and nothing waits for one: work that is handed over now begins when the next slot is free. */
  readonly wantsNext: boolean;
}

/** Takes slots for its work: a model, a queue, a session. */
export interface SlotMember {
  /** Slots that it holds. Written by {@link FairSlots} alone. */
  running: number;
  /** Whether it is in the rotation. Written by {@link FairSlots} alone. */
  isListed: boolean;
  /** Whether work of it waits for a slot. */
  readonly hasWaiting: boolean;
  /** Slots of an engine that its work waits for once it holds one of these. */
  readonly next?: SlotsView | undefined;
}

/** Which work of a member may begin: any, or only what nothing can be added to, as it is handed over ahead. */
export type Permit = 'any' | 'complete';

/** A count of permits outside of the slots. When it has refused one, its owner calls `next` once there may be one again. */
export interface SlotGate {
  tryTake(): boolean;
  give(): void;
}

export interface FairSlotsOptions {
  /** Whether there is a slot beyond the limit. Default false. */
  readonly hasSpare?: boolean;
  /** For so long no other member must have come for one alone to have the spare slot, in milliseconds. Default: it never has. */
  readonly aloneMs?: number;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** What a slot needs beside: a permit of a count that others take from too. Default: nothing. */
  readonly gate?: SlotGate;
  /** Called when lifecycle work came or ended: {@link FairSlots.next} may have changed. */
  readonly onChanged?: () => void;
}

/**
 * Members with waiting work take turns at `limit` slots. Beyond the limit begin:
 *
 * - with a spare slot, work of a member that holds none, while another holds two or more: a model that is requested now and
 *   then need not wait for a whole run of a busy one;
 * - with a spare slot, work of a member that has been the only one for `aloneMs`: the processors are busy also while one run
 *   ends and the next begins;
 * - complete work of a member whose engine {@link SlotsView.wantsNext}: it waits there, and begins without delay.
 *
 * Lifecycle work (loads and unloads) takes slots too. One piece of it always begins next, and no run goes beyond the limit
 * before it has. It leaves a slot to the members where the limit is above 1.
 */
export class FairSlots<M extends SlotMember> implements SlotsView {
  readonly limit: number;
  readonly #hasSpare: boolean;
  readonly #aloneMs: number;
  readonly #clock: Clock;
  readonly #onChanged: () => void;
  readonly #gate: SlotGate | undefined;
  /** The next candidate comes first. One without work leaves when its turn comes. */
  readonly #rotation: M[] = [];
  readonly #lifecycle: (() => void)[] = [];
  #active = 0;
  #activeLifecycle = 0;
  /** Members that hold two slots or more. */
  #crowded = 0;
  /** Whether one of the slots beyond the limit was taken by work that waits for its engine. */
  #hasAhead = false;
  /** Whose work came last, and when the last work of another came. */
  #latest: M | undefined;
  #sharedAt = Number.NEGATIVE_INFINITY;

  /** @param limit from 1 */
  constructor(limit: number, options: FairSlotsOptions = {}) {
    const { hasSpare = false, aloneMs = Number.POSITIVE_INFINITY, clock = systemClock, onChanged = () => {} } = options;
    this.limit = limit;
    this.#hasSpare = hasSpare;
    this.#aloneMs = aloneMs;
    this.#clock = clock;
    this.#onChanged = onChanged;
    this.#gate = options.gate;
  }

  /** How many slots are taken. */
  get active(): number {
    return this.#active;
  }

  get wantsNext(): boolean {
    return this.#active >= this.limit && !this.#rotation.some(({ hasWaiting }) => hasWaiting);
  }

  /** The members with waiting work, and perhaps some without. */
  get rotation(): readonly M[] {
    return this.#rotation;
  }

  /** Work of a member has come. */
  add(member: M): void {
    if (this.#aloneMs !== Number.POSITIVE_INFINITY && member !== this.#latest) {
      if (this.#latest !== undefined) this.#sharedAt = this.#clock.now();
      this.#latest = member;
    }
    if (member.isListed) return;
    member.isListed = true;
    this.#rotation.push(member);
  }

  /** Which work of this member may begin now, if its turn comes. */
  permit(member: M): Permit | undefined {
    const over = this.#active - this.limit;
    if (over < 0) return 'any';
    if (over > (this.#hasAhead ? 1 : 0)) return undefined;
    if (this.#maySpare(member, over)) return 'any';
    return over === 0 && member.next?.wantsNext ? 'complete' : undefined;
  }

  /**
   * Gives a slot to the member whose turn it is, until {@link release}; its caller begins the member's work then. Begins
   * lifecycle work itself.
   *
   * @param isReady whether the member has work that its permit allows
   */
  next(isReady?: (member: M, permit: Permit) => boolean): M | undefined {
    if (this.#activeLifecycle === 0) this.#startLifecycle();
    for (let i = 0; i < this.#rotation.length; i++) {
      const member = this.#rotation[i]!;
      if (!member.hasWaiting) {
        member.isListed = false;
        this.#rotation.splice(i--, 1);
        continue;
      }
      const permit = this.permit(member);
      if (permit === undefined || isReady?.(member, permit) === false) continue;
      if (this.#gate?.tryTake() === false) return undefined;
      this.#rotation.splice(i, 1);
      this.#rotation.push(member);
      this.#active++;
      if (++member.running === 2) this.#crowded++;
      if (permit === 'complete') this.#hasAhead = true;
      return member;
    }
    while (this.#startLifecycle());
    return undefined;
  }

  /** Work of a member is over. */
  release(member: M): void {
    this.#gate?.give();
    this.#active--;
    if (--member.running === 1) this.#crowded--;
    if (this.#active <= this.limit) this.#hasAhead = false;
  }

  /** Makes a load or an unload when its turn comes, and settles as `work` does. */
  runLifecycle<T>(work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const end = (settle: () => void): void => {
        this.#activeLifecycle--;
        this.#active--;
        this.#gate?.give();
        this.#onChanged();
        settle();
      };
      this.#lifecycle.push(() => {
        work().then(
          (result) => end(() => resolve(result)),
          (error: unknown) => end(() => reject(error)),
        );
      });
      this.#onChanged();
    });
  }

  #maySpare(member: M, over: number): boolean {
    if (!this.#hasSpare) return false;
    // The next slot that becomes free is the load's, and with a spared run none would.
    if (this.#activeLifecycle === 0 && this.#lifecycle.length > 0) return false;
    if (member.running === 0 && this.#crowded > 0) return true;
    return over === 0 && member === this.#latest && this.#clock.now() - this.#sharedAt > this.#aloneMs;
  }

  /** Whether some began. */
  #startLifecycle(): boolean {
    const isFull = this.#active >= this.limit || this.#activeLifecycle >= Math.max(1, this.limit - 1);
    if (isFull || this.#lifecycle.length === 0 || this.#gate?.tryTake() === false) return false;
    const start = this.#lifecycle.shift()!;
    this.#activeLifecycle++;
    this.#active++;
    start();
    return true;
  }
}
