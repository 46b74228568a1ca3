import { describe, expect, it } from 'vitest';
import { nameHint, nearestName } from './nearest-name.js';

describe('nearestName', () => {
  const known = ['engine', 'intraOpThreads', 'warmup'];
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

describe('nearestName of keys of requests', () => {
  const keys = ['signatureName', 'model', 'inputs', 'outputFilter', 'timeoutMs'];
  it.each([
    ['signature', 'signatureName'],
    ['signature_name', 'signatureName'],
    ['modle', 'model'],
    ['input', 'inputs'],
    ['timeout', 'timeoutMs'],
    ['outputs', undefined],
    ['x', undefined],
  ])('of %s is %s', (name, expected) => expect(nearestName(name, keys)).toBe(expected));
});

describe('nameHint', () => {
  const many = Array.from({ length: 25 }, (_, i) => `model-${i}`);

  it.each<[string, readonly string[], string | undefined]>([
    ['hlf', ['half', 'digits'], 'Did you mean "half"? Models: half, digits'],
    ['other', ['half', 'digits'], 'Models: half, digits'],
    ['other', [], undefined],
    ['other', many, `Models: ${many.slice(0, 20).join(', ')}, and 5 more`],
  ])('for %s of %j is %j', (name, known, expected) => expect(nameHint(name, known, 'Models')).toBe(expected));
});
