import { describe, expect, it } from 'vitest';
import { ManualClock, settle } from '../../../../testing/src/manual-clock.js';
import { closedLoop, type LoadLimits, openLoop } from './load-loop.js';

const forever = Number.POSITIVE_INFINITY;

/** Requests that take so many milliseconds of a clock. */
function server(clock: ManualClock, milliseconds: (index: number) => number) {
  const sent: [index: number, at: number][] = [];
  let inFlight = 0;
  let most = 0;
  const send = async (index: number): Promise<void> => {
    sent.push([index, clock.now()]);
    most = Math.max(most, ++inFlight);
    await new Promise<void>((resolve) => clock.setTimer(resolve, milliseconds(index)));
    inFlight--;
  };
  return { send, sent, most: () => most };
}

async function advance(clock: ManualClock, milliseconds: number): Promise<void> {
  for (let i = 0; i < milliseconds; i++) {
    await clock.advance(1);
    await settle();
  }
}

describe('closedLoop', () => {
  it('keeps so many requests in flight until the time is over', async () => {
    const clock = new ManualClock();
    const { send, sent, most } = server(clock, () => 10);
    const running = closedLoop(send, 2, { milliseconds: 30, requests: forever }, clock);
    await advance(clock, 40);
    const { latencies, failures, elapsedMs } = await running;
    expect([sent.length, most(), failures, elapsedMs]).toEqual([6, 2, 0, 30]);
    expect(latencies).toEqual([10, 10, 10, 10, 10, 10]);
  });

  it('sends no more than so many requests, and goes on after failures', async () => {
    const clock = new ManualClock();
    const send = (index: number) => (index === 1 ? Promise.reject(new Error('no')) : Promise.resolve());
    const result = await closedLoop(send, 3, { milliseconds: 1000, requests: 5 }, clock);
    expect(result).toMatchObject({ failures: 1, firstError: new Error('no') });
    expect(result.latencies).toHaveLength(4);
  });
});

describe('openLoop', () => {
  it('sends at its rate, whatever the answers take', async () => {
    const clock = new ManualClock();
    const { send, sent, most } = server(clock, () => 100);
    const running = openLoop(send, 100, { milliseconds: 50, requests: forever }, clock);
    await advance(clock, 160);
    expect((await running).latencies).toEqual([100, 100, 100, 100, 100]);
    expect([most(), sent]).toEqual([
      5,
      [
        [0, 0],
        [1, 10],
        [2, 20],
        [3, 30],
        [4, 40],
      ],
    ]);
  });

  it('measures late requests from when they were due', async () => {
    let time = 0;
    const clock = { now: () => time, wallTime: () => time, setTimer: () => () => undefined };
    const send = async (index: number): Promise<void> => {
      // The process is busy: time passes while it sends.
      if (index === 0) time = 35;
    };
    const { latencies } = await openLoop(send, 100, { milliseconds: 40, requests: forever }, clock);
    expect(latencies).toEqual([35, 25, 15, 5]);
  });
});

describe.each([
  [
    'closedLoop',
    (send: (index: number) => Promise<void>, limits: LoadLimits, clock: ManualClock) =>
      closedLoop(send, 2, limits, clock),
  ],
  [
    'openLoop',
    (send: (index: number) => Promise<void>, limits: LoadLimits, clock: ManualClock) =>
      openLoop(send, 100, limits, clock),
  ],
] as const)('%s', (_, loop) => {
  it('rejects and sends no more when its signal aborts, with requests in flight', async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const { send, sent } = server(clock, () => 50);
    const running = loop(send, { milliseconds: 1000, requests: forever, signal: controller.signal }, clock);
    const ended = expect(running).rejects.toThrow('stopped');
    await advance(clock, 60);
    const before = sent.length;
    controller.abort(new Error('stopped'));
    await advance(clock, 200);
    await ended;
    expect([before > 1, sent.length]).toEqual([true, before]);
  });
});
