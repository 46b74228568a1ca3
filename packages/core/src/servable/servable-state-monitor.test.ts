import { describe, expect, it } from 'vitest';
import { isSettled, ManualClock } from '../manual-clock.test-support.js';
import { ServingError } from '../serving-error.js';
import type { ManagerState, ServableState } from './servable-state.js';
import { ServableStateMonitor } from './servable-state-monitor.js';

const state = (name: string, version: number, managerState: ManagerState): ServableState => ({
  id: { name, version },
  managerState,
});

function makeMonitor(...states: ServableState[]): ServableStateMonitor {
  const monitor = new ServableStateMonitor(new ManualClock());
  for (const each of states) monitor.record(each);
  return monitor;
}

describe('ServableStateMonitor', () => {
  it('keeps the last state of every version, also of those that have ended', async () => {
    const clock = new ManualClock();
    const monitor = new ServableStateMonitor(clock);
    monitor.record(state('m', 1, 'start'));
    monitor.record(state('m', 10, 'start'));
    await clock.advance(5);
    const error = new ServingError('INTERNAL', 'no');
    monitor.record({ ...state('m', 1, 'end'), error });
    expect(monitor.getVersionStates('m')).toEqual([
      { state: state('m', 10, 'start'), time: 1_700_000_000_000 },
      { state: { ...state('m', 1, 'end'), error }, time: 1_700_000_000_005 },
    ]);
    expect(monitor.getState('m', 1)?.state.managerState).toBe('end');
    expect(monitor.getState('m', 2)).toBeUndefined();
    expect(monitor.getVersionStates('other')).toEqual([]);
  });

  it('is done waiting at once when there is nothing to wait for', async () => {
    await expect(makeMonitor().waitUntilServablesReachState([], 'available')).resolves.toEqual({
      reached: true,
      states: [],
    });
  });

  it('waits until every request has reached the goal', async () => {
    const monitor = makeMonitor(state('a', 1, 'available'));
    const wait = monitor.waitUntilServablesReachState([{ name: 'a' }, { name: 'b', version: 7 }], 'available');
    monitor.record(state('b', 6, 'available'));
    monitor.record(state('b', 7, 'loading'));
    expect(await isSettled(wait)).toBe(false);
    monitor.record(state('b', 7, 'available'));
    await expect(wait).resolves.toEqual({
      reached: true,
      states: [state('a', 1, 'available'), state('b', 7, 'available')],
    });
  });

  it('fails as soon as each request is decided and one has ended instead', async () => {
    const monitor = makeMonitor(state('a', 1, 'available'), state('b', 1, 'loading'));
    const wait = monitor.waitUntilServablesReachState([{ name: 'a' }, { name: 'b' }], 'available');
    monitor.record(state('b', 1, 'end'));
    await expect(wait).resolves.toMatchObject({ reached: false });
  });

  it.each([
    ['latest', 3],
    ['earliest', 1],
  ] as const)(
    'takes the %s version that has reached the goal for a request without a version',
    async (choice, version) => {
      const monitor = makeMonitor(state('m', 1, 'available'), state('m', 3, 'available'), state('m', 4, 'loading'));
      const { states } = await monitor.waitUntilServablesReachState([{ name: 'm', choice }], 'available');
      expect(states[0]?.id.version).toBe(version);
    },
  );

  it('gives up when the signal aborts', async () => {
    const controller = new AbortController();
    const wait = makeMonitor().waitUntilServablesReachState([{ name: 'm' }], 'end', { signal: controller.signal });
    controller.abort();
    await expect(wait).rejects.toMatchObject({
      code: 'CANCELLED',
      message: 'Waiting for Latest(m) to be end was cancelled',
    });
  });
});
