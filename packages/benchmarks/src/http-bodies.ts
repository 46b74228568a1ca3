/** Large bodies over HTTP, beside what an application would write by hand with `JSON.parse` around the same model. */
import { type Measured, measureServer, median } from './measured-server.js';
import type { Table } from './report.js';

const SECONDS = 5;
const ROUNDS = 3;

/** Values of so many significant digits, as a client would send them. */
function instances(rows: number, shape: readonly number[], digits: number): string {
  let seed = 12345;
  const value = () => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return Number((seed / 0x7fffffff).toPrecision(digits));
  };
  const nested = (dimensions: readonly number[]): unknown =>
    dimensions.length === 0 ? value() : Array.from({ length: dimensions[0]! }, () => nested(dimensions.slice(1)));
  return JSON.stringify({ instances: nested([rows, ...shape]) });
}

const WORKLOADS = [
  { name: 'image, 224×224×3 floats of 6 digits', model: 'image', body: instances(1, [224, 224, 3], 6) },
  { name: 'image, 224×224×3 floats of 17 digits', model: 'image', body: instances(1, [224, 224, 3], 17) },
  { name: '64×1000 floats in and out', model: 'echo', body: instances(64, [1000], 6) },
];
const CONTESTANTS = [
  { name: '`JSON.parse` and `server.predict`', kind: 'json' },
  { name: '`createNodeHandler`', kind: 'predict' },
];

export async function measureHttpBodies(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const { name: workload, model, body } of WORKLOADS) {
    for (const connections of [4, 64]) {
      const measured = CONTESTANTS.map((): Measured[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, { kind }] of CONTESTANTS.entries()) {
          measured[i]!.push(await measureServer(kind, `/v1/models/${model}:predict`, body, connections, SECONDS));
        }
      }
      generator = measured[0]![0]!.generator;
      const rates = measured.map((rounds) => median(rounds.map((round) => round.requestsPerSecond)));
      for (const [i, { name }] of CONTESTANTS.entries()) {
        const millis = median(measured[i]!.map((round) => round.cpuSecondsPerRequest)) * 1e3;
        const ratio = `${(rates[i]! / rates[0]!).toFixed(1)} ×`;
        const size = `${(body.length / 1e6).toFixed(1)} MB`;
        rows.push([workload, size, name, String(connections), rates[i]!.toFixed(0), ratio, millis.toFixed(2)]);
      }
    }
  }
  return {
    title: 'Over HTTP: large bodies',
    how: `Keep-alive connections from ${generator} on the same machine, ${SECONDS} s after a warm-up, median of ${ROUNDS} rounds taken in turn.`,
    columns: ['request', 'body', 'server', 'connections', 'requests/s', 'to `JSON.parse`', 'CPU ms per request'],
    rows,
  };
}
