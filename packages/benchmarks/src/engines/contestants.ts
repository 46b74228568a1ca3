/** Runs engines in turn, each in a process of its own. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median } from '../measured-server.js';
import type { Loaded, Round, WorkerOptions } from './engine-worker.js';

/** What a contestant's rounds came to, and what its load cost. */
export interface EngineResult extends Round, Loaded {}

const ROUNDS = 9;
const ROUND_MICROS = 250_000;

/** Starts every contestant, runs rounds of about a quarter of a second in turn, and returns medians in the contestants' order. */
export async function measureEngines(contestants: readonly WorkerOptions[]): Promise<EngineResult[]> {
  const workers = [];
  for (const contestant of contestants) workers.push(await start(contestant));
  try {
    const counts = [];
    for (const { child } of workers) {
      await run(child, 3);
      counts.push(Math.max(1, Math.round(ROUND_MICROS / (await run(child, 5)).wallMicros)));
    }
    const rounds: Round[][] = workers.map(() => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { child }] of workers.entries()) rounds[i]!.push(await run(child, counts[i]!));
    }
    return workers.map(({ loaded }, i) => ({
      ...loaded,
      wallMicros: median(rounds[i]!.map(({ wallMicros }) => wallMicros)),
      cpuMicros: median(rounds[i]!.map(({ cpuMicros }) => cpuMicros)),
    }));
  } finally {
    for (const { child } of workers) child.disconnect();
  }
}

/** Loads each contestant's model so often, each time in a process of its own, in turn; returns medians in the contestants' order. */
export async function measureLoads(contestants: readonly WorkerOptions[], rounds: number): Promise<Loaded[]> {
  const loads: Loaded[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const { child, loaded } = await start(contestant);
      loads[i]!.push(loaded);
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
  }
  return loads.map((each) => ({
    loadMillis: median(each.map(({ loadMillis }) => loadMillis)),
    privateBytes: median(each.map(({ privateBytes }) => privateBytes)),
  }));
}

async function start(options: WorkerOptions): Promise<{ child: ChildProcess; loaded: Loaded }> {
  const script = fileURLToPath(new URL('./engine-worker.js', import.meta.url));
  const child = fork(script, [JSON.stringify(options)], { env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' } });
  return { child, loaded: await answer<Loaded>(child) };
}

async function run(child: ChildProcess, count: number): Promise<Round> {
  child.send(count);
  return answer<Round>(child);
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const exit = once(child, 'exit', { signal: ended.signal }).then(([code]) => {
    throw new Error(`An engine's process ended with code ${code}`);
  });
  exit.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), exit])) as [T];
  ended.abort();
  return message;
}
