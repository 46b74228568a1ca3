import { type Clock, systemClock } from '@serving/core/extend';
import { describe, expect, it } from 'vitest';
import { ProgressPrinter } from './progress-printer.js';
import { recordingOutput } from './recording-output.test-support.js';

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
