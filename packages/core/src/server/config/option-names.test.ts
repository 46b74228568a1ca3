import { describe, expect, it } from 'vitest';
import { checkOptionNames, nearestName } from './option-names.js';

const known = ['engine', 'intraOpThreads', 'warmup'];

describe('checkOptionNames', () => {
  it('accepts known names', () => {
    expect(() => checkOptionNames({ engine: 1, warmup: undefined }, known, 'x')).not.toThrow();
  });

  it('refuses an unknown name, with the one that was probably meant', () => {
    expect(() => checkOptionNames({ engin: 1 }, known, 'models[0].options')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message:
          'Unknown option "engin" of models[0].options: did you mean "engine"? Options: engine, intraOpThreads, warmup',
      }),
    );
    expect(() => checkOptionNames({ colour: 1 }, known, 'x')).toThrow('Unknown option "colour" of x: Options: engine');
  });
});

describe('nearestName', () => {
  it.each([
    ['Engine', 'engine'],
    ['intraOpTreads', 'intraOpThreads'],
    ['intraOpThreadz', 'intraOpThreads'],
    ['warm_up', 'warmup'],
    ['constructor', undefined],
    ['', undefined],
    ['x'.repeat(1e6), undefined],
  ])('of %s is %s', (name, expected) => expect(nearestName(name, known)).toBe(expected));
});
