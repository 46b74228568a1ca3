import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeUnusedWeights } from './weights-folder.js';

const DAY = 24 * 60 * 60;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function add(name: string, daysAgo: number): Promise<void> {
  const path = join(folder, name);
  await writeFile(path, '');
  const time = 1_800_000_000 - daysAgo * DAY;
  await utimes(path, time, time);
}

it('removes weights that were not used for 30 days, and what was never completed', async () => {
  await add('old.weights', 31);
  await add('used.weights', 29);
  await add('a.weights.1234.tmp', 2);
  await add('b.weights.1234.tmp', 0);
  await add('other.txt', 400);
  await removeUnusedWeights(folder, 1_800_000_000_000);
  expect((await readdir(folder)).sort()).toEqual(['b.weights.1234.tmp', 'other.txt', 'used.weights']);
});

it.each([undefined, join(tmpdir(), 'no-such-folder')])('does nothing without a folder: %s', async (none) => {
  await expect(removeUnusedWeights(none)).resolves.toBeUndefined();
});
