import { describe, expect, it } from 'vitest';
import { isSettled, ManualClock } from '../../../testing/src/manual-clock.js';
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

  it('forgets the versions of a stream that ended first when there are many, and no others', () => {
    const monitor = new ServableStateMonitor(new ManualClock(), { maxEndedVersionsPerStream: 2 });
    monitor.record(state('other', 1, 'end'));
    monitor.record(state('m', 9, 'available'));
    for (const version of [3, 1, 2, 4]) monitor.record(state('m', version, 'end'));
    monitor.record(state('m', 4, 'loading'));
    monitor.record(state('m', 5, 'end'));
    const versions = (name: string) => monitor.getVersionStates(name).map((each) => each.state.id.version);
    expect(versions('m')).toEqual([9, 5, 4, 2]);
    expect(versions('other')).toEqual([1]);
  });

  it('tells the wait for a version how it ended although it forgets it', async () => {
    const monitor = new ServableStateMonitor(new ManualClock(), { maxEndedVersionsPerStream: 0 });
    const wait = monitor.waitUntilServablesReachState([{ name: 'm', version: 1 }], 'available');
    monitor.record(state('m', 1, 'end'));
    await expect(wait).resolves.toEqual({ reached: false, states: [state('m', 1, 'end')] });
    expect(monitor.getVersionStates('m')).toEqual([]);
  });

  it('shows all versions, and those that live', () => {
    const monitor = makeMonitor(state('a', 1, 'end'), state('a', 2, 'available'), state('b', 1, 'end'));
    const shown = (states: ReturnType<typeof monitor.getAllServableStates>) =>
      [...states].map(([name, versions]) => [name, versions.map((each) => each.state.id.version)]);
    expect(shown(monitor.getAllServableStates())).toEqual([
      ['a', [2, 1]],
      ['b', [1]],
    ]);
    expect(shown(monitor.getLiveServableStates())).toEqual([['a', [2]]]);
    monitor.forgetUnloadedServableStates();
    expect(shown(monitor.getAllServableStates())).toEqual([['a', [2]]]);
  });

  it('keeps a log of the newest events, when it is asked to', async () => {
    const clock = new ManualClock();
    const events = [state('a', 1, 'start'), state('b', 1, 'start'), state('a', 1, 'loading')];
    const monitor = new ServableStateMonitor(clock, { maxCountLogEvents: 2 });
    for (const event of events) monitor.record(event);
    expect(monitor.boundedLog.map((each) => each.state)).toEqual(events.slice(1));
    expect(makeMonitor(...events).boundedLog).toEqual([]);
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

  it('gives up when the time is over, and has no timer left when it is not', async () => {
    const clock = new ManualClock();
    const monitor = new ServableStateMonitor(clock);
    const late = monitor.waitUntilServablesReachState([{ name: 'm' }], 'available', { timeoutMs: 100 });
    await clock.advance(99);
    expect(await isSettled(late)).toBe(false);
    await clock.advance(1);
    await expect(late).resolves.toEqual({ reached: false, states: [] });
    const inTime = monitor.waitUntilServablesReachState([{ name: 'm' }], 'available', { timeoutMs: 100 });
    monitor.record(state('m', 1, 'available'));
    await expect(inTime).resolves.toMatchObject({ reached: true });
    expect(clock.pendingTimers).toBe(0);
  });

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
