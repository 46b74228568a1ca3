import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const folder = new URL('../../.github/workflows/', import.meta.url);
const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const PNPM_COMMANDS = ['install', 'exec', 'test'];

describe.each(readdirSync(folder))('the workflow %s', (file) => {
  const text = readFileSync(new URL(file, folder), 'utf8');
  const { jobs, permissions } = parse(text);

  it('may only read, beside what a job says', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });

  it('has a limit of time for each job', () => {
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeGreaterThan(0);
  });

  it('names scripts that exist', () => {
    const named = [...text.matchAll(/pnpm@12 ([\w:]+)/g)].map(([, name]) => name);
    const unknown = named.filter((name) => !PNPM_COMMANDS.includes(name) && !(name in scripts));
    expect(unknown).toEqual([]);
  });

  it('names no host of a registry', () => {
    expect(text).not.toMatch(/registry-url|registry\.|npmjs|yarnpkg|pypi|https?:\/\//i);
  });
});
