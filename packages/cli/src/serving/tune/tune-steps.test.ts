import { describe, expect, it } from 'vitest';
import { settingsText, type TuneSettings } from './tune-settings.js';
import { type TuneFacts, tuneSteps } from './tune-steps.js';

const facts: TuneFacts = {
  base: {},
  engines: ['tensorflow', 'onnx'],
  isOnnxModel: false,
  batching: 'safe',
  processors: 4,
  rowsAtOnce: 32,
};

/** What each step tries for a configuration. */
function tried(changed: Partial<TuneFacts>, best: TuneSettings = {}): Record<string, readonly string[]> {
  const steps = tuneSteps({ ...facts, ...changed }).map(
    ({ title, configurations }) => [title, configurations(best).map(settingsText)] as const,
  );
  return Object.fromEntries(steps);
}

describe('tuneSteps', () => {
  it('tries each option', () => {
    expect(tried({})).toEqual({
      'engine and intra-op threads': [
        'tensorflow, 1 intra-op thread',
        'tensorflow, 4 intra-op threads',
        'onnx',
        'onnx, 4 intra-op threads',
      ],
      batching: ['batches of 8', 'batches of 32'],
      'serving threads': ['1 serving thread', '2 serving threads'],
      'inline and threaded runs': ['tensorflow, inline runs', 'tensorflow, runs on threads'],
      weights: [],
    });
  });

  it('keeps what is best so far', () => {
    expect(tried({}, { engine: 'onnx', intraOpThreads: 4, maxBatchSize: 8 })).toMatchObject({
      'serving threads': expect.arrayContaining(['onnx, 4 intra-op threads, batches of 8, 1 serving thread']),
      weights: ['onnx, 4 intra-op threads, batches of 8, mapped weights'],
    });
  });

  it.each<[what: string, changed: Partial<TuneFacts>, title: string, expected: readonly string[] | undefined]>([
    ['one engine', { engines: ['onnx'] }, 'engine and intra-op threads', ['onnx, 4 intra-op threads']],
    ['a named engine', { base: { engine: 'onnx' }, engines: ['onnx'] }, 'weights', ['onnx, mapped weights']],
    ['an ONNX model', { engines: ['onnx'], isOnnxModel: true }, 'intra-op threads', ['4 intra-op threads']],
    ['an ONNX model', { engines: ['onnx'], isOnnxModel: true }, 'weights', ['mapped weights']],
    ['one processor', { processors: 1 }, 'engine and intra-op threads', ['tensorflow, 1 intra-op thread', 'onnx']],
    ['one processor', { processors: 1 }, 'serving threads', undefined],
    ['two processors', { processors: 2 }, 'serving threads', ['1 serving thread']],
    ['rows that depend on each other', { batching: 'none' }, 'batching', undefined],
    ['few requests at a time', { rowsAtOnce: 4 }, 'batching', ['batches of 8']],
    ['many requests at a time', { rowsAtOnce: 500 }, 'batching', ['batches of 8', 'batches of 32', 'batches of 128']],
  ])('with %s', (_, changed, title, expected) => {
    expect(tried(changed, changed.base)[title]).toEqual(expected);
  });

  it('lets batching win only where rows were shown to be independent', () => {
    const mayWin = (batching: 'safe' | 'unproven'): boolean | undefined =>
      tuneSteps({ ...facts, batching }).find(({ title }) => title === 'batching')?.mayWin;
    expect([mayWin('safe'), mayWin('unproven')]).toEqual([true, false]);
  });

  it('lets all requests of the load wait', () => {
    const batching = tuneSteps({ ...facts, rowsAtOnce: 256 }).find(({ title }) => title === 'batching')!;
    expect(batching.configurations({})).toEqual([
      { maxBatchSize: 8, maxEnqueuedBatches: 64 },
      { maxBatchSize: 32 },
      { maxBatchSize: 128 },
    ]);
  });
});
