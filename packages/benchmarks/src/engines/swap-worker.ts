/** Swaps versions of a model under load in a process of its own: `node swap-worker.js OPTIONS`. */
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { privateBytes } from './private-memory.js';

/** What is swapped, and how often. */
export interface SwapOptions {
  readonly engine: 'onnx' | 'tensorflow';
  readonly weights?: 'packed' | 'mapped';
  /** The version folder that all versions are links to. */
  readonly directory: string;
  readonly swaps: number;
}

/** What the swaps came to. */
export interface SwapResult {
  readonly requests: number;
  readonly failures: readonly string[];
  /** From the poll that finds a version until the one before it is gone. */
  readonly swapMillis: readonly number[];
  /** After each swap. */
  readonly privateBytes: readonly number[];
}

const CALLERS = 8;
const MODEL = 'm';

const { engine, weights, directory, swaps } = JSON.parse(process.argv[2]!) as SwapOptions;
const basePath = await mkdtemp(join(tmpdir(), 'swaps-'));
const failures: string[] = [];
const swapMillis: number[] = [];
const memory: number[] = [];
let requests = 0;
let isOver = false;

async function addVersion(version: number): Promise<void> {
  const folder = join(basePath, String(version));
  await mkdir(folder);
  for (const name of ['saved_model.pb', 'variables']) await symlink(join(directory, name), join(folder, name));
}

await addVersion(1);
const server = await ModelServer.start({
  models: [{ name: MODEL, basePath }],
  platforms: { tensorflow: savedModelPlatform({ engine, ...(weights && { onnx: { weights } }), intraOpThreads: 1 }) },
  pollIntervalMs: 'once',
});

async function call(): Promise<void> {
  const x = createTensor(
    'int32',
    [1, 16],
    Int32Array.from({ length: 16 }, (_, i) => (i * 25_000) % 400_000),
  );
  while (!isOver) {
    try {
      await server.predict({ model: MODEL, inputs: { x } });
    } catch (error) {
      failures.push(String(error));
    }
    requests++;
    await nextTurn();
  }
}

const callers = Array.from({ length: CALLERS }, call);
for (let version = 2; version <= swaps + 1; version++) {
  await addVersion(version);
  const start = performance.now();
  const gone = new Promise<void>((resolve) => {
    server.once('servable:end', () => resolve());
  });
  await server.poll(MODEL);
  await gone;
  swapMillis.push(performance.now() - start);
  memory.push(privateBytes());
}
isOver = true;
await Promise.all(callers);
await server.close();
await rm(basePath, { recursive: true });
process.send!({ requests, failures, swapMillis, privateBytes: memory } satisfies SwapResult);
process.disconnect();
