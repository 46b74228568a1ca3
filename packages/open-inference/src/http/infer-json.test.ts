import type { FakeServable } from '@serving/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProtocolServer, x } from '../protocol-server.test-support.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.close());

const a = { name: 'a', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] };
const b = { name: 'b', shape: [1], datatype: 'INT32', data: [4] };
const y = (data: unknown) => ({ outputs: [{ name: 'y', datatype: 'FP32', shape: [3, 1], data }] });
const halfOf125 = { model_name: 'H', model_version: '124', ...y([2.5, 3, 4.5]) };

async function answerOf(model: string, body: unknown) {
  const { status, text } = await server.infer(model, body);
  return { status, ...JSON.parse(text) };
}

describe('a request for half plus two', () => {
  it.each([
    ['rows', x([[1], [2], [5]])],
    ['a flat list', x([1, 2, 5])],
    ['another rectangle', x([[1, 2, 5]])],
    ['members in another order', { inputs: [{ data: [1, 2, 5], datatype: 'FP32', shape: [3, 1], name: 'x' }] }],
    ['parameters behind the inputs', { ...x([1, 2, 5]), parameters: { custom: 1, other: 'a', third: true } }],
    [
      'unknown members everywhere',
      { model_name: 'other', z: [{}], outputs: [{ name: 'y', z: null }], ...x([1, 2, 5], [3, 1], { z: { a: [1] } }) },
    ],
    ['sequence parameters', { ...x([1, 2, 5]), parameters: { sequence_id: 7, sequence_start: true, priority: 1 } }],
    ['empty outputs', { ...x([1, 2, 5]), outputs: [] }],
    ['reserved headers', { ...x([1, 2, 5]), parameters: { headers: { a: ['b'] }, timeout: 0 } }],
  ])('is answered for %s', async (_, body) => {
    expect(await answerOf('H', body)).toEqual({ status: 200, ...halfOf125 });
  });

  it.each([
    [
      'white space',
      '{ "inputs" :\t[ {"name":"x" ,"shape":[ 3 , 1 ],"datatype":"FP32","data":[ 1 , 2.0e0,\n5 ]} ] }\r\n',
    ],
    ['a member twice', '{"inputs":[{"name":"z","name":"x","shape":[3,1],"datatype":"FP32","data":[1,2,5]}]}'],
    ['escapes', '{"\\u0069nputs":[{"name":"\\u0078","shape":[3,1],"datatype":"FP32","data":[1,2,5]}]}'],
  ])('is answered for %s', async (_, body) => {
    expect(await answerOf('H', body)).toEqual({ status: 200, ...halfOf125 });
  });

  it.each([
    ['r-1', 'r-1'],
    ['', undefined],
    ['é😀"\\', 'é😀"\\'],
  ])('returns the id %j', async (id, expected) => {
    expect((await answerOf('H', { id, ...x([1, 2, 5]) })).id).toBe(expected);
  });

  it.each([
    ['H/versions/123', '123'],
    ['H/versions/0123', '123'],
    ['H/versions/canary', '124'],
    ['H', '124'],
  ])('names the version that ran for %s', async (model, version) => {
    expect(await answerOf(model, x([1, 2, 5]))).toMatchObject({ model_name: 'H', model_version: version });
  });

  it.each([
    [[0, 1], [[]]],
    [[0, 1], []],
    [
      [0, 1],
      [[], []],
    ],
  ])('is answered for no rows of shape %j as %j', async (shape, data) => {
    const answer = await answerOf('H', x(data, shape));
    expect(answer.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [0, 1], data: [] }]);
  });

  it.each<[string, unknown, string]>([
    ['ragged lists', x([[1, 2], [5]]), 'ragged: lists at depth 1 have 2 and 1 items'],
    ['a list among elements', x([1, [2], 5]), 'ragged'],
    ['an element among lists', x([[1], 2, [5]]), 'ragged'],
    ['too few elements', x([1, 2]), 'shape [3,1] has 3 elements, but "data" has 2'],
    ['too many elements', x([1, 2, 3, 4]), 'shape [3,1] has 3 elements, but "data" has 4'],
    ['an id that is not a string', { id: 5, ...x([1, 2, 5]) }, '"id" must be a string (got 5)'],
    ['an unknown output', { ...x([1, 2, 5]), outputs: [{ name: 'nope' }] }, 'Unknown output "nope"'],
    ['an output twice', { ...x([1, 2, 5]), outputs: [{ name: 'y' }, { name: 'y' }] }, 'Output "y" is requested twice'],
    ['no inputs', { inputs: [] }, 'Input "x" is missing'],
    [
      'an unknown input',
      { inputs: [{ ...a, name: 'z' }] },
      'Unknown input "z"; signature "serving_default" of model "H" expects "x"',
    ],
    [
      'FP64',
      x([1, 2, 5], [3, 1], { datatype: 'FP64' }),
      'has datatype FP64; signature "serving_default" of model "H" expects FP32',
    ],
    ['INT32', x([1, 2, 5], [3, 1], { datatype: 'INT32' }), 'expects FP32'],
    ['fp32', x([1, 2, 5], [3, 1], { datatype: 'fp32' }), 'must be one of BOOL'],
    ['STRING', x([1, 2, 5], [3, 1], { datatype: 'STRING' }), '(got "STRING")'],
    ['one dimension', x([1, 2, 5], [3]), 'has shape [3]; signature "serving_default" of model "H" expects [?,1]'],
    ['another size', x([1, 2, 3, 4, 5, 6], [3, 2]), 'has shape [3,2]'],
    ['a negative dimension', x([1], [-1, 1]), '"shape"[0] must be an integer of at least 0 (got -1)'],
    ['a fraction as dimension', '{"inputs":[{"name":"x","shape":[1.0,1],"datatype":"FP32","data":[1]}]}', '(got 1.0)'],
    ['a string as dimension', x([1], ['1', 1]), '(got "1")'],
    ['null as dimension', x([1], [null, 1]), '(got null)'],
    ['a product beyond limits', x([1], [4294967296, 4294967296, 4294967296, 1]), 'a tensor holds fewer than 2^31'],
    ['null', x([null, 1, 2]), 'element 0 is null; FP32 takes numbers'],
    ['a string', x([1, '1', 2]), 'element 1 is "1"; FP32 takes numbers'],
    ['a scalar for a vector', x(1, [1, 1]), '"data" must be an array (got 1)'],
    [
      'data and binary_data_size',
      x([1], [1, 1], { parameters: { binary_data_size: 4 } }),
      'both "data" and "binary_data_size"',
    ],
    ['neither', { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32' }] }, 'neither "data" nor "binary_data_size"'],
    [
      'shared memory',
      { inputs: [{ name: 'x', shape: [1, 1], datatype: 'FP32', parameters: { shared_memory_region: 'r' } }] },
      'not supported',
    ],
    [
      'a priority that is a string',
      { ...x([1, 2, 5]), parameters: { priority: 'a' } },
      '"priority" must be an integer',
    ],
    ['a negative timeout', { ...x([1, 2, 5]), parameters: { timeout: -1 } }, '"timeout" must be an integer'],
    ['a sequence without an id', { ...x([1, 2, 5]), parameters: { sequence_start: true } }, 'needs a "sequence_id"'],
    [
      'a parameter that is null',
      { ...x([1, 2, 5]), parameters: { custom: null } },
      'must be a string, a number, true or false',
    ],
    [
      'binary_data that is a number',
      { ...x([1, 2, 5]), outputs: [{ name: 'y', parameters: { binary_data: 1 } }] },
      '"binary_data" must be a boolean',
    ],
    ['half a request', '{"inputs":[', 'JSON Parse error'],
    ['an empty body', '', 'no JSON'],
    ['a list', '[]', 'must be an object'],
    ['an empty object', '{}', '"inputs" is missing'],
    ['inputs that are an object', '{"inputs":{}}', '"inputs" must be an array (got an object)'],
    ['text behind the request', `${JSON.stringify(x([1, 2, 5]))}x`, 'behind the request'],
    ['a byte order mark', `\ufeff${JSON.stringify(x([1, 2, 5]))}`, 'byte order mark'],
    [
      'half a surrogate pair in a name',
      '{"inputs":[{"name":"\\udc00","shape":[],"datatype":"FP32","data":[1]}]}',
      'surrogate',
    ],
    [
      '100,000 brackets',
      `{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":${'['.repeat(100_000)}`,
      'JSON Parse error',
    ],
    [
      'closed brackets',
      `{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`,
      'more than 100 lists',
    ],
  ])('is refused for %s', async (_, body, error) => {
    const answer = await answerOf('H', body);
    expect(answer).toEqual({ status: 400, error: expect.stringContaining(error) });
  });

  it.each<[string, number, string]>([
    ['none', 404, 'Unknown model "none"'],
    ['H/versions/007', 404, 'no version 7'],
    ['H/versions/nope', 404, 'no version label "nope"'],
  ])('is refused for the model %s', async (model, status, error) => {
    expect(await answerOf(model, x([1, 2, 5]))).toEqual({ status, error: expect.stringContaining(error) });
  });
});

describe('a request for several inputs and outputs', () => {
  const sum = { name: 'sum', datatype: 'FP32', shape: [1], data: [10] };
  const twice = { name: 'twice', datatype: 'FP32', shape: [1], data: [20] };

  it.each([
    [[{ name: 'sum' }], [sum]],
    [
      [{ name: 'twice' }, { name: 'sum' }],
      [twice, sum],
    ],
    [[], [sum, twice]],
    [undefined, [sum, twice]],
  ])('for outputs %j', async (outputs, expected) => {
    expect((await answerOf('M', { inputs: [b, a], outputs })).outputs).toEqual(expected);
  });

  it('computes what is requested, and nothing else', async () => {
    const handle = server.server.getServableHandle({ model: 'M' });
    handle.release();
    await answerOf('M', { inputs: [a, b], outputs: [{ name: 'sum' }] });
    expect((handle.servable as FakeServable).calls.at(-1)!.options).toMatchObject({ outputs: ['sum'] });
  });

  it.each([
    [[a], 'Input "b" is missing; signature "serving_default" of model "M" expects "a", "b"'],
    [[], 'Inputs "a", "b" are missing'],
    [[a, a, b], 'Input "a" is given twice'],
  ])('is refused for inputs %#', async (inputs, error) => {
    expect(await answerOf('M', { inputs })).toEqual({ status: 400, error: expect.stringContaining(error) });
  });
});

describe('a request for a signature', () => {
  const s = (shape: readonly number[], data: unknown) => ({
    parameters: { signature_name: 'scalar' },
    inputs: [{ name: 's', shape, datatype: 'FP32', data }],
  });

  it.each([[[3]], [3], [[[3]]]])('takes the scalar %j', async (data) => {
    expect((await answerOf('M', s([], data))).outputs).toEqual([
      { name: 'half', datatype: 'FP32', shape: [], data: [1.5] },
    ]);
  });

  it('refuses a vector for a scalar', async () => {
    expect(await answerOf('M', s([1], [3]))).toMatchObject({
      status: 400,
      error: expect.stringContaining('expects []'),
    });
  });

  it.each([
    ['nope', 400, 'has no signature "nope" (signatures: "blob", "boom", "scalar", "serving_default")'],
    [5, 400, '"signature_name" must be a string (got 5)'],
    ['boom', 500, 'boom'],
  ])('fails for %j', async (signature_name, status, error) => {
    const request = { parameters: { signature_name }, ...x([1], [1, 1]) };
    expect(await answerOf('M', request)).toEqual({ status, error: expect.stringContaining(error) });
  });

  it('takes the signature of the query, too', async () => {
    const { inputs } = s([], 3);
    const { text } = await server.send('POST', '/v2/models/M/infer?signature_name=scalar', JSON.stringify({ inputs }));
    expect(JSON.parse(text).outputs[0].data).toEqual([1.5]);
  });
});

describe('the data types', () => {
  const request = (type: string, datatype: string, data: string, count: number, more = '') =>
    `{"parameters":{"signature_name":"id_${type}"},"inputs":[{"name":"x","shape":[${count}],"datatype":"${datatype}","data":${data}${more}}]}`;
  const dataIn = (text: string) => /"data":(.*)}]}$/s.exec(text)?.[1];

  it.each([
    ['int64', 'INT64', '[9223372036854775807,-9223372036854775808,9007199254740993]', 3],
    ['uint64', 'UINT64', '[18446744073709551615,0]', 2],
    ['uint32', 'UINT32', '[4294967295,0]', 2],
    ['int32', 'INT32', '[2147483647,-2147483648]', 2],
    ['int16', 'INT16', '[32767,-32768]', 2],
    ['uint16', 'UINT16', '[65535,0]', 2],
    ['int8', 'INT8', '[127,-128]', 2],
    ['uint8', 'UINT8', '[255,0]', 2],
    ['qint8', 'INT8', '[127,-128]', 2],
    ['quint16', 'UINT16', '[65535]', 1],
    ['bool', 'BOOL', '[true,false]', 2],
    ['float', 'FP32', '[NaN,Infinity,-Infinity,-0.0,0.1]', 5],
    ['double', 'FP64', '[0.1,1e+300,-0.0]', 3],
    ['half', 'FP16', '[1.5,0.1,65500,NaN,-Infinity,-0.0,6e-8]', 7],
    ['bfloat16', 'BF16', '[1.5,0.1]', 2],
    ['string', 'BYTES', '["","é😀","a\\u0000b","\\"\\\\"]', 4],
  ])('returns %s as it came', async (type, datatype, data, count) => {
    const { status, text } = await server.infer('D', request(type, datatype, data, count));
    expect([status, dataIn(text)]).toEqual([200, data]);
  });

  it.each([
    ['uint8', 'UINT8', '[256]', 'element 0 is 256; UINT8 takes integers from 0 to 255'],
    ['uint8', 'UINT8', '[-1]', 'element 0 is -1'],
    ['uint8', 'UINT8', '[1.0]', 'element 0 is 1.0'],
    ['uint8', 'UINT8', '["1"]', 'element 0 is "1"'],
    ['uint8', 'UINT8', '[true]', 'element 0 is true'],
    ['uint8', 'UINT8', '[null]', 'element 0 is null'],
    ['int32', 'INT32', '[2147483648]', 'element 0 is 2147483648'],
    ['int64', 'INT64', '[9223372036854775808]', 'INT64 takes integers from -9223372036854775808'],
    ['uint64', 'UINT64', '[-1]', 'element 0 is -1'],
    ['bool', 'BOOL', '[1]', 'element 0 is 1; BOOL takes true and false'],
    ['string', 'BYTES', '[{"b64":"aGk="}]', 'element 0 is an object; BYTES takes strings'],
    ['string', 'BYTES', '[null]', 'element 0 is null'],
    ['string', 'BYTES', '["\\udc00"]', 'half of a surrogate pair'],
    ['string', 'BYTES', '["a"],"parameters":{"content_type":"base64"}', 'element 0 is not base64 (got "a")'],
    ['float', 'FP32', '[[[1]]', 'JSON Parse error'],
  ])('refuses %s %s %s', async (type, datatype, data, error) => {
    const { status, text } = await server.infer('D', request(type, datatype, data, 1));
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toContain(error);
  });

  it('has no complex numbers, but the other signatures of such a model', async () => {
    const { status, text } = await server.infer('D', request('complex64', 'FP32', '[1]', 1));
    expect([status, JSON.parse(text).error]).toEqual([501, expect.stringMatching(/"x" is of type DT_COMPLEX64/)]);
    expect((await server.infer('D', request('float', 'FP32', '[1]', 1))).status).toBe(200);
  });

  it('takes and returns base64', async () => {
    const { text } = await server.infer('M', {
      parameters: { signature_name: 'blob' },
      inputs: [{ name: 'img', shape: [1], datatype: 'BYTES', data: ['/wD+'], parameters: { content_type: 'base64' } }],
      outputs: [{ name: 'out_bytes', parameters: { content_type: 'base64' } }, { name: 'len' }],
    });
    expect(JSON.parse(text).outputs).toEqual([
      { name: 'out_bytes', datatype: 'BYTES', shape: [1], parameters: { content_type: 'base64' }, data: ['/wD+'] },
      { name: 'len', datatype: 'INT32', shape: [1], data: [3] },
    ]);
  });

  it('says how to ask for BYTES that are not UTF-8', async () => {
    const { status, text } = await server.infer('M', {
      parameters: { signature_name: 'blob' },
      inputs: [{ name: 'img', shape: [1], datatype: 'BYTES', data: ['/wD+'], parameters: { content_type: 'base64' } }],
    });
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatch(/"out_bytes".*"binary_data": true/);
  });

  it('reads and writes large tensors in slices', async () => {
    const count = 300_000;
    const data = `[${Array.from({ length: count }, (_, i) => i).join(',')}]`;
    const { text } = await server.infer('D', request('int64', 'INT64', data, count));
    expect(dataIn(text)).toBe(data);
    const strings = `[${Array.from({ length: 100_000 }, (_, i) => `"${i}é"`).join(',')}]`;
    const answered = await server.infer('D', request('string', 'BYTES', strings, 100_000));
    expect(dataIn(answered.text)).toBe(strings);
    const exact = await server.infer('D', request('int64', 'INT64', data, count, ',"z":null'));
    expect(dataIn(exact.text)).toBe(data);
  });
});
