import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairSlots, type FairSlotsOptions, type SlotMember, type SlotsView } from './fair-slots.js';

class Member implements SlotMember {
  running = 0;
  isListed = false;
  waiting = 0;
  readonly next?: SlotsView | undefined;

  constructor(next?: SlotsView) {
    this.next = next;
  }

  get hasWaiting(): boolean {
    return this.waiting > 0;
  }
}

/** Slots whose members take what they may at once. */
class World {
  readonly slots: FairSlots<Member>;
  readonly members: readonly Member[];
  /** The members that got a slot, in order. */
  readonly taken: number[] = [];
  now = 0;

  constructor(limit: number, count: number, options: FairSlotsOptions = {}, next?: SlotsView) {
    const clock = { now: () => this.now, wallTime: () => this.now, setTimer: () => () => {} };
    this.slots = new FairSlots(limit, { clock, onChanged: () => this.#dispatch(), ...options });
    this.members = Array.from({ length: count }, () => new Member(next));
  }

  get active(): number {
    return this.members.reduce((sum, { running }) => sum + running, 0);
  }

  submit(which: number, count = 1): void {
    const member = this.members[which]!;
    member.waiting += count;
    this.slots.add(member);
    this.#dispatch();
  }

  release(which: number): void {
    this.slots.release(this.members[which]!);
    this.#dispatch();
  }

  #dispatch(): void {
    for (let member = this.slots.next(); member; member = this.slots.next()) {
      member.waiting--;
      this.taken.push(this.members.indexOf(member));
    }
  }
}

describe('FairSlots', () => {
  it('has members take turns, however much one of them has waiting', () => {
    const world = new World(1, 3);
    world.submit(0, 3);
    world.submit(1, 2);
    world.submit(2);
    for (const which of [0, 0, 1, 2, 0]) world.release(which);
    expect(world.taken).toEqual([0, 0, 1, 2, 0, 1]);
  });

  it('leaves a member its place while its work is not ready', () => {
    const slots = new FairSlots<Member>(1);
    const [slow, other] = [new Member(), new Member()];
    for (const member of [slow, other]) {
      member.waiting = 2;
      slots.add(member);
    }
    expect(slots.next((member) => member !== slow)).toBe(other);
    slots.release(other);
    expect(slots.next()).toBe(slow);
  });

  it.each([
    ['has none without a spare slot', {}, 0],
    ['has one with a spare slot', { hasSpare: true }, 1],
  ])('beside a member with two slots, one with none %s', (_, options, expected) => {
    const world = new World(2, 3, options);
    world.submit(0, 5);
    world.submit(1, 2);
    world.submit(2, 2);
    expect(world.members[1]!.running).toBe(expected);
    expect(world.active).toBe(2 + expected);
  });

  it('gives a member the spare slot that has been alone for long enough', () => {
    const world = new World(2, 2, { hasSpare: true, aloneMs: 1000 });
    world.submit(1);
    world.release(1);
    world.now = 500;
    world.submit(0, 3);
    world.now = 1500;
    world.submit(0);
    expect(world.active).toBe(2);
    world.now = 1501;
    world.submit(0);
    expect(world.active).toBe(3);
  });

  it('gives a slot for complete work beyond the limit to a member whose engine wants it, and the spare one beside it', () => {
    const world = new World(2, 2, { hasSpare: true }, { wantsNext: true });
    const permits: (string | undefined)[] = [];
    world.submit(0, 2);
    permits.push(world.slots.permit(world.members[0]!));
    world.submit(0, 2);
    permits.push(world.slots.permit(world.members[0]!));
    world.submit(1, 2);
    expect(permits).toEqual(['complete', undefined]);
    expect(world.members.map(({ running }) => running)).toEqual([3, 1]);
  });

  it.each([
    ['a slot is free', 1, 0, false],
    ['all slots are taken and nothing waits', 2, 0, true],
    ['something waits already', 2, 1, false],
  ])('tells whether it wants the next work: %s', (_, running, waiting, expected) => {
    const world = new World(2, 1);
    world.submit(0, running + waiting);
    expect(world.slots.wantsNext).toBe(expected);
  });

  it('never exceeds its limit and what goes beyond, starves no member, and ends with every slot free', () => {
    const step = fc.record({ which: fc.nat(2), count: fc.integer({ min: 0, max: 3 }), ends: fc.boolean() });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.boolean(),
        fc.array(step, { maxLength: 40 }),
        (limit, hasSpare, wantsNext, steps) => {
          const world = new World(limit, 3, { hasSpare }, { wantsNext });
          const most = limit + (hasSpare ? 1 : 0) + (wantsNext ? 1 : 0);
          let submitted = 0;
          let ended = 0;
          /** Runs end in the order in which they began. */
          const endOne = (): void => {
            if (ended < world.taken.length) world.release(world.taken[ended++]!);
          };
          for (const { which, count, ends } of steps) {
            if (count > 0) world.submit(which, count);
            submitted += count;
            expect(world.active).toBeLessThanOrEqual(most);
            if (ends) endOne();
          }
          while (world.active > 0) {
            const before = world.taken.length;
            const waiting = world.members.filter(({ hasWaiting }) => hasWaiting);
            for (let i = 0; i < 2 * (most + waiting.length); i++) endOne();
            const turns = world.taken.slice(before);
            for (const member of waiting) expect(turns).toContain(world.members.indexOf(member));
          }
          expect(world.taken).toHaveLength(submitted);
        },
      ),
    );
  });
});
