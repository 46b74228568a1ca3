/** Latencies of one-row requests to a batched MLP over HTTP, in a closed and in an open loop. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Latencies, measureLatency } from '../latency/latency-load.js';
import { cpuSeconds, median, startServer } from '../measured-server.js';
import type { Table } from '../report.js';

const SECONDS = 5;
const ROUNDS = 5;
const CLOSED = 64;
/** As many as an open loop may have in flight before requests wait for a connection. */
const OPEN = 256;
/** Of what the closed loop reaches. */
const OPEN_LOAD = 0.7;
const BODY = JSON.stringify({ instances: [Array.from({ length: 784 }, (_, i) => Number(((i % 97) / 97).toFixed(4)))] });

/** One round of one tree. */
interface Round {
  readonly closed: Latencies;
  readonly open: Latencies;
  readonly cpuMicros: number;
}

async function measureRound(script: string): Promise<Round> {
  const { child, port } = await startServer('batched', script);
  const load = { port, path: '/v1/models/mlp:predict', body: BODY };
  await measureLatency({ ...load, connections: CLOSED, seconds: 2 });
  const before = await cpuSeconds(child);
  const closed = await measureLatency({ ...load, connections: CLOSED, seconds: SECONDS });
  const cpuMicros = (1e6 * ((await cpuSeconds(child)) - before)) / closed.count;
  const rate = OPEN_LOAD * closed.requestsPerSecond;
  const open = await measureLatency({ ...load, connections: OPEN, seconds: SECONDS, rate });
  child.disconnect();
  await once(child, 'exit');
  return { closed, open, cpuMicros };
}

/** With `BASE_TREE=/path` also another built copy of this repository, in alternating rounds. */
export async function measureBatchedLatency(): Promise<Table> {
  const own = fileURLToPath(new URL('../http-server.js', import.meta.url));
  const base = process.env.BASE_TREE;
  const trees = [
    ...(base === undefined ? [] : [{ name: 'base', script: `${base}/packages/benchmarks/dist/http-server.js` }]),
    { name: '`batching: {}`', script: own },
  ].map((tree) => ({ ...tree, rounds: [] as Round[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { script, rounds } of round % 2 === 0 ? trees : [...trees].reverse()) {
      rounds.push(await measureRound(script));
    }
  }
  const row = (name: string, loop: string, latencies: readonly Latencies[], cpu: string): string[] => {
    const of = (pick: (each: Latencies) => number, digits: number): string =>
      median(latencies.map(pick)).toFixed(digits);
    const figures = [of((each) => each.p50, 1), of((each) => each.p90, 1), of((each) => each.p99, 1)];
    return [name, loop, of((each) => each.requestsPerSecond, 0), ...figures, cpu];
  };
  return {
    title: 'Over HTTP: latencies with batching, an MLP 784-512-512-10, one row a request',
    how:
      `Closed loop: ${CLOSED} keep-alive connections. Open loop: requests become due at exponential intervals, at ${100 * OPEN_LOAD} % of the closed loop's rate, and latencies count ` +
      `from then. ${SECONDS} s each after a warm-up, median of ${ROUNDS} rounds. wrk would print higher percentiles: it adds a sample for each request that a slow answer kept from being sent.`,
    columns: ['server', 'loop', 'requests/s', 'p50 ms', 'p90 ms', 'p99 ms', 'CPU µs per request'],
    rows: trees.flatMap(({ name, rounds }) => [
      row(
        name,
        'closed',
        rounds.map(({ closed }) => closed),
        median(rounds.map(({ cpuMicros }) => cpuMicros)).toFixed(0),
      ),
      row(
        name,
        'open',
        rounds.map(({ open }) => open),
        '',
      ),
    ]),
  };
}
