import { deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, bytesOf, elements, ProtocolServer, x } from '../protocol-server.test-support.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start({ rest: { maxBodyBytes: 1024 * 1024, maxResponseBytes: 512 * 1024 } });
});
afterAll(() => server.close());

const threeRows = bytesOf(Float32Array.of(1, 2, 5));
const answer = bytesOf(Float32Array.of(2.5, 3, 4.5));
const binaryX = (size = 12, shape = [3, 1]) => ({
  inputs: [{ name: 'x', shape, datatype: 'FP32', parameters: { binary_data_size: size } }],
});
const binaryY = { outputs: [{ name: 'y', parameters: { binary_data: true } }] };
const HEADER = 'Inference-Header-Content-Length';

/** The JSON of an answer, and the bytes behind it. */
function partsOf({ headers, bytes }: Answer): { readonly json: unknown; readonly tail: Buffer } {
  const length = Number(headers['inference-header-content-length'] ?? bytes.length);
  return { json: JSON.parse(bytes.subarray(0, length).toString()), tail: bytes.subarray(length) };
}

const errorOf = ({ status, text }: Answer) => [status, JSON.parse(text).error];

describe('binary tensors', () => {
  it('come behind the JSON in both directions', async () => {
    const answered = await server.inferBinary('H', { id: '7', ...binaryX(), ...binaryY }, [threeRows]);
    const expected = Buffer.from(
      '{"model_name":"H","model_version":"124","id":"7","outputs":[{"name":"y","datatype":"FP32","shape":[3,1],"parameters":{"binary_data_size":12}}]}',
    );
    expect(answered.headers['content-type']).toBe('application/octet-stream');
    expect(answered.headers['inference-header-content-length']).toBe(String(expected.length));
    expect(answered.headers['content-length']).toBe(String(expected.length + 12));
    expect(answered.bytes.equals(Buffer.concat([expected, answer]))).toBe(true);
  });

  it('come in one direction alone', async () => {
    const { headers, text } = await server.inferBinary('H', binaryX(), [threeRows]);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['inference-header-content-length']).toBeUndefined();
    expect(JSON.parse(text).outputs[0].data).toEqual([2.5, 3, 4.5]);
    expect(partsOf(await server.infer('H', { ...x([1, 2, 5]), ...binaryY })).tail).toEqual(answer);
  });

  it('stand beside tensors in JSON', async () => {
    const inputs = [
      { name: 'a', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } },
      { name: 'b', shape: [1], datatype: 'INT32', data: [4] },
    ];
    const outputs = [{ name: 'twice' }, { name: 'sum', parameters: { binary_data: true } }];
    const { json, tail } = partsOf(
      await server.inferBinary('M', { inputs, outputs }, [bytesOf(Float32Array.of(1, 2, 3))]),
    );
    expect(json).toMatchObject({ outputs: [{ name: 'twice', data: [20] }, { parameters: { binary_data_size: 4 } }] });
    expect(tail).toEqual(bytesOf(Float32Array.of(10)));
  });

  it.each([
    [undefined, ['twice', 'sum']],
    [[{ name: 'sum' }], ['sum']],
    [[{ name: 'sum', parameters: { binary_data: false } }, { name: 'twice' }], ['twice']],
  ])('are all outputs that do not say otherwise for binary_data_output: %j', async (outputs, binary) => {
    const inputs = [
      { name: 'a', shape: [1, 3], datatype: 'FP32', data: [1, 2, 3] },
      { name: 'b', shape: [1], datatype: 'INT32', data: [4] },
    ];
    const answered = await server.infer('M', { inputs, outputs, parameters: { binary_data_output: true } });
    const { json } = partsOf(answered) as { json: { outputs: { name: string; parameters?: object }[] } };
    const found = json.outputs.filter(({ parameters }) => parameters !== undefined).map(({ name }) => name);
    expect(found.sort()).toEqual([...binary].sort());
  });

  it.each([
    ['half', 'FP16', Buffer.from('003e00c0ff7b', 'hex'), 3],
    ['bfloat16', 'BF16', Buffer.from('c03f', 'hex'), 1],
    ['bool', 'BOOL', Buffer.from([0, 1, 1]), 3],
    ['int64', 'INT64', bytesOf(BigInt64Array.of(2n ** 62n + 1n, -1n)), 2],
    ['uint8', 'UINT8', Buffer.from([255, 0]), 2],
    ['qint8', 'INT8', Buffer.from([255, 0]), 2],
    ['string', 'BYTES', elements('', new Uint8Array([0xff, 0, 0xfe]), 'é'), 3],
  ])('of %s keep their bytes', async (type, datatype, bytes, count) => {
    const inputs = [{ name: 'x', shape: [count], datatype, parameters: { binary_data_size: bytes.length } }];
    const parameters = { signature_name: `id_${type}`, binary_data_output: true };
    expect(partsOf(await server.inferBinary('D', { inputs, parameters }, [bytes])).tail).toEqual(bytes);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])('may begin at any offset: %i bytes further', async (more) => {
    const bytes = bytesOf(BigInt64Array.of(1n, 2n ** 60n));
    const inputs = [{ name: 'x', shape: [2], datatype: 'INT64', parameters: { binary_data_size: 16 } }];
    const parameters = { signature_name: 'id_int64', binary_data_output: true };
    const json = JSON.stringify({ inputs, parameters }) + ' '.repeat(more);
    expect(partsOf(await server.inferBinary('D', json, [bytes])).tail).toEqual(bytes);
  });

  it('may have no bytes', async () => {
    const { json, tail } = partsOf(await server.inferBinary('H', { ...binaryX(0, [0, 1]), ...binaryY }, []));
    expect(json).toMatchObject({ outputs: [{ shape: [0, 1], parameters: { binary_data_size: 0 } }] });
    expect(tail).toHaveLength(0);
    expect((await server.infer('H', binaryX(0, [0, 1]))).status).toBe(200);
  });

  it('read any byte but 0 as true', async () => {
    const inputs = [{ name: 'x', shape: [2], datatype: 'BOOL', parameters: { binary_data_size: 2 } }];
    const { text } = await server.inferBinary('D', { inputs, parameters: { signature_name: 'id_bool' } }, [
      Buffer.from([0, 7]),
    ]);
    expect(JSON.parse(text).outputs[0].data).toEqual([false, true]);
  });

  it('are refused where the header or the sizes are wrong', async () => {
    const json = JSON.stringify(binaryX());
    const send = (header: string | undefined, body: Uint8Array) =>
      server.send('POST', '/v2/models/H/infer', body, header === undefined ? {} : { [HEADER]: header });
    const body = Buffer.concat([Buffer.from(json), threeRows]);
    const length = String(json.length);
    expect(errorOf(await send(length, Buffer.concat([body, Buffer.from('a')])))).toEqual([
      400,
      expect.stringContaining('1 bytes are left'),
    ]);
    expect(errorOf(await send(length, body.subarray(0, -1)))).toEqual([
      400,
      expect.stringContaining('1 of its 12 bytes are missing'),
    ]);
    for (const header of ['9999', '-1', 'abc', '1e2', '99999999999999999999']) {
      expect(errorOf(await send(header, body))).toEqual([400, expect.stringContaining(`${HEADER} must be`)]);
    }
    expect(errorOf(await send(undefined, body))).toEqual([400, expect.any(String)]);
    expect(errorOf(await send(undefined, Buffer.from(json)))).toEqual([
      400,
      expect.stringContaining('missing the header'),
    ]);
    expect(errorOf(await send(length, Buffer.from(json)))).toEqual([
      400,
      expect.stringContaining('12 of its 12 bytes'),
    ]);
    const short = binaryX(8);
    expect(errorOf(await server.inferBinary('H', short, [threeRows.subarray(0, 8)]))).toEqual([
      400,
      expect.stringMatching(/has 12 bytes, but 8/),
    ]);
    expect(
      (await send(String(JSON.stringify(x([1, 2, 5])).length), Buffer.from(JSON.stringify(x([1, 2, 5]))))).status,
    ).toBe(200);
  });

  it.each([
    ['a cut element', Buffer.from('0300000061', 'hex'), 1, 'element 0 has a length of 3 bytes, but only 1'],
    ['a cut length', Buffer.from('010000006101', 'hex'), 1, '1 bytes are left behind them'],
    ['two elements for one', elements('a', 'b'), 1, '5 bytes are left behind them'],
    ['one element for two', elements('abcde'), 2, 'is missing its length'],
    ['a large count', elements('a'), 2_000_000_000, 'hold at most 1'],
  ])('of BYTES are refused for %s', async (_, bytes, count, error) => {
    const inputs = [{ name: 'x', shape: [count], datatype: 'BYTES', parameters: { binary_data_size: bytes.length } }];
    const answered = await server.inferBinary('D', { inputs, parameters: { signature_name: 'id_string' } }, [bytes]);
    expect(errorOf(answered)).toEqual([400, expect.stringContaining(error)]);
  });

  it('are not larger than an answer may be', async () => {
    const inputs = [{ name: 'x', shape: [600_000], datatype: 'UINT8', parameters: { binary_data_size: 600_000 } }];
    const parameters = { signature_name: 'id_uint8', binary_data_output: true };
    const answered = await server.inferBinary('D', { inputs, parameters }, [Buffer.alloc(600_000)]);
    expect(errorOf(answered)).toEqual([400, expect.stringContaining('larger than 524288 bytes')]);
  });
});

describe('a request without JSON', () => {
  const send = (path: string, body: Uint8Array) => server.send('POST', path, body, { [HEADER]: '0' });

  it('is the one input, and is answered in binary', async () => {
    const { json, tail } = partsOf(await send('/v2/models/H/infer', threeRows));
    expect(json).toMatchObject({ outputs: [{ name: 'y', shape: [3, 1] }] });
    expect(tail).toEqual(answer);
    expect(partsOf(await send('/v2/models/H/infer', Buffer.alloc(0))).json).toMatchObject({
      outputs: [{ shape: [0, 1] }],
    });
  });

  it('is one element of BYTES', async () => {
    const { json, tail } = partsOf(await send('/v2/models/M/infer?signature_name=blob', Buffer.from('abc')));
    expect(json).toMatchObject({
      outputs: [
        { name: 'len', shape: [1] },
        { name: 'out_bytes', shape: [1] },
      ],
    });
    expect(tail).toEqual(Buffer.concat([bytesOf(Int32Array.of(3)), elements('abc')]));
  });

  it.each([
    ['H', 10, '10 bytes are not FP32 of shape [-1,1]'],
    ['M', 12, 'signature "serving_default" has 2'],
    ['M/versions/1', 12, 'has 2'],
  ])('is refused for %s and %i bytes', async (model, size, error) => {
    expect(errorOf(await send(`/v2/models/${model}/infer`, Buffer.alloc(size)))).toEqual([
      400,
      expect.stringContaining(error),
    ]);
  });

  it('takes a scalar of exactly one element', async () => {
    const path = '/v2/models/M/infer?signature_name=scalar';
    expect(partsOf(await send(path, bytesOf(Float32Array.of(3)))).tail).toEqual(bytesOf(Float32Array.of(1.5)));
    expect((await send(path, Buffer.alloc(8))).status).toBe(400);
  });
});

describe('compression', () => {
  const json = Buffer.from(JSON.stringify({ ...binaryX(), ...binaryY }));
  const plain = Buffer.concat([json, threeRows]);
  const send = (body: Uint8Array, headers: Readonly<Record<string, string>>) =>
    server.send('POST', '/v2/models/H/infer', body, { [HEADER]: String(json.length), ...headers });

  it.each([
    ['gzip', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['identity', plain],
    ['', plain],
  ])('of a request by "%s" is taken', async (encoding, body) => {
    expect(partsOf(await send(body, { 'Content-Encoding': encoding })).tail).toEqual(answer);
  });

  it('of a request by anything else is refused', async () => {
    const answered = await send(plain, { 'Content-Encoding': 'br' });
    expect(answered.headers['accept-encoding']).toBe('gzip, deflate');
    expect(errorOf(answered)).toEqual([415, expect.stringContaining('(got "br")')]);
  });

  it('of a request may be broken, or too large', async () => {
    expect((await send(gzipSync(plain).subarray(0, -9), { 'Content-Encoding': 'gzip' })).status).toBe(400);
    expect((await send(plain, { 'Content-Encoding': 'deflate' })).status).toBe(400);
    const zeros = gzipSync(Buffer.alloc(8 * 1024 * 1024));
    expect(errorOf(await send(zeros, { 'Content-Encoding': 'gzip' }))).toEqual([
      413,
      expect.stringContaining('1048576'),
    ]);
    expect((await send(Buffer.alloc(2 * 1024 * 1024), {})).status).toBe(413);
  });

  it.each([
    ['gzip', 'gzip'],
    ['deflate, gzip;q=0.5', 'deflate'],
    ['gzip;q=0.2, deflate;q=0.9, br', 'deflate'],
    ['identity, gzip', undefined],
    ['br', undefined],
    ['*', undefined],
    ['gzip;q=0', undefined],
    ['GZIP ; q=1', 'gzip'],
  ])('of an answer for "%s" is %s', async (accept, encoding) => {
    const { headers, bytes } = await send(plain, { 'Accept-Encoding': accept });
    expect(headers['content-encoding']).toBe(encoding);
    const expand = { gzip: gunzipSync, deflate: inflateSync, none: (body: Buffer) => body }[encoding ?? 'none']!;
    const expanded = expand(bytes);
    const length = Number(headers['inference-header-content-length']);
    expect(expanded.subarray(length)).toEqual(answer);
    expect(JSON.parse(expanded.subarray(0, length).toString()).model_name).toBe('H');
  });

  it('is never that of an error', async () => {
    expect((await send(plain.subarray(1), { 'Accept-Encoding': 'gzip' })).headers['content-encoding']).toBeUndefined();
  });
});
