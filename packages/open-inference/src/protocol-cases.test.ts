/**
 * The cases of the protocol, by number, over sockets. Those from 55 on need servers of their own: 55 to 58 are in http/repository.test.ts, 59 and 60 in
 * grpc/open-inference-service.test.ts.
 */
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import {
  errorAnswer,
  inferAnswer,
  modelAnswer,
  readinessAnswer,
  serverAnswer,
} from './protocol-answers.test-support.js';
import { type Answer, bytesOf, elements, ProtocolServer, x } from './protocol-server.test-support.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start({ rest: { maxBodyBytes: 2_000_000 } });
});
afterAll(() => server.close());

type Headers = Readonly<Record<string, string>>;
/** What an answer must have: a status, and parts of its text; `''` for none. */
type Expected = readonly [status: number, ...parts: (string | RegExp)[]];
type Case = readonly [number: number, name: string, () => Promise<Answer>, ...Expected];

const request = (method: string, path: string, body?: string | Uint8Array, headers?: Headers) => () =>
  server.send(method, path, body, headers);
const get = (path: string) => request('GET', path);
const infer = (model: string, body: unknown, headers?: Headers) => () => server.infer(model, body, headers);
const binary = (model: string, json: unknown, tails: readonly Uint8Array[], headers?: Headers) => () =>
  server.inferBinary(model, json, tails, headers);
const identity = (type: string, datatype: string, data: string, count: number) =>
  infer(
    'D',
    `{"parameters":{"signature_name":"id_${type}"},"inputs":[{"name":"x","shape":[${count}],"datatype":"${datatype}","data":${data}}]}`,
  );

const m = (more: object = {}, inputs: readonly object[] = [a, b]) => infer('M', { inputs, ...more });
const a = { name: 'a', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] };
const b = { name: 'b', shape: [1], datatype: 'INT32', data: [4] };
const scalar = (s: object) => m({ parameters: { signature_name: 'scalar' } }, [{ name: 's', datatype: 'FP32', ...s }]);
const img = { name: 'img', shape: [1], datatype: 'BYTES', parameters: { binary_data_size: 7 } };
const blob = (
  outputs: readonly object[],
  tail: Uint8Array = elements(Uint8Array.of(0xff, 0, 0xfe)),
  input: object = img,
) => binary('M', { parameters: { signature_name: 'blob' }, inputs: [input], outputs }, [tail]);
const base64 = (text: string) =>
  m({ parameters: { signature_name: 'blob' }, outputs: [{ name: 'len' }] }, [
    { name: 'img', shape: [1], datatype: 'BYTES', data: [text], parameters: { content_type: 'base64' } },
  ]);
const bin = { name: 'x', shape: [3, 1], datatype: 'FP32', parameters: { binary_data_size: 12 } };
const outBinary = { outputs: [{ name: 'y', parameters: { binary_data: true } }] };
const floats = bytesOf(Float32Array.of(1, 2, 5));
const right = '"outputs":[{"name":"y","datatype":"FP32","shape":[3,1],"data":[2.5,3.0,4.5]}]';
const halves =
  'FP32","shape":[3,1],"parameters":{"binary_data_size":12}}]}\u0000\u0000 @\u0000\u0000@@\u0000\u0000\ufffd@';
const LENGTH = 'Inference-Header-Content-Length';
const text = JSON.stringify(x([1, 2, 5]));
const raw = (model: string, body: Uint8Array) => request('POST', `/v2/models/${model}/infer`, body, { [LENGTH]: '0' });
const header = (value: string) => binary('H', { inputs: [bin] }, [floats], { [LENGTH]: value });

const cases: readonly Case[] = [
  [1, 'live', get('/v2/health/live'), 200, '{"live":true}'],
  [1, 'ready', get('/v2/health/ready'), 200, '{"ready":true}'],
  [2, 'HEAD', request('HEAD', '/v2/health/ready'), 200, /^$/],
  [3, 'POST to health', request('POST', '/v2/health/live'), 405, 'Method Not Allowed'],
  [3, 'GET of infer', get('/v2/models/H/infer'), 405, 'Method Not Allowed'],
  [4, 'server', get('/v2'), 200, '"name":"serving"', 'binary_tensor_data'],
  [4, 'server with a slash', get('/v2/'), 200, '"version":"'],
  [5, 'unknown path', get('/v2/nope'), 404, 'Not Found'],
  [5, 'unknown path of a version', get('/v2/models/H/versions/124/nope'), 404, 'Not Found'],
  [
    6,
    'model',
    get('/v2/models/H'),
    200,
    '"versions":["123","124"]',
    '"name":"x","datatype":"FP32","shape":[-1,1]',
    'serving_default',
  ],
  [7, 'version', get('/v2/models/H/versions/123'), 200, '"versions":["123"]'],
  [7, 'label', get('/v2/models/H/versions/stable'), 200, '"versions":["123"]'],
  [8, 'model ready', get('/v2/models/H/ready'), 200, '{"name":"H","ready":true}'],
  [8, 'version ready', get('/v2/models/H/versions/124/ready'), 200, '{"name":"H","ready":true}'],
  [9, 'unknown model ready', get('/v2/models/none/ready'), 404, 'none'],
  [9, 'unknown model', get('/v2/models/none'), 404, 'none'],
  [9, 'unknown version', get('/v2/models/H/versions/9'), 404, '9'],
  [10, 'version beyond int64', get('/v2/models/H/versions/99999999999999999999'), 400, 'int64'],
  [11, 'nested data', infer('H', x([[1], [2], [5]])), 200, '"model_name":"H","model_version":"124"', right],
  [12, 'flat data', infer('H', x([1, 2, 5])), 200, right],
  [12, 'data in one row', infer('H', x([[1, 2, 5]])), 200, right],
  [13, 'ragged data', infer('H', x([[1, 2], [5]])), 400, /ragged/],
  [14, 'too few values', infer('H', x([1, 2])), 400, /3 .*2/],
  [14, 'too many values', infer('H', x([1, 2, 3, 4])), 400, /3 .*4/],
  [15, 'id', infer('H', { id: 'r-1', ...x([1, 2, 5]) }), 200, '"id":"r-1"', right],
  [15, 'empty id', infer('H', { id: '', ...x([1, 2, 5]) }), 200, /^(?!.*"id")/],
  [15, 'id of a number', infer('H', { id: 5, ...x([1, 2, 5]) }), 400, 'id'],
  [16, 'version', request('POST', '/v2/models/H/versions/123/infer', text), 200, '"model_version":"123"'],
  [16, 'label', request('POST', '/v2/models/H/versions/canary/infer', text), 200, '"model_version":"124"'],
  [16, 'version with zeros', request('POST', '/v2/models/H/versions/007/infer', text), 404, /version 7/],
  [17, 'one output', m({ outputs: [{ name: 'sum' }] }), 200, /"outputs":\[\{"name":"sum"[^{]*\]\}$/],
  [18, 'order of outputs', m({ outputs: [{ name: 'twice' }, { name: 'sum' }] }), 200, /"twice".*"sum"/],
  [19, 'no outputs', m({ outputs: [] }), 200, /"sum".*"twice"/],
  [19, 'outputs left out', m(), 200, /"sum".*"twice"/],
  [20, 'unknown output', m({ outputs: [{ name: 'nope' }] }), 400, 'nope', 'sum'],
  [21, 'output twice', m({ outputs: [{ name: 'sum' }, { name: 'sum' }] }), 400, 'sum', 'twice'],
  [22, 'no inputs', m({}, []), 400, /\\"a\\", \\"b\\"/],
  [22, 'missing input', m({}, [a]), 400, /\\"b\\".* missing/],
  [23, 'unknown input', m({}, [a, b, { ...b, name: 'c' }]), 400, /\\"c\\"/],
  [23, 'input twice', m({}, [a, b, b]), 400, /\\"b\\".*twice/],
  ...['FP64', 'INT32', 'fp32', 'STRING'].map(
    (type): Case => [24, type, infer('H', x([1, 2, 5], [3, 1], { datatype: type })), 400, type, 'FP32'],
  ),
  [25, 'other rank', infer('H', x([1, 2, 5], [3])), 400, '[3]', '[?,1]'],
  [25, 'other size', infer('H', x([1, 2, 3, 4, 5, 6], [3, 2])), 400, '[3,2]', '[?,1]'],
  ...[
    [-1, 1],
    ['1', 1],
    [2 ** 32, 2 ** 32, 2 ** 32, 1],
  ].map((shape): Case => [26, `shape ${shape}`, infer('H', x([1], shape)), 400]),
  [26, 'shape 1.0', infer('H', '{"inputs":[{"name":"x","shape":[1.0,1],"datatype":"FP32","data":[1]}]}'), 400, 'shape'],
  ...['{"inputs":[', '', '[]', '{}', '{"inputs":{}}', `${text}x`].map(
    (body): Case => [27, `body ${body.slice(0, 12)}`, infer('H', body), 400],
  ),
  [
    28,
    'deep nesting',
    infer('H', `{"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":${'['.repeat(100_000)}`),
    400,
  ],
  [
    29,
    'unknown members and any order',
    infer(
      'H',
      `{"model_name":"other","z":[{}],"inputs":[{"data":[[1],[2],[5]],"q":{"r":[null]},"shape":[3,1],"datatype":"FP32","name":"x"}],"parameters":{}}`,
    ),
    200,
    '"model_name":"H"',
    right,
  ],
  [
    30,
    'int64',
    identity('int64', 'INT64', '[9223372036854775807,-9223372036854775808,9007199254740993]', 3),
    200,
    '[9223372036854775807,-9223372036854775808,9007199254740993]',
  ],
  [31, 'uint64', identity('uint64', 'UINT64', '[18446744073709551615]', 1), 200, '[18446744073709551615]'],
  ...['[256]', '[-1]', '[1.0]', '["1"]', '[true]', '[null]'].map(
    (data): Case => [32, `uint8 ${data}`, identity('uint8', 'UINT8', data, 1), 400, 'element 0'],
  ),
  [33, 'bool', identity('bool', 'BOOL', '[true,false]', 2), 200, '[true,false]'],
  [33, 'bool of a number', identity('bool', 'BOOL', '[1]', 1), 400, 'element 0'],
  [
    34,
    'floats',
    identity('float', 'FP32', '[NaN,Infinity,-Infinity,-0.0,0.1]', 5),
    200,
    '[NaN,Infinity,-Infinity,-0.0,0.1]',
  ],
  [35, 'half', identity('half', 'FP16', '[1.5,0.1]', 2), 200, '[1.5,0.1]'],
  [35, 'bfloat16', identity('bfloat16', 'BF16', '[1.5,0.1]', 2), 200, '[1.5,0.1]'],
  [36, 'strings', identity('string', 'BYTES', '["","é😀","a\\u0000b"]', 3), 200, '["","é😀","a\\u0000b"]'],
  [37, 'bytes that are not text', blob([{ name: 'out_bytes' }]), 400, 'out_bytes', 'binary_data'],
  [
    38,
    'base64 out',
    blob([{ name: 'out_bytes', parameters: { content_type: 'base64' } }]),
    200,
    '"content_type":"base64"',
    '["/wD+"]',
  ],
  [39, 'base64 in', base64('/wD+'), 200, '"data":[3]'],
  [39, 'wrong base64', base64('%'), 400, 'element 0'],
  [40, 'scalar in a list', scalar({ shape: [], data: [3] }), 200, '"shape":[],"data":[1.5]'],
  [40, 'scalar', scalar({ shape: [], data: 3 }), 200, '"shape":[],"data":[1.5]'],
  [40, 'vector for a scalar', scalar({ shape: [1], data: [3] }), 400, '[1]'],
  [41, 'no rows', infer('H', x([], [0, 1])), 200, '"shape":[0,1],"data":[]'],
  [42, 'binary in and out', binary('H', { inputs: [bin], ...outBinary }, [floats]), 200, halves],
  [43, 'binary in', binary('H', { inputs: [bin] }, [floats]), 200, right],
  [43, 'binary out', infer('H', { ...x([1, 2, 5]), ...outBinary }), 200, halves],
  [
    43,
    'binary beside JSON',
    binary('M', { inputs: [{ ...a, data: undefined, parameters: { binary_data_size: 12 } }, b] }, [floats]),
    200,
    '"data":[12.0]',
  ],
  [44, 'all binary', m({ parameters: { binary_data_output: true } }), 200, /binary_data_size.*binary_data_size/s],
  [
    44,
    'all but one binary',
    m({
      parameters: { binary_data_output: true },
      outputs: [{ name: 'sum', parameters: { binary_data: false } }, { name: 'twice' }],
    }),
    200,
    /"sum"[^}]*"data".*"twice".*binary_data_size/s,
  ],
  [45, 'header of pure JSON', infer('H', text, { [LENGTH]: String(text.length) }), 200, right],
  [45, 'a byte too many', binary('H', { inputs: [bin] }, [floats, Uint8Array.of(0)]), 400, '1 bytes'],
  [45, 'a byte too few', binary('H', { inputs: [bin] }, [floats.subarray(1)]), 400, '1 of its 12'],
  ...['9999', '-1', 'abc'].map((value): Case => [45, `header ${value}`, header(value), 400, LENGTH]),
  [45, 'no header', infer('H', JSON.stringify({ inputs: [bin] }) + floats.toString('latin1')), 400],
  [46, 'data and size', binary('H', { inputs: [{ ...bin, data: [1, 2, 5] }] }, [floats]), 400, 'both'],
  [46, 'neither', infer('H', { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32' }] }), 400, 'neither'],
  [
    47,
    'size against shape',
    binary('H', { inputs: [{ ...bin, parameters: { binary_data_size: 8 } }] }, [floats.subarray(4)]),
    400,
    '12',
    '8',
  ],
  [
    48,
    'cut element',
    blob([], Uint8Array.of(3, 0, 0, 0, 0x61), { ...img, parameters: { binary_data_size: 5 } }),
    400,
    'element 0',
  ],
  [48, 'two elements for one', blob([], elements('a', 'b'), { ...img, parameters: { binary_data_size: 10 } }), 400],
  [49, 'odd offset', binary('D', oddOffset(), [bytesOf(BigInt64Array.of(-5n))]), 200, '[-5]'],
  [50, 'raw', raw('H', floats), 200, halves],
  [50, 'raw of another size', raw('H', floats.subarray(2)), 400],
  [50, 'raw for two inputs', raw('M', floats), 400, 'one input'],
  [51, 'gzip', request('POST', '/v2/models/H/infer', gzipSync(text), { 'Content-Encoding': 'gzip' }), 200, right],
  [
    51,
    'deflate',
    request('POST', '/v2/models/H/infer', deflateSync(text), { 'Content-Encoding': 'deflate' }),
    200,
    right,
  ],
  [51, 'br', infer('H', text, { 'Content-Encoding': 'br' }), 415],
  [51, 'broken gzip', infer('H', text, { 'Content-Encoding': 'gzip' }), 400],
  [
    51,
    'gzip beyond the limit',
    request('POST', '/v2/models/H/infer', gzipSync(Buffer.alloc(50_000_000)), { 'Content-Encoding': 'gzip' }),
    413,
  ],
  [53, 'signature', scalar({ shape: [], data: [3] }), 200, 'half'],
  [53, 'unknown signature', m({ parameters: { signature_name: 'nope' } }), 400, 'nope', 'scalar', 'blob'],
  [53, 'signature of a number', m({ parameters: { signature_name: 5 } }), 400, 'signature_name'],
  [53, 'metadata of a signature', get('/v2/models/M?signature_name=blob'), 200, 'img', 'out_bytes', 'len'],
  [54, 'complex', identity('complex64', 'FP32', '[1]', 1), 501, 'x', 'DT_COMPLEX64'],
];

for (const [number, name, ask, status, ...parts] of cases) {
  it(`case ${number}: ${name}`, async () => {
    const answer = await ask();
    expect([answer.status, answer.text]).toEqual([status, expect.anything()]);
    for (const part of parts) {
      if (typeof part === 'string') expect(answer.text).toContain(part);
      else expect(answer.text).toMatch(part);
    }
    checkShape(number, answer);
  });
}

it.each([
  ['gzip', 'gzip'],
  ['deflate, gzip;q=0.5', 'deflate'],
  ['br', undefined],
  ['gzip;q=0', undefined],
])('case 52: Accept-Encoding %s', async (accept, encoding) => {
  const plain = await server.inferBinary('H', { inputs: [bin], ...outBinary }, [floats]);
  const answer = await server.inferBinary('H', { inputs: [bin], ...outBinary }, [floats], {
    'Accept-Encoding': accept,
  });
  expect([answer.status, answer.headers['content-encoding']]).toEqual([200, encoding]);
  const name = LENGTH.toLowerCase();
  expect(answer.headers[name]).toBe(plain.headers[name]);
});

it('has each case from 1 to 54', () => {
  const numbers = new Set([...cases.map(([number]) => number), 52]);
  expect([...numbers].sort((left, right) => left - right)).toEqual(Array.from({ length: 54 }, (_, i) => i + 1));
});

/** JSON of an odd length, so that the tensor behind it stands at an odd offset. */
function oddOffset(): string {
  const json = JSON.stringify({
    parameters: { signature_name: 'id_int64' },
    inputs: [{ name: 'x', shape: [1], datatype: 'INT64', parameters: { binary_data_size: 8 } }],
  });
  return json.length % 2 === 1 ? json : `${json} `;
}

/** Every answer in JSON has the shape that the protocol describes. */
function checkShape(number: number, { status, headers, bytes }: Answer): void {
  const length = headers[LENGTH.toLowerCase()];
  const json = bytes.subarray(0, length === undefined ? bytes.length : Number(length)).toString();
  if (json === '') return;
  if (length === undefined) expect(headers['content-type']).toBe('application/json');
  else expect(headers['content-type']).toBe('application/octet-stream');
  if (status === 405) expect(headers.allow).toBeDefined();
  if (status === 415) expect(headers['accept-encoding']).toBe('gzip, deflate');
  // Bare NaN and Infinity are beyond JSON's grammar.
  const value: unknown = JSON.parse(json.replace(/-?\b(?:NaN|Infinity)\b/g, '0'));
  expect(schemaOf(number, status).safeParse(value).error?.issues ?? []).toEqual([]);
}

function schemaOf(number: number, status: number): ZodType {
  if (status !== 200) return errorAnswer;
  if (number === 1 || number === 8) return readinessAnswer;
  if (number === 4) return serverAnswer;
  return number === 6 || number === 7 ? modelAnswer : inferAnswer.or(modelAnswer);
}
