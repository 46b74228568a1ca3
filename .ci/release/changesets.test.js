import { describe, expect, it } from 'vitest';
import { nextVersion, readChangeset } from './changesets.mjs';

describe('readChangeset', () => {
  it('has the levels, and the summary as a list item', () => {
    const text = '---\n"@serving/core": minor\n"@serving/http": patch\n---\n\nOne line,\nand another.\n';
    expect(readChangeset(text)).toEqual({ levels: ['minor', 'patch'], summary: '- One line,\n  and another.' });
  });

  it('may name no package', () => {
    expect(readChangeset('---\n---\n\nDocs.\n')).toEqual({ levels: [], summary: '- Docs.' });
  });

  it.each(['Text.', '---\n"@serving/core": huge\n---\n\nText.\n', '---\n"@serving/core": minor\n---\n'])(
    'rejects %j',
    (text) => expect(() => readChangeset(text)).toThrow('A changeset names packages with patch, minor, major'),
  );
});

describe('nextVersion', () => {
  it.each([
    ['0.1.0', [], '0.1.1'],
    ['0.1.9', ['patch'], '0.1.10'],
    ['0.1.9', ['patch', 'minor', 'patch'], '0.2.0'],
    ['1.2.3', ['major', 'minor'], '2.0.0'],
  ])('after %s with %j is %s', (version, levels, next) => expect(nextVersion(version, levels)).toBe(next));
});
