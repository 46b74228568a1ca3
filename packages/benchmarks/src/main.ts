/** `pnpm bench [name …]`: runs the measurements named (all by default), prints them and writes docs/benchmarks.md. */
import { measureBatching } from './measurements/batching.js';
import { measureCodec } from './measurements/codec.js';
import { measureEnginesSideBySide } from './measurements/engines.js';
import { measureEventLoop } from './measurements/event-loop.js';
import { measureGrpc } from './measurements/grpc.js';
import { measureHttp } from './measurements/http.js';
import { measureHttpBatching } from './measurements/http-batching.js';
import { measureHttpBodies } from './measurements/http-bodies.js';
import { measureInProcess } from './measurements/in-process.js';
import { measureMemory } from './measurements/memory.js';
import { measureTelemetry } from './measurements/telemetry.js';
import { printTable, type Table, writeReport } from './report.js';

const measurements: Record<string, () => Promise<Table>> = {
  'in-process': measureInProcess,
  engines: measureEnginesSideBySide,
  batching: measureBatching,
  codec: measureCodec,
  http: measureHttp,
  'http-bodies': measureHttpBodies,
  'http-batching': measureHttpBatching,
  grpc: measureGrpc,
  telemetry: measureTelemetry,
  'event-loop': measureEventLoop,
  memory: measureMemory,
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(measurements, name));
if (unknown.length > 0) {
  console.error(`No such measurement: ${unknown.join(', ')}. There are: ${Object.keys(measurements).join(', ')}`);
  process.exit(2);
}
const tables: Table[] = [];
for (const name of asked.length > 0 ? asked : Object.keys(measurements)) {
  const table = await measurements[name]!();
  printTable(table);
  tables.push(table);
}
if (asked.length === 0) writeReport(tables);
