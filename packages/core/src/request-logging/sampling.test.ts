import { describe, expect, it } from 'vitest';
import type { PerTaskSamplingConfig, ServerTask } from './logging-config.js';
import { isSampled, samplingRateOf } from './sampling.js';

describe('samplingRateOf', () => {
  const eu: PerTaskSamplingConfig = { dc: 'eu', samplingRate: 0.2 };
  const third: PerTaskSamplingConfig = { taskIndex: 3, samplingRate: 0.3 };
  const both: PerTaskSamplingConfig = { dc: 'eu', taskIndex: 3, samplingRate: 0.4 };
  const any: PerTaskSamplingConfig = { dc: '', samplingRate: 0.9 };

  it.each<[string, PerTaskSamplingConfig[], ServerTask, number]>([
    ['there are none', [], { dc: 'eu', taskIndex: 3 }, 0.1],
    ['none is for the task', [eu, third, both], { dc: 'us', taskIndex: 0 }, 0.1],
    ['the server is not told its task', [eu, third, both], {}, 0.1],
    ['the dc is equal, whatever the index', [eu], { dc: 'eu', taskIndex: 7 }, 0.2],
    ['the index is equal, whatever the dc', [third], { dc: 'us', taskIndex: 3 }, 0.3],
    ['both are', [both], { dc: 'eu', taskIndex: 3 }, 0.4],
    ['the dc is equal, the index is not', [both], { dc: 'eu', taskIndex: 0 }, 0.1],
    ['the index is 0', [{ taskIndex: 0, samplingRate: 1 }], { taskIndex: 0 }, 1],
    ['one names neither', [any], {}, 0.9],
    ['several are for it: the first', [third, both, any], { dc: 'eu', taskIndex: 3 }, 0.3],
  ])('when %s', (_, perTaskSamplingConfigs, task, expected) => {
    expect(samplingRateOf({ samplingRate: 0.1, perTaskSamplingConfigs }, task)).toBe(expected);
  });
});

describe('isSampled', () => {
  it.each<[number, number, boolean]>([
    [0.25, 0, true],
    [0.25, 0.2499, true],
    [0.25, 0.25, false],
    [0.25, 0.9999, false],
    [1e-9, 0, true],
  ])('at a rate of %d, for a draw of %d: %s', (rate, draw, expected) => {
    expect(isSampled(rate, () => draw)).toBe(expected);
  });

  it.each<[number, boolean]>([
    [1, true],
    [7, true],
    [0, false],
    [-1, false],
  ])('draws nothing at a rate of %d: %s', (rate, expected) => {
    const random = (): number => {
      throw new Error('drawn');
    };
    expect(isSampled(rate, random)).toBe(expected);
  });
});
