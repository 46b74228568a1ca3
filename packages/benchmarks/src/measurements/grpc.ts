/** Requests per second over gRPC beside a bare grpc-js server that reads and answers the same bytes, and the CPU that each request costs. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import { garbageRoom, median } from '../measured-server.js';
import type { Table } from '../report.js';

const SECONDS = 3;
const WARM_UP_SECONDS = 2;
const ROUNDS = 3;
const PATH = '/tensorflow.serving.PredictionService/Predict';

interface Load {
  readonly name: string;
  readonly request: Buffer;
  /** Calls in flight at any time, on one connection. */
  readonly inFlight: number;
}

interface Measured {
  readonly requestsPerSecond: number;
  readonly cpuSecondsPerRequest: number;
}

const tensors = (alias: string, shape: number[]) => {
  const length = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length }, (_, i) => (i % 255) / 255);
  return { [alias]: createTensor('float', shape, values) };
};

const request = (name: string, inputs: ReturnType<typeof tensors>): Buffer =>
  Buffer.from(
    encodePredictRequestMessage({ modelSpec: { name, signatureName: '' }, inputs }, { asTensorContent: true }),
  );

export async function measureGrpc(): Promise<Table> {
  const half = request('half_plus_two', tensors('x', [3]));
  const image = request('image', tensors('image', [1, 224, 224, 3]));
  const loads: Load[] = [
    { name: 'half_plus_two, three floats', request: half, inFlight: 1 },
    { name: 'half_plus_two, three floats', request: half, inFlight: 64 },
    { name: '224×224×3 floats as `tensor_content`', request: image, inFlight: 1 },
    { name: '224×224×3 floats as `tensor_content`', request: image, inFlight: 8 },
  ];
  const rows: string[][] = [];
  for (const load of loads) {
    const answer = (await answerOf(load)).toString('base64');
    const contestants = [
      { name: 'bare grpc-js, same bytes in and out', arguments: ['echo', answer], measured: [] as Measured[] },
      { name: '`GrpcServer`', arguments: ['predict'], measured: [] as Measured[] },
    ];
    for (let round = 0; round < ROUNDS; round++) {
      for (const { arguments: kind, measured } of contestants) measured.push(await measure(kind, load));
    }
    const rates = contestants.map(({ measured }) => median(measured.map((one) => one.requestsPerSecond)));
    for (const [i, { name, measured }] of contestants.entries()) {
      const micros = median(measured.map((one) => one.cpuSecondsPerRequest)) * 1e6;
      const share = `${((100 * rates[i]!) / rates[0]!).toFixed(0)} %`;
      rows.push([load.name, name, String(load.inFlight), rates[i]!.toFixed(0), share, micros.toFixed(0)]);
    }
  }
  return {
    title: 'Over gRPC: Predict',
    how: `One connection from grpc-js in another process on the same machine, ${SECONDS} s after a warm-up, median of ${ROUNDS} rounds taken in turn. Servers run with \`node ${garbageRoom}\`.`,
    columns: ['request', 'server', 'calls at once', 'requests/s', 'of the bare server', 'CPU µs per request'],
    rows,
  };
}

async function answerOf({ request: bytes }: Load): Promise<Buffer> {
  const { child, client } = await start(['predict']);
  const answer = await call(client, bytes);
  await stop(child, client);
  return answer;
}

async function measure(kind: readonly string[], load: Load): Promise<Measured> {
  const { child, client } = await start(kind);
  await callFor(client, load, WARM_UP_SECONDS);
  const before = await cpuSeconds(child);
  const requestsPerSecond = await callFor(client, load, SECONDS);
  const cpuSecondsPerRequest = ((await cpuSeconds(child)) - before) / (requestsPerSecond * SECONDS);
  await stop(child, client);
  return { requestsPerSecond, cpuSecondsPerRequest };
}

/** Keeps this many calls in flight; returns the calls per second. */
async function callFor(client: Client, { request: bytes, inFlight }: Load, seconds: number): Promise<number> {
  const begin = performance.now();
  const end = begin + seconds * 1000;
  let answered = 0;
  const callAgain = async (): Promise<void> => {
    while (performance.now() < end) {
      await call(client, bytes);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, callAgain));
  return answered / ((performance.now() - begin) / 1000);
}

async function start(kind: readonly string[]): Promise<{ child: ChildProcess; client: Client }> {
  const script = fileURLToPath(new URL('../grpc-server.js', import.meta.url));
  const child = fork(script, kind, { execArgv: garbageRoom });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, client: new Client(`127.0.0.1:${port}`, ChannelCredentials.createInsecure()) };
}

async function stop(child: ChildProcess, client: Client): Promise<void> {
  client.close();
  child.disconnect();
  await once(child, 'exit');
}

function call(client: Client, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asIs = (value: Buffer): Buffer => value;
    client.makeUnaryRequest(PATH, asIs, asIs, bytes, (error, answer) => (error ? reject(error) : resolve(answer!)));
  });
}

async function cpuSeconds(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1e6;
}
