/** Both engines behind REST: an MLP, one row a request, from 64 connections. */
import { garbageRoom, type Measured, measureServer, median } from '../measured-server.js';
import type { Table } from '../report.js';

const SECONDS = 3;
const ROUNDS = 3;
const CONNECTIONS = 64;
const BODY = JSON.stringify({ instances: [Array.from({ length: 784 }, (_, i) => Number(((i % 97) / 97).toFixed(4)))] });

/** How each engine is set up, by the ending of the server's kind. */
const SETUPS = [
  { name: 'one intra-op thread', ending: '' },
  { name: 'one intra-op thread, `batching: {}`', ending: '-batched' },
  { name: 'as it comes', ending: '-default' },
];

export async function measureEnginesOverRest(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const { name, ending } of SETUPS) {
    const [onnx, tensorflow] = [`onnx${ending}`, `tensorflow${ending}`].map((kind) => ({
      kind,
      rounds: [] as Measured[],
    }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const each of [onnx!, tensorflow!]) {
        each.rounds.push(await measureServer(each.kind, '/v1/models/mlp:predict', BODY, CONNECTIONS, SECONDS));
      }
    }
    generator = onnx!.rounds[0]!.generator;
    const [ours, theirs] = [onnx!, tensorflow!].map(({ rounds }) => ({
      rate: median(rounds.map((each) => each.requestsPerSecond)),
      cpu: median(rounds.map((each) => each.cpuSecondsPerRequest)) * 1e6,
    }));
    rows.push([
      name,
      ours!.rate.toFixed(0),
      theirs!.rate.toFixed(0),
      `${(ours!.rate / theirs!.rate).toFixed(2)} ×`,
      ours!.cpu.toFixed(0),
      theirs!.cpu.toFixed(0),
      `${(ours!.cpu / theirs!.cpu).toFixed(2)} ×`,
    ]);
  }
  return {
    title: 'Engines: an MLP 784-512-512-10 over REST, one row a request',
    how: `${CONNECTIONS} keep-alive connections from ${generator} on the same machine, ${SECONDS} s after a warm-up, medians of ${ROUNDS} rounds taken in turn. Servers run with \`node ${garbageRoom}\`.`,
    columns: [
      'setup',
      'ONNX Runtime, requests/s',
      'TensorFlow, requests/s',
      'ratio',
      'ONNX Runtime, CPU µs',
      'TensorFlow, CPU µs',
      'ratio',
    ],
    rows,
  };
}
