/** Calls of Predict by `h2load` of the Debian package nghttp2-client, which takes little of the machine. */
import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';

/** How it loads. */
export interface H2Load {
  readonly connections: number;
  /** Calls at once, of all connections together. */
  readonly inFlight: number;
  readonly seconds: number;
}

const PATH = '/tensorflow.serving.PredictionService/Predict';
const run = promisify(execFile);

/** A request of a model with one input, as it is sent. */
export function framedRequest(name: string, alias: string, shape: number[]): Buffer {
  const length = shape.reduce((a, b) => a * b, 1);
  const inputs = { [alias]: createTensor('float', shape, new Float32Array(length).fill(0.5)) };
  const message = encodePredictRequestMessage(
    { modelSpec: { name, signatureName: '' }, inputs },
    { asTensorContent: true },
  );
  const header = Buffer.alloc(5);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Loads a server; gives how many calls succeeded. @throws Error when one failed */
export async function h2load(port: number, file: string, { connections, inFlight, seconds }: H2Load): Promise<number> {
  const headers = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];
  const how = [`-c${connections}`, `-m${Math.ceil(inFlight / connections)}`, `-D${seconds}`, '-d', file, ...headers];
  const { stdout } = await run('h2load', [...how, `http://127.0.0.1:${port}${PATH}`]);
  const [, succeeded, failed] = /(\d+) succeeded, (\d+) failed/.exec(stdout) ?? [];
  if (succeeded === undefined || failed !== '0') throw new Error(`h2load: ${stdout}`);
  return Number(succeeded);
}

/** Milliseconds of processor time that a measured server has used, with all of its threads. */
export async function cpuMs(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpu }] = (await once(child, 'message')) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1000;
}
