/**
 * `node packages/benchmarks/dist/grpc-trees.js TREE TREE …`: calls per second and CPU per call of `GrpcServer` in built checkouts, in turn, against
 * the first. The load is `h2load` of the Debian package nghttp2-client, which takes little of the machine.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { garbageRoom, median } from './measured-server.js';
import { cpuMs, framedRequest, h2load } from './threads/h2load.js';

const SECONDS = 4;
const WARM_UP_SECONDS = 2;
const ROUNDS = 5;

interface Measured {
  readonly rate: number;
  readonly cpuMs: number;
}

async function measure(tree: string, file: string, inFlight: number): Promise<Measured> {
  const child = fork(join(tree, 'packages/benchmarks/dist/grpc-server.js'), ['predict'], { execArgv: garbageRoom });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  await h2load(port, file, { connections: 1, inFlight, seconds: WARM_UP_SECONDS });
  const before = await cpuMs(child);
  const calls = await h2load(port, file, { connections: 1, inFlight, seconds: SECONDS });
  const spent = (await cpuMs(child)) - before;
  child.disconnect();
  await once(child, 'exit');
  return { rate: calls / SECONDS, cpuMs: spent / calls };
}

const trees = process.argv.slice(2);
if (trees.length === 0) {
  console.error('Usage: node packages/benchmarks/dist/grpc-trees.js TREE TREE …');
  process.exit(2);
}
const folder = await mkdtemp(join(tmpdir(), 'grpc-trees-'));
const half = join(folder, 'half');
const image = join(folder, 'image');
await writeFile(half, framedRequest('half_plus_two', 'x', [3]));
await writeFile(image, framedRequest('image', 'image', [1, 224, 224, 3]));
for (const [name, file, inFlight] of [
  ['image', image, 1],
  ['image', image, 8],
  ['half_plus_two', half, 1],
  ['half_plus_two', half, 64],
] as const) {
  const measured = trees.map((): Measured[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, tree] of trees.entries()) measured[i]!.push(await measure(tree, file, inFlight));
  }
  const rates = measured.map((list) => median(list.map(({ rate }) => rate)));
  const costs = measured.map((list) => median(list.map((one) => one.cpuMs)));
  for (const [i, tree] of trees.entries()) {
    const rate = `${rates[i]!.toFixed(0)}/s × ${(rates[i]! / rates[0]!).toFixed(2)}`;
    const cost = `${costs[i]!.toFixed(3)} ms of CPU × ${(costs[i]! / costs[0]!).toFixed(2)}`;
    console.log(`${name}, ${inFlight} at once, ${tree}: ${rate}, ${cost}`);
  }
}
await rm(folder, { recursive: true });
