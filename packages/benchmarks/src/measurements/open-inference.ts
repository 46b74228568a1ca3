/** The Open Inference Protocol beside TensorFlow Serving's REST API on the same server: the same tensors in the forms of both. */
import { once } from 'node:events';
import { createTensor, StringArray, type Tensor, tensorBytes } from '@serving/core/tensor';
import { OpenInferenceClient } from '@serving/open-inference/client';
import { type Post, postLoad } from '../load.js';
import { cpuSeconds, garbageRoom, median, startServer } from '../measured-server.js';
import { floatsOf } from '../predict-bodies.js';
import type { Table } from '../report.js';

const SECONDS = 1;
const ROUNDS = 5;
const JSON_LENGTH = 'Inference-Header-Content-Length';

interface Contestant {
  readonly name: string;
  readonly path: string;
  readonly post: Post;
}

/** The first contestant is the one that the others are compared with. */
interface Workload {
  readonly name: string;
  readonly contestants: readonly Contestant[];
  readonly connections: readonly number[];
}

async function workloads(): Promise<readonly Workload[]> {
  return [await smallJson(), await image(), await bytes()];
}

async function smallJson(): Promise<Workload> {
  const tensor = '{"name": "x", "shape": [3], "datatype": "FP32", "data": [1.0, 2.0, 5.0]}';
  return {
    name: 'half_plus_two, 3 floats',
    connections: [1, 64],
    contestants: [
      v1('half_plus_two', 'v1 JSON', { body: '{"instances": [1.0, 2.0, 5.0]}' }),
      v2('half_plus_two', 'v2 JSON', { body: `{"inputs": [${tensor}]}` }),
      v2('half_plus_two', 'v2 JSON with an `id`', { body: `{"id": "7f1c", "inputs": [${tensor}]}` }),
    ],
  };
}

async function image(): Promise<Workload> {
  const shape = [1, 224, 224, 3];
  const tensor = createTensor('float', shape, Float32Array.from(floatsOf(shape, 6)));
  const raw = { 'Content-Type': 'application/octet-stream', 'Serving-Shape': shape.join(',') };
  return {
    name: 'image, 224×224×3 floats',
    connections: [4],
    contestants: [
      v1('image', 'v1 raw', { body: tensorBytes(tensor), headers: raw }),
      v2('image', 'v2 binary, as our client sends it', await clientBody('image', { image: tensor })),
      v2('image', 'v2 binary at an odd address', oddBody('image', tensor)),
      v2('image', 'v2 raw', { body: tensorBytes(tensor), headers: { [JSON_LENGTH]: '0' } }),
    ],
  };
}

async function bytes(): Promise<Workload> {
  const picture = Buffer.from(floatsOf([100_000], 6).map((value) => value * 256));
  const tensor: Tensor = createTensor('string', [1], StringArray.from([picture]));
  return {
    name: 'an image of 100 kB as a byte string',
    connections: [4],
    contestants: [
      v1('byte_lengths', 'v1 base64', { body: JSON.stringify({ instances: [{ b64: picture.toString('base64') }] }) }),
      v2('byte_lengths', 'v2 binary', await clientBody('byte_lengths', { bytes: tensor })),
      v2('byte_lengths', 'v2 raw', { body: picture, headers: { [JSON_LENGTH]: '0' } }),
    ],
  };
}

function v1(model: string, name: string, post: Post): Contestant {
  return { name, path: `/v1/models/${model}:predict`, post };
}

function v2(model: string, name: string, post: Post): Contestant {
  return { name, path: `/v2/models/${model}/infer`, post };
}

/** What the client of this project sends. */
async function clientBody(model: string, inputs: Readonly<Record<string, Tensor>>): Promise<Post> {
  let sent: RequestInit | undefined;
  const spy = async (_url: string | URL | Request, init?: RequestInit): Promise<Response> => {
    sent = init;
    return new Response('{"model_name":"m","outputs":[]}');
  };
  await new OpenInferenceClient('http://none', { fetch: spy }).infer({ model, inputs });
  return { body: sent!.body as Uint8Array, headers: sent!.headers as Record<string, string> };
}

/** What clients send that do not see to the address of the first tensor. */
function oddBody(input: string, tensor: Tensor): Post {
  const values = tensorBytes(tensor);
  const parameters = { binary_data_size: values.length };
  const json = { inputs: [{ name: input, shape: tensor.shape, datatype: 'FP32', parameters }] };
  const text = JSON.stringify({ parameters: { binary_data_output: true }, ...json });
  const head = Buffer.from(text.length % 2 === 1 ? text : `${text} `);
  return { body: Buffer.concat([head, values]), headers: { [JSON_LENGTH]: String(head.length) } };
}

interface Measured {
  readonly requestsPerSecond: number;
  readonly microsPerRequest: number;
}

/** All contestants on one server, in turn. */
async function measure({ contestants }: Workload, connections: number): Promise<{ rounds: Measured[][]; by: string }> {
  const { child, port } = await startServer('v2');
  const rounds = contestants.map((): Measured[] => []);
  let by = '';
  for (let round = -1; round < ROUNDS; round++) {
    for (const [i, { path, post }] of contestants.entries()) {
      const before = await cpuSeconds(child);
      const load = await postLoad(`http://127.0.0.1:${port}${path}`, post, connections, SECONDS);
      if (load.non2xx > 0) throw new Error(`${load.non2xx} requests to ${path} failed`);
      const cpu = (await cpuSeconds(child)) - before;
      by = load.generator;
      const { requestsPerSecond } = load;
      // The first round warms up.
      if (round < 0) continue;
      rounds[i]!.push({ requestsPerSecond, microsPerRequest: (cpu * 1e6) / (requestsPerSecond * SECONDS) });
    }
  }
  child.disconnect();
  await once(child, 'exit');
  return { rounds, by };
}

/** Ratios of one round each, as the machine's speed changes from round to round. */
function ratios(rounds: readonly Measured[], to: readonly Measured[], figure: keyof Measured): string {
  return `${median(rounds.map((round, i) => round[figure] / to[i]![figure])).toFixed(2)} ×`;
}

export async function measureOpenInference(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const workload of await workloads()) {
    for (const connections of workload.connections) {
      const { rounds, by } = await measure(workload, connections);
      generator = by;
      for (const [i, { name, post }] of workload.contestants.entries()) {
        const own = rounds[i]!;
        rows.push([
          workload.name,
          name,
          `${post.body.length.toLocaleString('en')} B`,
          String(connections),
          median(own.map(({ requestsPerSecond }) => requestsPerSecond)).toFixed(0),
          ratios(own, rounds[0]!, 'requestsPerSecond'),
          median(own.map(({ microsPerRequest }) => microsPerRequest)).toFixed(0),
          ratios(own, rounds[0]!, 'microsPerRequest'),
        ]);
      }
    }
  }
  return {
    title: 'Open Inference Protocol beside the REST API',
    how: `Both on one server, keep-alive connections from ${generator} on the same machine, ${SECONDS} s each in turn, median of ${ROUNDS} rounds after a warm-up; ratios are medians of each round's. The server runs with \`node ${garbageRoom}\`.`,
    columns: ['request', 'form', 'body', 'connections', 'requests/s', 'to v1', 'CPU µs per request', 'to v1'],
    rows,
  };
}
