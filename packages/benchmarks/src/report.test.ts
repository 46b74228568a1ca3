import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type MeasuredTable, pageText, withHeadlines } from './report.js';

const measured: readonly MeasuredTable[] = [
  {
    name: 'http',
    seconds: 61.4,
    table: { title: 'Over HTTP', how: 'From wrk.', columns: ['a', 'b'], rows: [['1', '2']], headline: 'fast' },
  },
  { name: 'memory', seconds: 20, table: { title: 'Memory', how: 'Sampled.', columns: ['c'], rows: [['3']] } },
];

describe('pageText', () => {
  const text = pageText(measured, '# Old\n\n---\n\nNext: [Errors](errors.md)\n');

  it('has the tables of a run, how long they took, and the links of the page before', () => {
    expect(text).toContain('## Over HTTP\n\nFrom wrk.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n');
    expect(text).toContain('| `memory` | Memory | 20 |\n|  | all | 81 |\n');
    expect(text).toMatch(/\n---\n\nNext: \[Errors\]\(errors\.md\)\n$/);
    expect(text).not.toContain('# Old');
  });
});

describe('withHeadlines', () => {
  it('replaces the figures of README', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    const written = withHeadlines(readme, measured);
    expect(written).toContain('<!-- figures: pnpm bench writes them -->\n- fast.\n<!-- end of figures -->\n');
    const twice = withHeadlines(readme, [...measured, ...measured]);
    expect(twice).toContain('-->\n- fast;\n- fast.\n<!-- end');
    expect(withHeadlines(written, measured)).toBe(written);
    expect(written.split('<!-- figures')[0]).toBe(readme.split('<!-- figures')[0]);
  });

  it('refuses a text without the markers', () => {
    expect(() => withHeadlines('# README', measured)).toThrow('must have');
  });
});
