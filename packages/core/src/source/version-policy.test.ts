import { describe, expect, it } from 'vitest';
import type { Version } from '../servable/version.js';
import { listVersions, selectVersions, type VersionPolicy } from './version-policy.js';

const versionsOf = (...children: string[]): (string | Version)[] =>
  listVersions(children).folders.flatMap(({ name, version }) => [name, version]);

describe('listVersions', () => {
  it.each<[string, (string | Version)[]]>([
    ['42', ['42', 42]],
    ['00042', ['00042', 42]],
    ['+9', ['+9', 9]],
    [' 4', [' 4', 4]],
    ['-5', ['-5', -5]],
    ['-0', ['-0', 0]],
    ['7/assets/a.txt', ['7', 7]],
    ['9007199254740991', ['9007199254740991', 9007199254740991]],
    ['tmp', []],
    ['1a', []],
    ['1.0', []],
    ['0x6', []],
    ['', []],
    ['+', []],
    ['+-1', []],
    ['1 2', []],
    ['20241130113432123', ['20241130113432123', 20241130113432123n]],
    ['-09223372036854775808', ['-09223372036854775808', -(2n ** 63n)]],
    ['12345678901234567890', []],
  ])('makes of %j %o', (name, expected) => {
    const found = versionsOf(name);
    expect(found).toEqual(expected);
    expect(Object.is(found[1], -0)).toBe(false);
  });

  it('warns of versions beyond int64, and of no others', () => {
    expect(listVersions(['9007199254740992', '9223372036854775808', 'x'])).toEqual({
      folders: [{ name: '9007199254740992', version: 2n ** 53n }],
      warnings: ['Version 9223372036854775808 is ignored: version numbers are int64'],
    });
  });

  it('sorts as strings and counts a name once', () => {
    expect(versionsOf('9', '10/a', '10/b')).toEqual(['10', 10, '9', 9]);
  });
});

describe('selectVersions', () => {
  it.each<[VersionPolicy, string[], string[], string[]]>([
    [{ latest: { numVersions: 1 } }, ['1', '2', '10'], ['10'], []],
    [{ latest: { numVersions: 2 } }, ['1', '2', '10'], ['10', '2'], []],
    [{ latest: { numVersions: 5 } }, ['1', '2', '10'], ['10', '2', '1'], []],
    [{ latest: { numVersions: 1 } }, [], [], []],
    [
      { latest: { numVersions: 3 } },
      ['9007199254740993', '9', '20241130113432123', '9007199254740992'],
      ['20241130113432123', '9007199254740993', '9007199254740992'],
      [],
    ],
    [
      { specific: { versions: ['20241130113432123', 3n, 2] } },
      ['20241130113432123', '3'],
      ['3', '20241130113432123'],
      ['Version 2 is wanted but not there'],
    ],
    [{ latest: { numVersions: 1 } }, ['1', '001'], ['1'], ['001 and 1 are one version; 1 is used']],
    [{ all: {} }, ['2', '10', '1'], ['1', '10', '2'], []],
    [{ all: {} }, ['1', '001'], ['001', '1'], []],
    [{ specific: { versions: [3, 1] } }, ['1', '2', '3'], ['3', '1'], []],
    [{ specific: { versions: [3, 1] } }, ['001', '2', '003'], ['001', '003'], []],
    [{ specific: { versions: [1] } }, ['1', '01'], ['1'], []],
    [{ specific: { versions: [1, 7] } }, ['1', '2'], ['1'], ['Version 7 is wanted but not there']],
    [{ specific: { versions: [] } }, ['1', '2'], [], []],
  ])('by %o of %j takes %j', (policy, children, expected, warnings) => {
    const selected = selectVersions(policy, listVersions(children));
    expect(selected.folders.map(({ name }) => name)).toEqual(expected);
    expect(selected.warnings).toEqual(warnings);
  });
});
