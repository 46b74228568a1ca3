/** Whether resident memory stays flat over many predicts and many loads and unloads. */
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { createEngine, type EngineName } from '@serving/engine';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from '../fixtures.js';
import type { Table } from '../report.js';

const PREDICTS = 100_000;
const LOADS = 300;
const SAMPLES = 20;

const residentMiB = () => process.memoryUsage.rss() / 2 ** 20;

/** Least-squares slope of the samples after the first quarter, per sample. */
function slope(samples: readonly number[]): number {
  const settled = samples.slice(samples.length >> 2);
  const middle = (settled.length - 1) / 2;
  const mean = settled.reduce((sum, value) => sum + value, 0) / settled.length;
  const top = settled.reduce((sum, value, i) => sum + (i - middle) * (value - mean), 0);
  return top / settled.reduce((sum, _, i) => sum + (i - middle) ** 2, 0);
}

async function sampled(repeats: number, action: () => Promise<void>): Promise<number[]> {
  const samples: number[] = [];
  for (let i = 1; i <= repeats; i++) {
    await action();
    if (i % (repeats / SAMPLES) === 0) samples.push(residentMiB());
  }
  return samples;
}

function row(name: string, repeats: number, samples: readonly number[]): string[] {
  const perThousand = (slope(samples) * SAMPLES * 1000) / repeats;
  const settled = samples.slice(samples.length >> 2);
  return [
    name,
    String(repeats),
    `${settled[0]!.toFixed(0)} MiB`,
    `${settled.at(-1)!.toFixed(0)} MiB`,
    `${perThousand.toFixed(2)} MiB`,
  ];
}

async function measureEngine(engine: EngineName): Promise<string[][]> {
  const server = await ModelServer.start({
    models: [{ name: 'digits', basePath: fixtureBasePath('digits') }],
    platforms: { tensorflow: savedModelPlatform({ engine }) },
  });
  const image = createTensor('float', [4, 8, 8, 1], new Float32Array(256).fill(0.5));
  const predicts = await sampled(PREDICTS, async () => {
    await server.predict({ model: 'digits', inputs: { image } });
  });
  await server.close();

  const runtime = await createEngine(engine, { origin: import.meta.url });
  const directory = join(fixtureBasePath('digits'), '1');
  const loads = await sampled(LOADS, async () => {
    const session = await runtime.load(directory, ['serve'], {});
    await session.close();
  });
  await runtime.close?.();
  return [
    row(`${engine}: predict, digits CNN, 4 images`, PREDICTS, predicts),
    row(`${engine}: load and unload, digits CNN`, LOADS, loads),
  ];
}

export async function measureMemory(): Promise<Table> {
  return {
    title: 'Resident memory',
    how: 'Sampled 20 times; the first quarter counts as warm-up, the slope is a least-squares fit over the rest. One process for all.',
    columns: ['work', 'times', 'after warm-up', 'at the end', 'slope per 1,000'],
    rows: [...(await measureEngine('onnx')), ...(await measureEngine('tensorflow'))],
  };
}
