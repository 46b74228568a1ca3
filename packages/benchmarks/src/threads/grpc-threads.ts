/** Calls of Predict per second, and processor time per call, from one serving thread and from several, in turn. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { garbageRoom, median } from '../measured-server.js';
import { cpuMs, framedRequest, h2load } from './h2load.js';

const IN_FLIGHT = 64;
const WARM_UP_SECONDS = 2;
const server = fileURLToPath(new URL('../grpc-server.js', import.meta.url));

interface Measured {
  readonly rate: number;
  readonly cpuMs: number;
}

/** Prints a line for one thread and one for `threads`, for the least number of connections that serves from all, and for more. */
export async function grpcThreads(
  threads: number,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  print: (line: string) => unknown,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'grpc-threads-'));
  const file = join(folder, 'half');
  await writeFile(file, framedRequest('half_plus_two', 'x', [3]));
  for (const connections of [2 * threads, 16]) {
    const counts = [1, threads];
    const measured = counts.map((): Measured[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, count] of counts.entries()) measured[i]!.push(await measure(count, file, connections, seconds));
    }
    const rates = measured.map((list) => median(list.map(({ rate }) => rate)));
    const costs = measured.map((list) => median(list.map((one) => one.cpuMs)));
    for (const [i, count] of counts.entries()) {
      const rate = `${rates[i]!.toFixed(0)}/s × ${(rates[i]! / rates[0]!).toFixed(2)}`;
      const cost = `${costs[i]!.toFixed(3)} ms of CPU × ${(costs[i]! / costs[0]!).toFixed(2)}`;
      print(`gRPC, ${IN_FLIGHT} at once on ${connections} connections, ${count} threads: ${rate}, ${cost}`);
    }
  }
  await rm(folder, { recursive: true });
}

async function measure(threads: number, file: string, connections: number, seconds: number): Promise<Measured> {
  const child = fork(server, ['predict', String(threads)], { execArgv: garbageRoom });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const load = { connections, inFlight: IN_FLIGHT };
  await h2load(port, file, { ...load, seconds: WARM_UP_SECONDS });
  const before = await cpuMs(child);
  const calls = await h2load(port, file, { ...load, seconds });
  const spent = (await cpuMs(child)) - before;
  child.disconnect();
  await once(child, 'exit');
  return { rate: calls / seconds, cpuMs: spent / calls };
}
