/** Bodies of 63 MiB of many kinds, one at a time, and what becomes of the server's event loop meanwhile. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createTensor } from '@serving/core/tensor';
import { encodePredictRequestMessage } from '@serving/protos/messages';
import type { Attack, AttackReport } from '../attack.js';
import type { LoopReport } from './hostile-json-server.js';

const BYTES = 63 * 1024 * 1024;

/** A body, where it goes, and the statuses that are right. */
interface HostileBody {
  readonly name: string;
  readonly path: string;
  readonly statuses: readonly number[];
  readonly body: () => Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `head`, then `piece` as often as there is room, then `tail`. */
const filled =
  (head: string, piece: string, tail: string): (() => Uint8Array) =>
  () => {
    const count = Math.floor((BYTES - head.length - tail.length) / piece.length);
    return Buffer.concat([Buffer.from(head), Buffer.alloc(count * piece.length, piece), Buffer.from(tail)]);
  };

const predict = (
  name: string,
  model: string,
  status: number,
  head: string,
  piece: string,
  tail: string,
): HostileBody => ({
  name,
  path: `/v1/models/${model}:predict`,
  statuses: [status],
  body: filled(head, piece, tail),
});

const regress = (
  name: string,
  statuses: readonly number[],
  head: string,
  piece: string,
  tail: string,
): HostileBody => ({
  name,
  path: '/v1/models/regress:regress',
  statuses,
  body: filled(head, piece, tail),
});

/** Shape and order that `numpy.save` gives a transposed matrix. */
function fortranNpy(): Uint8Array {
  const rows = 4096;
  const columns = 4032;
  const header = `{'descr': '>f4', 'fortran_order': True, 'shape': (${rows}, ${columns}), }`;
  const padded = `${header.padEnd(128 - 10 - 1)}\n`;
  const start = Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(padded.length)}\x00${padded}`, 'latin1');
  return Buffer.concat([start, Buffer.alloc(rows * columns * 4)]);
}

const hostileBodies: readonly HostileBody[] = [
  predict('floats', 'float', 200, '{"instances":[', '0.12345678,', '1]}'),
  predict('digits', 'float', 200, '{"instances":[', '1,', '1]}'),
  predict('int64', 'int64', 200, '{"instances":[', '1,', '1]}'),
  predict('row-objects', 'two', 200, '{"instances":[', '{"x":1,"s":""},', '{"x":1,"s":""}]}'),
  predict('strings', 'string', 200, '{"instances":[', '"",', '""]}'),
  predict('string', 'string', 200, '{"instances":["', 'abcdefgh', '"]}'),
  predict('escapes', 'string', 200, '{"instances":["', '\\n', '"]}'),
  predict('base64', 'string', 200, '{"instances":[{"b64":"', 'QUJD', '"}]}'),
  predict('base64-blanks', 'string', 200, '{"instances":[{"b64":"', 'QUJD ', '"}]}'),
  predict('bad-at-the-end', 'float', 400, '{"instances":[', '1,', '"x"]}'),
  predict('other-member', 'float', 200, '{"a":1,"instances":[', '1,', '1]}'),
  predict('other-member-rows', 'two', 200, '{"a":1,"instances":[', '{"x":1,"s":""},', '{"x":1,"s":""}]}'),
  predict('many-members', 'float', 200, '{', '"a":1,', '"instances":[1]}'),
  predict('white-space', 'float', 200, '{"instances":[1', ' ', ']}'),
  predict('nesting', 'float', 400, '{"instances":', '[', '}'),
  predict('empty-lists', 'float', 200, '{"instances":[', '[],', '[]]}'),
  predict('number', 'float', 400, '{"instances":[0.', '7', ']}'),
  predict('name', 'float', 400, '{"instances":[{"', 'abcdefgh', '":1}]}'),
  predict('echo', 'echo', 200, '{"instances":[', '1,', '1]}'),
  regress('examples', [400], '{"examples":[', '{},', '{}]}'),
  regress('features', [400], '{"examples":[', '{"a":1},', '{"a":1}]}'),
  regress('feature-ints', [200], '{"examples":[{"a":[', '1,', '1]}]}'),
  regress('feature-floats', [200], '{"examples":[{"a":[', '1.5,', '1.5]}]}'),
  regress('feature-strings', [400], '{"examples":[{"a":[', '"",', '""]}]}'),
  {
    name: 'gzip',
    path: '/v1/models/float:predict',
    statuses: [200],
    body: () => gzipSync(filled('{"instances":[', '1,', '1]}')()),
    headers: { 'Content-Encoding': 'gzip' },
  },
  {
    name: 'npy',
    path: '/v1/models/float:predict',
    statuses: [200],
    body: fortranNpy,
    headers: { 'Content-Type': 'application/x-npy' },
  },
  {
    name: 'raw',
    path: '/v1/models/float:predict',
    statuses: [200],
    body: () => Buffer.alloc(BYTES),
    headers: { 'Content-Type': 'application/octet-stream', 'Serving-Shape': `${BYTES / 4}` },
  },
  {
    name: 'raw-to-json',
    path: '/v1/models/echo:predict',
    statuses: [200],
    body: () => Buffer.alloc(BYTES),
    headers: {
      'Content-Type': 'application/octet-stream',
      'Serving-Shape': `${BYTES / 4}`,
      Accept: 'application/json',
    },
  },
  {
    name: 'protobuf',
    path: '/v1/models/float:predict',
    statuses: [200],
    body: () => {
      const x = createTensor('float', [BYTES / 4 - 64], new Float32Array(BYTES / 4 - 64));
      return encodePredictRequestMessage({ modelSpec: { name: 'float' }, inputs: { x } } as never);
    },
    headers: { 'Content-Type': 'application/x-protobuf' },
  },
];

async function report(child: ChildProcess): Promise<LoopReport> {
  child.send('report');
  const [figures] = (await once(child, 'message')) as [LoopReport];
  return figures;
}

/** One body after the other; `HOSTILE_JSON=name,name` chooses. */
async function run(): Promise<AttackReport> {
  const chosen = process.env.HOSTILE_JSON?.split(',');
  const figures: Record<string, string> = {};
  let passed = true;
  for (const { name, path, statuses, body, headers } of hostileBodies) {
    if (chosen && !chosen.includes(name)) continue;
    const child = fork(fileURLToPath(new URL('./hostile-json-server.js', import.meta.url)));
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    const url = `http://127.0.0.1:${port}`;
    const bytes = body();
    await fetch(`${url}/v1/models/float:predict`, { method: 'POST', body: '{"instances":[1]}' });
    await report(child);
    const start = performance.now();
    const status = await answerTo(url + path, bytes, headers);
    const millis = performance.now() - start;
    if (!statuses.includes(status)) passed = false;
    const loop = child.connected ? await report(child) : undefined;
    figures[name] =
      `${loop ? loop.longestStallMs.toFixed(0) : '?'}ms/${loop ? loop.peakMegabytes.toFixed(0) : '?'}MB` +
      `/${(millis / 1000).toFixed(1)}s/${status}`;
    if (child.connected) child.disconnect();
  }
  return { passed, figures };
}

/** The status; 0 when the connection broke. */
async function answerTo(
  url: string,
  body: Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  try {
    const response = await fetch(url, { method: 'POST', body: body as Uint8Array<ArrayBuffer>, headers });
    for await (const _ of response.body ?? []);
    return response.status;
  } catch {
    return 0;
  }
}

/** Figures are the longest stall of the server's event loop, its peak memory, the time to the answer's end, and the status. */
export const hostileJson: Attack = {
  name: 'hostile-json',
  description: 'bodies of 63 MiB of many kinds: stall of the event loop, peak memory, time, status',
  run,
};
