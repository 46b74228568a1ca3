import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FileBytes } from '../../graph/graph.js';
import { writeSideFile } from './side-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'side-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

const tensors = [Uint8Array.of(1, 2, 3), new Uint8Array(100).fill(7)];

it('holds each tensor where it says', async () => {
  const places = writeSideFile(join(folder, 'a', 'b'), tensors)!;
  expect(places.map(({ offset, length }) => [offset, length])).toEqual([
    [0, 3],
    [64, 100],
  ]);
  const bytes = await readFile(places[0]!.path);
  for (const [i, { offset, length }] of places.entries()) {
    expect(new Uint8Array(bytes.subarray(offset, offset + length))).toEqual(tensors[i]);
  }
});

it('is written once for the same tensors, and again where it is cut off', async () => {
  const { path } = writeSideFile(folder, tensors)![0]!;
  const other = writeSideFile(folder, [Uint8Array.of(1, 2, 4), tensors[1]!])!;
  await writeFile(path, 'cut off');
  expect(writeSideFile(folder, tensors)![0]!.path).toBe(path);
  expect((await readFile(path)).length).toBe(164);
  expect(other[0]!.path).not.toBe(path);
  expect((await readdir(folder)).length).toBe(2);
});

it('has the time of its last use', async () => {
  const { path } = writeSideFile(folder, tensors)![0]!;
  await utimes(path, 1, 1);
  writeSideFile(folder, tensors);
  expect((await stat(path)).mtimeMs).toBeGreaterThan(Date.now() - 600_000);
});

it('is not there where the folder cannot be written', async () => {
  await writeFile(join(folder, 'file'), '');
  expect(writeSideFile(join(folder, 'file'), tensors)).toBeUndefined();
});

it('threads that write the same weights at once do not meet', async () => {
  // A thread knows nothing of the test's module loader.
  const built = new URL('../../../dist/emit/builder/side-file.js', import.meta.url).href;
  const program = `
    const { parentPort, workerData } = require('node:worker_threads');
    import(workerData.built).then(({ writeSideFile }) => {
      parentPort.postMessage(writeSideFile(workerData.folder, [new Uint8Array(8 * 2 ** 20).fill(7)]));
    });
  `;
  const written = await Promise.all(
    Array.from({ length: 6 }, async () => {
      const worker = new Worker(program, { eval: true, execArgv: [], workerData: { built, folder } });
      const [places] = (await once(worker, 'message')) as [readonly FileBytes[] | undefined];
      await worker.terminate();
      return places?.[0]?.path;
    }),
  );
  const names = await readdir(folder);
  expect(written).toEqual(new Array(6).fill(join(folder, names[0]!)));
  expect(names).toHaveLength(1);
  expect((await readFile(written[0]!)).every((byte) => byte === 7)).toBe(true);
});
