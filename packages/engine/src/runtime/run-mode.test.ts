import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AutoRunMode } from './run-mode.js';

function afterCheapThreadRuns(count: number, mode = new AutoRunMode()): AutoRunMode {
  for (let i = 0; i < count; i++) mode.recordThread(100, 4);
  return mode;
}

describe('AutoRunMode', () => {
  it('begins on the threads', () => {
    expect(new AutoRunMode().isInline(0)).toBe(false);
  });

  it('goes inline after eight cheap runs', () => {
    expect(afterCheapThreadRuns(7).isInline(4)).toBe(false);
    expect(afterCheapThreadRuns(8).isInline(4)).toBe(true);
  });

  it('never tries a run inline while threaded ones are slow', () => {
    const mode = new AutoRunMode();
    for (let i = 0; i < 1000; i++) {
      mode.recordThread(i % 8 === 0 ? 3000 : 100, 4);
      expect(mode.isInline(4)).toBe(false);
    }
  });

  it('keeps inputs that are much larger than any measured on the threads', () => {
    const mode = afterCheapThreadRuns(8);
    expect(mode.isInline(16)).toBe(true);
    expect(mode.isInline(17)).toBe(false);
  });

  it('leaves at one slow run', () => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 500; i++) mode.recordInline(5);
    mode.recordInline(2000);
    expect(mode.isInline(4)).toBe(false);
  });

  it('stays while the last 64 runs take less than 250 µs on average, and leaves above that', () => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 20; i++) mode.recordInline(190);
    for (let i = 0; i < 640; i++) mode.recordInline(i % 2 === 0 ? 380 : 110);
    expect(mode.isInline(4)).toBe(true);
    for (let i = 0; i < 64; i++) if (mode.isInline(4)) mode.recordInline(260);
    expect(mode.isInline(4)).toBe(false);
  });

  it('stays while one run of twenty is interrupted, however long', () => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 640; i++) mode.recordInline(i % 20 === 19 ? 1900 : 130);
    expect(mode.isInline(4)).toBe(true);
  });

  it.each([
    [190, true],
    [210, false],
  ])('takes a fresh trial of runs of %i µs for passed: %s', (micros, isInline) => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 20; i++) mode.recordInline(micros);
    expect(mode.isInline(4)).toBe(isInline);
  });

  it('ends a fresh trial early at runs that take much longer than they may', () => {
    const mode = afterCheapThreadRuns(8);
    mode.recordInline(600);
    expect(mode.isInline(4)).toBe(true);
    mode.recordInline(600);
    expect(mode.isInline(4)).toBe(false);
  });

  it('waits twice as long after each trial that fails early', () => {
    const mode = afterCheapThreadRuns(8);
    for (const pause of [32, 64, 128, 256, 512, 1024, 2048, 4096, 4096]) {
      mode.recordInline(2000);
      afterCheapThreadRuns(pause - 1, mode);
      expect(mode.isInline(4)).toBe(false);
      afterCheapThreadRuns(1, mode);
      expect(mode.isInline(4)).toBe(true);
    }
  });

  it('comes back soon after a hiccup of a model that had proven cheap', () => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 300; i++) mode.recordInline(5);
    mode.recordInline(2000);
    expect(afterCheapThreadRuns(16, mode).isInline(4)).toBe(true);
  });

  it('stays where a neighbour takes the processor: long times on the wall are measured by the processor, and count as that', () => {
    const mode = afterCheapThreadRuns(8);
    for (let i = 0; i < 300; i++) mode.recordInline(80, 1, 'processor');
    expect(mode.wantsProcessorTime).toBe(false);
    mode.recordInline(7000, 1, 'doubtful');
    expect(mode.wantsProcessorTime).toBe(true);
    for (let i = 0; i < 64; i++) mode.recordInline(80, 1, 'processor');
    expect([mode.isInline(4), mode.wantsProcessorTime]).toEqual([true, false]);
  });

  it('leaves when the processor time of runs is long, and for a run that is too slow whatever made it so', () => {
    const mode = afterCheapThreadRuns(8);
    mode.recordInline(2000, 1, 'processor');
    expect(mode.isInline(4)).toBe(false);
    const other = afterCheapThreadRuns(8);
    for (let i = 0; i < 300; i++) other.recordInline(80, 1, 'processor');
    other.recordInline(20_000, 1, 'doubtful');
    expect(other.isInline(4)).toBe(false);
  });

  it.each([
    [false, false],
    [true, true],
  ])(
    'judges 300 µs of the processor by the thread (one of several serving threads: %s)',
    (isServingThread, staysInline) => {
      const mode = afterCheapThreadRuns(8, new AutoRunMode({ isServingThread }));
      for (let i = 0; i < 64; i++) if (mode.isInline(4)) mode.recordInline(300, 1, 'processor');
      expect(mode.isInline(4)).toBe(staysInline);
    },
  );

  it('takes late news of a busy event loop for no slow run', () => {
    const mode = new AutoRunMode();
    for (let i = 0; i < 8; i++) {
      mode.recordThread(100, 4);
      mode.recordThread(9000, 4, 10);
    }
    expect(mode.isInline(4)).toBe(true);
  });

  it('is inline for at most a few of the runs of any model that costs more than 200 µs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 201, max: 5000 }), { minLength: 500, maxLength: 500 }), (costs) => {
        const mode = new AutoRunMode();
        let inline = 0;
        for (const micros of costs) {
          if (mode.isInline(4)) {
            inline++;
            mode.recordInline(micros);
          } else {
            mode.recordThread(micros + 40, 4);
          }
        }
        return inline <= 5 * 20;
      }),
    );
  });
});

describe('AutoRunMode of runs that several requests share', () => {
  const tried = (): AutoRunMode => {
    const mode = new AutoRunMode({ hasSharedRuns: true });
    for (let i = 0; i < 8; i++) mode.recordThread(4500, 4);
    return mode;
  };

  it.each([
    [2, 650, true],
    [2, 670, false],
    [32, 1550, true],
    [32, 1570, false],
    [500, 1990, true],
    [500, 2010, false],
  ])('of %i requests that take %i µs are inline: %s', (requests, micros, isInline) => {
    const mode = tried();
    for (let i = 0; i < 20; i++) mode.recordInline(micros, requests);
    expect(mode.isInline(4)).toBe(isInline);
  });

  it('stays while a few are interrupted, and leaves at one that blocks the loop', () => {
    const mode = tried();
    for (let i = 0; i < 640; i++) mode.recordInline(i % 8 === 0 ? 9000 : 700, 32);
    expect(mode.isInline(4)).toBe(true);
    mode.recordInline(10_000, 32);
    expect(mode.isInline(4)).toBe(false);
  });

  it('is not tried while threaded runs are slow', () => {
    const mode = new AutoRunMode({ hasSharedRuns: true });
    for (let i = 0; i < 100; i++) mode.recordThread(5000, 4);
    expect(mode.isInline(4)).toBe(false);
  });
});

describe('AutoRunMode of an event loop with nothing else to do', () => {
  it.each([
    [620, true],
    [640, false],
  ])('of lone runs that take %i µs are inline: %s', (micros, isInline) => {
    const mode = afterCheapThreadRuns(8, new AutoRunMode({ hasIdleLoop: true }));
    for (let i = 0; i < 20; i++) mode.recordInline(micros);
    expect(mode.isInline(4)).toBe(isInline);
  });
});
