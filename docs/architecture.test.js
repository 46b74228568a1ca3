import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../packages/benchmarks/dist/request-walk.js', import.meta.url));

async function filesEntered(...flags) {
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...flags]);
  return JSON.parse(stdout);
}

describe('a warm REST request', () => {
  it.each([
    ['alone', [], 23],
    ['in a batch', ['--batched'], 35],
  ])('%s enters no more files than before, all in rooms that ARCHITECTURE.md names', async (_, flags, most) => {
    const files = await filesEntered(...flags);
    process.stdout.write(`${files.length} files:\n${files.join('\n')}\n`);
    expect(files.length).toBeLessThanOrEqual(most);
    const text = await readFile(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8');
    const rooms = new Set(files.map((file) => file.slice(0, file.lastIndexOf('/'))));
    expect([...rooms].filter((room) => !text.includes(room.replace('/src', '')))).toEqual([]);
  });
});
