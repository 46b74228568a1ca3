import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { TurnBudget } from './turn-budget.js';

const MIB = 2 ** 20;

describe('TurnBudget', () => {
  it('has room for 4 MiB in a turn, and calls back in the next one', async () => {
    let turns = 0;
    const budget = new TurnBudget(() => turns++);
    budget.spend(4 * MIB - 1);
    expect(budget.hasRoom).toBe(true);
    budget.spend(1);
    expect([budget.hasRoom, turns]).toEqual([false, 0]);
    await setImmediate();
    expect([budget.hasRoom, turns]).toEqual([true, 1]);
    await setImmediate();
    expect(turns).toBe(1);
  });

  it('lets a tensor of any size take a turn', () => {
    const budget = new TurnBudget(() => undefined);
    expect(budget.hasRoom).toBe(true);
    budget.spend(100 * MIB);
    expect(budget.hasRoom).toBe(false);
  });

  it('costs nothing for runs without bytes', async () => {
    let turns = 0;
    new TurnBudget(() => turns++).spend(0);
    await setImmediate();
    expect(turns).toBe(0);
  });
});
