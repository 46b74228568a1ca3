/** Whether the memory of a server with serving threads stays flat under load. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { postLoad } from '../load.js';
import { startServer } from '../measured-server.js';
import { floatsOf, jsonBody } from '../predict-bodies.js';

interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
}

/** Samples in all; for ten minutes one for each minute. */
const SAMPLES = 10;
/** The first ones, in which caches and heaps fill. */
const WARM_UP_SAMPLES = 3;
/** Of the largest sample after the warm-up. */
const MAX_GROWTH = 1.05;
const IMAGE = [1, 224, 224, 3];

/**
 * Loads a server in another process with small requests and large bodies, and prints its memory as time passes. Returns whether the last samples are
 * like the first ones after the warm-up, and no request failed.
 */
export async function memoryUnderLoad(
  minutes: number,
  threads: number,
  print: (line: string) => void,
): Promise<boolean> {
  const script = fileURLToPath(new URL('../growth/growth-server.js', import.meta.url));
  const { child, port } = await startServer(JSON.stringify({ models: 1, threads }), script);
  const url = (model: string): string => `http://127.0.0.1:${port}/v1/models/${model}:predict`;
  const image = jsonBody(floatsOf(IMAGE, 6), IMAGE);
  const seconds = (60 * minutes) / SAMPLES;
  const samples: Memory[] = [];
  let failed = 0;
  for (let sample = 1; sample <= SAMPLES; sample++) {
    const [small, large] = await Promise.all([
      postLoad(url('m0'), { body: '{"instances": [1.0, 2.0, 5.0]}' }, 32, seconds),
      postLoad(url('image'), image, 4, seconds),
    ]);
    failed += small.non2xx + large.non2xx;
    const memory = await memoryOf(child);
    samples.push(memory);
    const answered = Math.round((small.requestsPerSecond + large.requestsPerSecond) * seconds);
    const [resident, heap] = [memory.residentBytes, memory.heapBytes].map((bytes) => (bytes / 1e6).toFixed(0));
    print(
      `${((sample * seconds) / 60).toFixed(1)} min: ${resident} MB resident, ${heap} MB heap, ${answered} answered`,
    );
  }
  child.disconnect();
  await once(child, 'exit');
  const settled = samples.slice(WARM_UP_SAMPLES).map(({ residentBytes }) => residentBytes);
  const half = settled.length >> 1;
  const growth = Math.max(...settled.slice(half)) / Math.max(...settled.slice(0, half));
  print(
    `${threads} threads, ${minutes} min: ${failed} failed, the second half has ${growth.toFixed(3)} × the memory of the first`,
  );
  return failed === 0 && growth <= MAX_GROWTH;
}

async function memoryOf(child: ChildProcess): Promise<Memory> {
  child.send('memory');
  const [memory] = (await once(child, 'message')) as [Memory];
  return memory;
}
