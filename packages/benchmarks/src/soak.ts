/**
 * Minutes of mixed load on batching, with random aborts, deadlines and failing batches: `node dist/soak.js [seconds]`, 600 by
 * default. Ends with 1 when an answer is lost or not the caller's own, an error has no reason, or memory grows.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ModelServer, ServingError } from '@serving/core';
import { type InferenceServable, platformFromLoader, simpleLoader } from '@serving/core/extend';
import { createTensor, type Tensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';
import { fixtureBasePath } from './fixtures.js';

const SECONDS = Number(process.argv[2] ?? 600);
const CALLERS = 96;
const SAMPLES = 20;
/** Much more than a heap breathes, much less than one lost request in a thousand would hold. */
const MAX_GROWTH_BYTES = 16 * 2 ** 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Gives back what it gets, takes its time, and fails now and then. */
const moody: InferenceServable = {
  signatures: new Map([
    [
      'serving_default',
      {
        name: 'serving_default',
        methodName: 'tensorflow/serving/predict',
        inputs: new Map([['x', { name: 'x', dtype: 'float', shape: undefined }]]),
        outputs: new Map([['y', { name: 'y', dtype: 'float', shape: undefined }]]),
        defaults: new Map(),
      },
    ],
  ]),
  async run(_signature, { x }) {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
    if (Math.random() < 0.1) throw new ServingError('INTERNAL', 'moody');
    const { shape, data } = x as Tensor<'float'>;
    return { y: createTensor('float', shape, data.slice()) };
  },
};

const server = await ModelServer.start({
  models: [
    { name: 'echo', basePath: fixtureBasePath('echo') },
    { name: 'moody', basePath: fixtureBasePath('echo'), platform: 'moody', batching: { batchTimeoutMs: 2 } },
    { name: 'padded', basePath: fixtureBasePath('echo'), batching: { allowedBatchSizes: [8, 16, 64] } },
  ],
  platforms: {
    tensorflow: savedModelPlatform(),
    moody: platformFromLoader(() => simpleLoader({ load: () => moody })),
  },
  batching: { maxBatchSize: 64, maxEnqueuedBatches: 4 },
});
const MODELS = ['echo', 'moody', 'padded'];

const outcomes = new Map<string, number>();
const wrong: string[] = [];
const latency = { count: 0, max: 0 };
let nextValue = 0;
let inFlight = 0;

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** The errors that a request may end with. */
function isExpected(error: ServingError, model: string, limits: { signal?: AbortSignal; timeoutMs?: number }): boolean {
  if (error.code === 'UNAVAILABLE') return error.message.includes('queue');
  if (error.code === 'INTERNAL') return model === 'moody' && error.message === 'moody';
  if (error.code === 'CANCELLED') return limits.signal?.aborted === true;
  return limits.timeoutMs !== undefined && ['DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED'].includes(error.code);
}

async function ask(): Promise<void> {
  const model = MODELS[Math.floor(Math.random() * MODELS.length)]!;
  const rows = Math.random() < 0.9 ? Math.floor(Math.random() * 8) : Math.floor(Math.random() * 200);
  const width = 1 + Math.floor(Math.random() * 3);
  const data = Float32Array.from({ length: rows * width }, () => nextValue++ % 2 ** 24);
  const abort = new AbortController();
  const limits = {
    ...(Math.random() < 0.2 && { signal: abort.signal }),
    ...(Math.random() < 0.2 && { timeoutMs: Math.random() * 10 }),
  };
  if (limits.signal) setTimeout(() => abort.abort(), Math.random() * 6);
  const startedAt = performance.now();
  inFlight += 1;
  try {
    const { outputs } = await server.predict({
      model,
      inputs: { x: createTensor('float', [rows, width], data) },
      ...limits,
    });
    const y = outputs.y as Tensor<'float'>;
    const isOwn = y.shape.join() === `${rows},${width}` && y.data.every((value, i) => value === data[i]);
    if (!isOwn) wrong.push(`${model}: asked for ${rows}×${width} from ${data[0]}, got [${y.shape}] from ${y.data[0]}`);
    count('answered');
  } catch (reason) {
    const error = ServingError.from(reason);
    if (!isExpected(error, model, limits)) wrong.push(`${model}: ${error.code}: ${error.message}`);
    count(error.code);
    // A rejected client retries a little later.
    if (error.code === 'UNAVAILABLE') await new Promise((resolve) => setTimeout(resolve, 1));
  } finally {
    inFlight -= 1;
    latency.count += 1;
    latency.max = Math.max(latency.max, performance.now() - startedAt);
  }
}

const end = performance.now() + SECONDS * 1000;
const heaps: number[] = [];
const callers = Array.from({ length: CALLERS }, async () => {
  while (performance.now() < end) await ask();
});
for (let i = 0; i < SAMPLES; i++) {
  await new Promise((resolve) => setTimeout(resolve, (SECONDS * 1000) / SAMPLES));
  collectGarbage();
  heaps.push(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
}
const late = new Promise((resolve) => setTimeout(resolve, 30_000, 'late').unref());
if ((await Promise.race([Promise.all(callers), late])) === 'late')
  wrong.push(`${inFlight} requests were never answered`);
else await server.close();

const settled = heaps.slice(SAMPLES >> 2);
const growth = Math.max(...settled.slice(-3)) - Math.max(...settled.slice(0, 3));
if (growth > MAX_GROWTH_BYTES) wrong.push(`memory grew by ${(growth / 2 ** 20).toFixed(1)} MiB`);

console.log(
  `Soak of ${SECONDS} s, ${CALLERS} callers: ${latency.count} requests, the slowest ${latency.max.toFixed(0)} ms`,
);
for (const [outcome, times] of outcomes) console.log(`  ${outcome}: ${times}`);
console.log(`  heap after collection: ${heaps.map((heap) => (heap / 2 ** 20).toFixed(0)).join(' ')} MiB`);
for (const line of wrong.slice(0, 20)) console.error(`WRONG ${line}`);
process.exitCode = wrong.length > 0 ? 1 : 0;
