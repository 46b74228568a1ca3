/** Requests per second over node:http beside a bare JSON echo server, and the CPU that each request costs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { postLoad } from './load.js';
import type { Table } from './report.js';

const SECONDS = 6;
const ROUNDS = 3;
const BODY = '{"instances": [1.0, 2.0, 5.0]}';
const CONTESTANTS = [
  { name: 'bare `node:http` JSON echo', kind: 'echo', path: '/' },
  { name: 'half_plus_two through `createNodeHandler`', kind: 'predict', path: '/v1/models/half_plus_two:predict' },
];

async function startServer(kind: string): Promise<{ process: ChildProcess; port: number }> {
  const child = fork(fileURLToPath(new URL('./http-server.js', import.meta.url)), [kind]);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { process: child, port };
}

async function cpuSeconds(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1e6;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;

export async function measureHttp(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const connections of [1, 64]) {
    const rates = CONTESTANTS.map((): number[] => []);
    const costs = CONTESTANTS.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [i, { kind, path }] of CONTESTANTS.entries()) {
        const server = await startServer(kind);
        const url = `http://127.0.0.1:${server.port}${path}`;
        await postLoad(url, BODY, connections, 2);
        const before = await cpuSeconds(server.process);
        const result = await postLoad(url, BODY, connections, SECONDS);
        if (result.non2xx > 0) throw new Error(`${result.non2xx} requests to ${url} failed`);
        generator = result.generator;
        rates[i]!.push(result.requestsPerSecond);
        costs[i]!.push(((await cpuSeconds(server.process)) - before) / (result.requestsPerSecond * SECONDS));
        server.process.disconnect();
        await once(server.process, 'exit');
      }
    }
    const echo = median(rates[0]!);
    for (const [i, { name }] of CONTESTANTS.entries()) {
      const rate = median(rates[i]!);
      const micros = median(costs[i]!) * 1e6;
      rows.push([
        name,
        String(connections),
        rate.toFixed(0),
        `${((100 * rate) / echo).toFixed(0)} %`,
        micros.toFixed(0),
      ]);
    }
  }
  return {
    title: 'Over HTTP: half_plus_two, one request of three floats',
    how: `Keep-alive connections from ${generator} on the same machine, ${SECONDS} s after a warm-up, median of ${ROUNDS} rounds taken in turn.`,
    columns: ['server', 'connections', 'requests/s', 'of the echo', 'CPU µs per request'],
    rows,
  };
}
