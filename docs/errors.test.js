import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');

it('docs/reference/errors.md has every code with its numbers and a section', () => {
  const table = read('../packages/core/src/status-code.ts').matchAll(/^ {2}(\w+): \{ grpc: (\d+), http: (\d+) \}/gm);
  const codes = [...table].filter(([, code]) => code !== 'OK');
  expect(codes).toHaveLength(16);
  const page = read('./reference/errors.md');
  for (const [, code, grpc, http] of codes) {
    expect(page).toContain(`| [\`${code}\`](#${code.toLowerCase()}) | ${grpc} | ${http} |\n`);
  }
  const sections = Array.from(page.matchAll(/^## (.+)$/gm), ([, heading]) => heading);
  expect(sections).toEqual(codes.map(([, code]) => code));
});
