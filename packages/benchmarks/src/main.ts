/** `pnpm bench [name …]`: runs the measurements named (all by default), prints them and writes docs/reference/benchmarks.md and README's figures. */
import { measureEngineLoads } from './engines/measure-loads.js';
import { measureEnginesOverRest } from './engines/measure-rest.js';
import { measureEngineSwaps } from './engines/measure-swaps.js';
import { measureGrowth } from './growth/measure-growth.js';
import { measureBatchedLatency } from './measurements/batched-latency.js';
import { measureBatching } from './measurements/batching.js';
import { measureCodec } from './measurements/codec.js';
import { measureConsole } from './measurements/console.js';
import { measureEnginesSideBySide } from './measurements/engines.js';
import { measureEventLoop } from './measurements/event-loop.js';
import { measureGrpc } from './measurements/grpc.js';
import { measureHttp } from './measurements/http.js';
import { measureHttpBatching } from './measurements/http-batching.js';
import { measureHttpBodies } from './measurements/http-bodies.js';
import { measureInProcess } from './measurements/in-process.js';
import { measureIsolation } from './measurements/isolation.js';
import { measureLargeBodies } from './measurements/large-bodies.js';
import { measureMemory } from './measurements/memory.js';
import { measureOpenInference } from './measurements/open-inference.js';
import { measureTelemetry } from './measurements/telemetry.js';
import { type MeasuredTable, printTable, type Table, writeReport } from './report.js';

const measurements: Record<string, () => Promise<Table>> = {
  'in-process': measureInProcess,
  engines: measureEnginesSideBySide,
  'engines-rest': measureEnginesOverRest,
  'engines-loads': measureEngineLoads,
  'engines-swaps': measureEngineSwaps,
  batching: measureBatching,
  'batched-latency': measureBatchedLatency,
  codec: measureCodec,
  http: measureHttp,
  'http-bodies': measureHttpBodies,
  'large-bodies': measureLargeBodies,
  'http-batching': measureHttpBatching,
  v2: measureOpenInference,
  grpc: measureGrpc,
  telemetry: measureTelemetry,
  console: measureConsole,
  'event-loop': measureEventLoop,
  memory: measureMemory,
  isolation: measureIsolation,
  growth: measureGrowth,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(measurements, name));
if (unknown.length > 0) {
  console.error(`No such measurement: ${unknown.join(', ')}. There are: ${Object.keys(measurements).join(', ')}`);
  process.exit(2);
}
const measured: MeasuredTable[] = [];
const failed: string[] = [];
for (const name of asked.length > 0 ? asked : Object.keys(measurements)) {
  const start = performance.now();
  const table = await measurements[name]!().catch((error: unknown) => {
    console.error(`${name} failed:`, error);
    failed.push(name);
  });
  if (table === undefined) continue;
  const seconds = (performance.now() - start) / 1000;
  printTable(table);
  console.log(`${name}: ${seconds.toFixed(0)} s`);
  measured.push({ name, table, seconds });
}
if (failed.length > 0) {
  console.error(`Failed: ${failed.join(', ')}; no file is written`);
  process.exitCode = 1;
} else if (asked.length === 0) writeReport(measured);
