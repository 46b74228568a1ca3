/** One-row requests to an MLP over REST: unbatched, batched, and Express with tfjs-node as the peer. */
import { garbageRoom, type Measured, measureServer, median } from '../measured-server.js';
import type { Table } from '../report.js';

const SECONDS = 4;
const ROUNDS = 3;
const BODY = JSON.stringify({ instances: [Array.from({ length: 784 }, (_, i) => Number(((i % 97) / 97).toFixed(4)))] });
const CONTESTANTS = [
  { name: 'Express and `@tensorflow/tfjs-node`', kind: 'tfjs' },
  { name: '`createNodeHandler`', kind: 'predict' },
  { name: '`createNodeHandler` with `batching: {}`', kind: 'batched' },
];

/** Medians over the rounds, by the kind of server; without tfjs-node's where its addon is missing. */
async function measureAll(connections: number): Promise<Map<string, Measured>> {
  const rounds = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind } of CONTESTANTS) {
      try {
        const measured = await measureServer(kind, '/v1/models/mlp:predict', BODY, connections, SECONDS);
        rounds.set(kind, [...(rounds.get(kind) ?? []), measured]);
      } catch (error) {
        if (kind !== 'tfjs') throw error;
        console.warn(`${error}: it is left out`);
      }
    }
  }
  return new Map(
    Array.from(rounds, ([kind, measured]) => [
      kind,
      {
        ...measured[0]!,
        requestsPerSecond: median(measured.map((each) => each.requestsPerSecond)),
        cpuSecondsPerRequest: median(measured.map((each) => each.cpuSecondsPerRequest)),
      },
    ]),
  );
}

export async function measureHttpBatching(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  let headline = '';
  for (const connections of [1, 64]) {
    const results = await measureAll(connections);
    const unbatched = results.get('predict')!.requestsPerSecond;
    headline = headlineOf(results);
    for (const { name, kind } of CONTESTANTS) {
      const measured = results.get(kind);
      if (!measured) continue;
      generator = measured.generator;
      const { requestsPerSecond: rate, cpuSecondsPerRequest } = measured;
      const latency = connections === 1 ? (1000 / rate).toFixed(2) : '';
      const ratio = `${(rate / unbatched).toFixed(2)} ×`;
      rows.push([name, String(connections), rate.toFixed(0), ratio, latency, (cpuSecondsPerRequest * 1e3).toFixed(2)]);
    }
  }
  return {
    title: 'Over HTTP: batching, an MLP 784-512-512-10, one row a request',
    how: `Keep-alive connections from ${generator} on the same machine, ${SECONDS} s after a warm-up, median of ${ROUNDS} rounds taken in turn. Servers run with \`node ${garbageRoom}\`.`,
    headline,
    columns: ['server', 'connections', 'requests/s', 'to unbatched', 'ms per request', 'CPU ms per request'],
    rows,
  };
}

/** Of the last number of connections. */
function headlineOf(results: ReadonlyMap<string, Measured>): string {
  const rate = (kind: string): string => Math.round(results.get(kind)!.requestsPerSecond).toLocaleString('en');
  const peer = results.has('tfjs') ? `, where Express and tfjs-node answer ${rate('tfjs')}` : '';
  return `a multi-layer perceptron answers ${rate('batched')} requests a second in batches and ${rate('predict')} without${peer}`;
}
