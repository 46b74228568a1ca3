import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProtocolServer } from '../protocol-server.test-support.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start({ rest: { enableCorsSupport: true } });
});
afterAll(() => server.close());

describe('GET below /v2', () => {
  it.each([
    ['/v2/health/live', { live: true }],
    ['/v2/health/ready', { ready: true }],
    ['/v2/health/ready/', { ready: true }],
    ['/v2/models/H/ready', { name: 'H', ready: true }],
    ['/v2/models/H/versions/124/ready', { name: 'H', ready: true }],
    ['/v2/models/H/versions/stable/ready?x=1', { name: 'H', ready: true }],
    ['/v2/models', { models: ['D', 'H', 'M'] }],
  ])('answers %s', async (path, expected) => {
    const { status, headers, text } = await server.get(path);
    expect([status, headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(text)).toEqual(expected);
  });

  it.each(['/v2', '/v2/'])('answers %s with the name, the version and the extensions', async (path) => {
    expect(JSON.parse((await server.get(path)).text)).toEqual({
      name: 'serving',
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      extensions: ['binary_tensor_data', 'model_repository', 'statistics', 'parameters', 'schedule_policy'],
    });
  });

  it('shows the default signature of a model, its versions and its labels', async () => {
    const tensor = { datatype: 'FP32', shape: [-1, 1] };
    expect(JSON.parse((await server.get('/v2/models/H')).text)).toEqual({
      name: 'H',
      versions: ['123', '124'],
      platform: 'serving_fake',
      inputs: [{ name: 'x', ...tensor }],
      outputs: [{ name: 'y', ...tensor }],
      properties: { signatures: 'serving_default', labels: '{"stable":"123","canary":"124"}' },
    });
  });

  it.each(['/v2/models/H/versions/123', '/v2/models/H/versions/stable'])('shows one version for %s', async (path) => {
    expect(JSON.parse((await server.get(path)).text)).toMatchObject({ versions: ['123'] });
  });

  it('shows another signature for a query, and all others in the properties', async () => {
    const { inputs, outputs, properties } = JSON.parse((await server.get('/v2/models/M?signature_name=blob')).text);
    expect(inputs).toEqual([{ name: 'img', datatype: 'BYTES', shape: [-1] }]);
    expect(outputs.map(({ name }: { name: string }) => name)).toEqual(['len', 'out_bytes']);
    expect(properties.signatures).toBe('blob,boom,scalar,serving_default');
    expect(JSON.parse(properties['signature.scalar'])).toEqual({
      inputs: [{ name: 's', datatype: 'FP32', shape: [] }],
      outputs: [{ name: 'half', datatype: 'FP32', shape: [] }],
    });
    expect(properties['signature.blob']).toBeUndefined();
  });

  it('names tensors of unknown rank, and data types that the protocol lacks', async () => {
    const { inputs, properties } = JSON.parse((await server.get('/v2/models/D?signature_name=id_complex64')).text);
    expect(inputs).toEqual([{ name: 'x', datatype: 'DT_COMPLEX64', shape: [-1] }]);
    expect(properties.unknown_rank).toBe('x,y');
  });

  it.each([
    ['/v2/nope', 404, 'Not Found'],
    ['/v2/models/H/versions/124/nope', 404, 'Not Found'],
    ['/v2/models/H/versions/', 404, 'Not Found'],
    ['/v2/models//ready', 404, 'Not Found'],
    ['/v2/Models/H', 404, 'Not Found'],
    ['/v2/models/none', 404, 'Unknown model "none"'],
    ['/v2/models/none/ready', 404, 'Unknown model "none"'],
    ['/v2/models/a%2Fb', 404, 'Unknown model "a/b"'],
    ['/v2/models/none/versions/canary', 404, 'Unknown model "none"'],
    ['/v2/models/H/versions/9', 404, 'Model "H" has no version 9 (available: 123, 124)'],
    ['/v2/models/H/versions/9/ready', 404, 'Model "H" has no version 9 (available: 123, 124)'],
    ['/v2/models/H/versions/nope', 404, 'Model "H" has no version label "nope"'],
    ['/v2/models/H/versions/99999999999999999999', 400, 'version 99999999999999999999 is beyond an int64'],
    ['/v2/models/M?signature_name=nope', 400, 'has no signature "nope" (signatures: "blob", "boom", "scalar"'],
    ['/v2/models/%ff', 400, 'percent-encoding'],
    ['/v2/models/H/stats/x', 404, 'Not Found'],
    ['/v2/logging', 404, 'Not Found'],
  ])('answers %s with %i and an error', async (path, status, text) => {
    const answer = await server.get(path);
    expect([answer.status, answer.headers['content-type']]).toEqual([status, 'application/json']);
    expect(JSON.parse(answer.text).error).toContain(text);
  });

  it.each(['/v2/health/ready', '/v2/models/H', '/v2/models/none'])('answers HEAD %s without a body', async (path) => {
    const [head, get] = [await server.send('HEAD', path), await server.get(path)];
    expect([head.status, head.text]).toEqual([get.status, '']);
    expect(head.headers['content-length']).toBe(get.headers['content-length']);
  });

  it.each([
    ['POST', '/v2/health/live', 'GET, HEAD'],
    ['GET', '/v2/models/H/infer', 'POST'],
    ['DELETE', '/v2/models/H', 'GET, HEAD'],
    ['GET', '/v2/repository/index', 'POST'],
  ])('answers %s %s with 405', async (method, path, allow) => {
    const { status, headers, text } = await server.send(method, path);
    expect([status, headers.allow]).toEqual([405, allow]);
    expect(JSON.parse(text).error).toContain('Method Not Allowed');
  });

  it('answers a verb of TensorFlow Serving with 404', async () => {
    expect((await server.send('POST', '/v2/models/H:predict', '{}')).status).toBe(404);
  });

  it('lets pages of other origins send and read what binary tensors need', async () => {
    const { status, headers } = await server.send('OPTIONS', '/v2/models/H/infer', undefined, {
      origin: 'http://page',
    });
    expect(status).toBe(200);
    expect(headers['access-control-allow-headers']).toContain('Inference-Header-Content-Length');
    expect((await server.get('/v2')).headers['access-control-allow-origin']).toBe('*');
  });

  it('leaves /v1 and what is not its own alone', async () => {
    expect(JSON.parse((await server.get('/v1/models/H')).text).model_version_status).toHaveLength(2);
    expect((await server.get('/v2x')).status).toBe(404);
    expect((await server.get('/v2x')).headers['content-type']).toContain('text/html');
  });
});
