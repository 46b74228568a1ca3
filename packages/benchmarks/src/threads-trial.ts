/**
 * Trials of serving threads, which end with 1 when a request failed or memory grew:
 *
 *     node packages/benchmarks/dist/threads-trial.js [--swaps=100] [--engine=tensorflow]
 *     node packages/benchmarks/dist/threads-trial.js --minutes=10 [--threads=2]
 *     node packages/benchmarks/dist/threads-trial.js --grpc [--threads=2] [--rounds=5] [--seconds=4]
 *
 * The first swaps versions under load through 2 and 4 threads. The second prints the memory of a server under load as time passes; the heap is that of the
 * main thread. The third prints calls per second from one thread and from several, under `h2load`.
 */
import { parseArgs } from 'node:util';
import { grpcThreads } from './threads/grpc-threads.js';
import { memoryUnderLoad } from './threads/memory-under-load.js';
import { swapUnderLoad } from './threads/swap-under-load.js';

const { values } = parseArgs({
  options: {
    swaps: { type: 'string', default: '100' },
    engine: { type: 'string', default: 'tensorflow' },
    minutes: { type: 'string' },
    threads: { type: 'string', default: '2' },
    grpc: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
  },
});
const print = (line: string): unknown => process.stdout.write(`${line}\n`);
if (values.grpc) {
  const time = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  await grpcThreads(Number(values.threads), time, print);
} else if (values.minutes !== undefined) {
  if (!(await memoryUnderLoad(Number(values.minutes), Number(values.threads), print))) process.exitCode = 1;
} else {
  for (const threads of [2, 4]) {
    const engine = values.engine === 'onnx' ? 'onnx' : 'tensorflow';
    const [line, isFine] = await swapUnderLoad(threads, Number(values.swaps), engine);
    print(line);
    if (!isFine) process.exitCode = 1;
  }
}
