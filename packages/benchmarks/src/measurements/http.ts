/** Requests per second over node:http beside a bare JSON echo server, and the CPU that each request costs. */
import { garbageRoom, type Measured, measureServer, median } from '../measured-server.js';
import type { Table } from '../report.js';

const SECONDS = 5;
const ROUNDS = 3;
const BODY = '{"instances": [1.0, 2.0, 5.0]}';
const CONTESTANTS = [
  { name: 'bare `node:http` JSON echo', kind: 'echo', path: '/' },
  { name: 'half_plus_two through `createNodeHandler`', kind: 'predict', path: '/v1/models/half_plus_two:predict' },
];

export async function measureHttp(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const connections of [1, 64]) {
    const measured = CONTESTANTS.map((): Measured[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { kind, path }] of CONTESTANTS.entries()) {
        measured[i]!.push(await measureServer(kind, path, BODY, connections, SECONDS));
      }
    }
    generator = measured[0]![0]!.generator;
    const rates = measured.map((rounds) => median(rounds.map((round) => round.requestsPerSecond)));
    for (const [i, { name }] of CONTESTANTS.entries()) {
      const micros = median(measured[i]!.map((round) => round.cpuSecondsPerRequest)) * 1e6;
      const share = `${((100 * rates[i]!) / rates[0]!).toFixed(0)} %`;
      rows.push([name, String(connections), rates[i]!.toFixed(0), share, micros.toFixed(0)]);
    }
  }
  return {
    title: 'Over HTTP: half_plus_two, one request of three floats',
    how: `Keep-alive connections from ${generator} on the same machine, ${SECONDS} s after a warm-up, median of ${ROUNDS} rounds taken in turn. Servers run with \`node ${garbageRoom}\`.`,
    headline: `over HTTP it answers ${Number(rows.at(-1)![2]).toLocaleString('en')} requests a second, ${rows.at(-1)![3]} of a \`node:http\` server that echoes JSON`,
    columns: ['server', 'connections', 'requests/s', 'of the echo', 'CPU µs per request'],
    rows,
  };
}
