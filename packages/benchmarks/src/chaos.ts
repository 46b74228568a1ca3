/**
 * `node packages/benchmarks/dist/chaos.js [SECONDS] [--seed=N] [--hour]`: requests over REST and gRPC and in process to models of both
 * engines, isolated and not, while versions are swapped, processes are killed in every state, storage fails, clients vanish and memory is
 * short. Default: 60 seconds with a seed of its own, which it prints. Exits with 1 when a request got no answer, a wrong one or an error
 * that no fault explains, or when anything is left over. `--hour` takes an hour, and demands that the event loop never stalls for long.
 */
import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run-chaos.js';

const HOUR_SECONDS = 3600;
const MAX_STALL_CPU_MS = 50;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, hour: { type: 'boolean', default: false } },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 20) : Number(values.seed);
const seconds = values.hour ? HOUR_SECONDS : Number(positionals[0] ?? 60);
if (!(seconds > 0) || !Number.isInteger(seed)) throw new Error('Usage: chaos.js [SECONDS] [--seed=N] [--hour]');

console.log(`Chaos of ${seconds} s with --seed=${seed}`);
const { problems, longestStallMs, longestStallCpuMs, heapGrowthBytes, residentGrowthBytes, ...counted } =
  await runChaos({ seconds, seed });
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
console.log(counted);
console.log(
  `Longest stall of the event loop: ${longestStallCpuMs.toFixed(0)} ms of its processor time, ${longestStallMs.toFixed(0)} ms`,
);
console.log(`Growth: heap ${mebibytes(heapGrowthBytes)}, process ${mebibytes(residentGrowthBytes)}`);
if (values.hour && longestStallCpuMs > MAX_STALL_CPU_MS) {
  console.error(`WRONG the event loop stalled for more than ${MAX_STALL_CPU_MS} ms of its processor time`);
  process.exitCode = 1;
}
for (const problem of problems) console.error(`WRONG ${problem}`);
if (problems.length > 0) process.exitCode = 1;
