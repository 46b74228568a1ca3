/** How much of the host's event loop is left while an engine works. */
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const INTERVAL_MS = 10;
/** How long a run is meant to take. */
const RUN_MS = 2000;

/** Ticks of a 10 ms timer while `work` goes on, and how many there could have been. */
async function ticksDuring(work: () => Promise<unknown>): Promise<{ ticks: number; possible: number; millis: number }> {
  let ticks = 0;
  let next = performance.now() + INTERVAL_MS;
  let timer: NodeJS.Timeout;
  const tick = () => {
    ticks++;
    next += INTERVAL_MS;
    timer = setTimeout(tick, Math.max(0, next - performance.now()));
  };
  timer = setTimeout(tick, INTERVAL_MS);
  const start = performance.now();
  await work();
  const millis = performance.now() - start;
  clearTimeout(timer);
  return { ticks, possible: Math.floor(millis / INTERVAL_MS), millis };
}

async function measureEngine(engine: 'onnx' | 'tensorflow'): Promise<string[]> {
  const server = await ModelServer.start({
    models: [{ name: 'slow', basePath: fixtureBasePath('slow') }],
    platforms: { tensorflow: savedModelPlatform({ engine }) },
  });
  const inputs = (iterations: number) => ({
    iterations: createTensor('int32', [], new Int32Array([iterations])),
    x: createTensor('float', [1], new Float32Array([1])),
  });
  const timeOf = async (iterations: number) => {
    const start = performance.now();
    await server.predict({ model: 'slow', inputs: inputs(iterations) });
    return performance.now() - start;
  };
  await timeOf(10);
  const perIteration = (await timeOf(200)) / 200;
  const iterations = Math.round(RUN_MS / perIteration);
  const { ticks, possible, millis } = await ticksDuring(() =>
    server.predict({ model: 'slow', inputs: inputs(iterations) }),
  );
  await server.close();
  return [
    engine,
    `${(millis / 1000).toFixed(1)} s`,
    String(ticks),
    String(possible),
    `${((100 * ticks) / possible).toFixed(0)} %`,
  ];
}

export async function measureEventLoop(): Promise<Table> {
  return {
    title: 'The event loop while an engine works',
    how: `A timer of ${INTERVAL_MS} ms in the host's thread during one run.`,
    columns: ['engine', 'run', 'ticks of the timer', 'possible', 'share'],
    rows: [await measureEngine('tensorflow'), await measureEngine('onnx')],
  };
}
