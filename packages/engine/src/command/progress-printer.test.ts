import { type Clock, systemClock } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../test-doubles/src/recording-output.js';
import { ProgressPrinter } from './progress-printer.js';

describe('ProgressPrinter in a log', () => {
  it('writes a line a second while the size is unknown, and one every five seconds of a slow download', () => {
    let time = 0;
    const clock: Clock = { ...systemClock, now: () => time };
    const output = recordingOutput();
    const printer = new ProgressPrinter(output.stderr, clock);
    for (; time < 3000; time += 100) printer.show({ phase: 'download', done: time * 1e4 });
    expect(output.err()).toBe('Downloading: 0 MB\nDownloading: 10 MB\nDownloading: 20 MB\n');
    for (; time < 14_000; time += 100) printer.show({ phase: 'download', done: 30e6, total: 1e9 });
    expect(output.err().split('\n').slice(3, -1)).toEqual([
      'Downloading:   3 %  30 of 1000 MB',
      'Downloading:   3 %  30 of 1000 MB',
    ]);
    printer.end();
  });
});

describe('ProgressPrinter on a terminal', () => {
  it('redraws its bar at most ten times a second, and ends with the last progress', () => {
    let time = 0;
    const clock: Clock = { ...systemClock, now: () => time };
    const output = recordingOutput({ isTTY: true });
    const printer = new ProgressPrinter(output.stderr, clock);
    const chunks = 60_000;
    for (let i = 1; i <= chunks; i++) {
      time = (i * 3000) / chunks;
      printer.show({ phase: 'download', done: i * 1e4, total: chunks * 1e4 });
    }
    time += 1;
    for (let i = 1; i <= 10; i++) printer.show({ phase: 'unpack', done: i * 1e6 });
    printer.end();
    const drawn = output.err().split('\r').slice(1);
    expect(drawn.length).toBeGreaterThan(25);
    expect(drawn.length).toBeLessThanOrEqual(33);
    expect(drawn.at(-1)).toMatch(/^Unpacking .* 10 MB *\n$/);
  });
});
