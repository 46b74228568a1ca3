import { describe, expect, it } from 'vitest';
import { childEnvironment } from './child-environment.js';
import { LastLines } from './last-lines.js';

describe('childEnvironment', () => {
  it('has what engines read, and what was given', () => {
    const host = { PATH: '/bin', LC_ALL: 'C', TF_ENABLE_ONEDNN_OPTS: '0', SECRET: 'x', NODE_OPTIONS: '--inspect' };
    expect(childEnvironment(host, { LC_ALL: 'de', OWN: '1' })).toEqual({
      PATH: '/bin',
      LC_ALL: 'de',
      TF_ENABLE_ONEDNN_OPTS: '0',
      OWN: '1',
    });
  });
});

describe('LastLines', () => {
  it('keeps the last twenty lines, cut, and an unfinished one', () => {
    const last = new LastLines();
    for (let i = 0; i < 30; i++) last.add(`line ${i}\nhalf `);
    expect(last.lines).toHaveLength(20);
    expect(last.lines.at(-1)).toBe('half ');
    expect(last.lines.at(-2)).toBe('half line 29');
    last.add(`${'x'.repeat(2000)}\n`);
    expect(last.lines.at(-1)).toHaveLength(500);
  });
});
