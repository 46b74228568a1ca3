import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';

const path = beside(import.meta.url);
const basic = (name, secret) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

const proto = dirname(fileURLToPath(import.meta.resolve('@serving/protos/proto/README.md')));
const files = ['prediction_service', 'model_service'].map((name) => `tensorflow_serving/apis/${name}.proto`);
const { tensorflow, grpc } = loadPackageDefinition({
  ...loadSync(files, { includeDirs: [proto], keepCase: true }),
  ...loadSync('grpc/health/v1/health.proto', { includeDirs: [proto], keepCase: true }),
});

describe('an app for clients that it knows', () => {
  let folder;
  let app;
  let grpcAddress;
  const secrets = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'authenticated-'));
    const clients = join(folder, 'clients.json');
    for (const [name, ...may] of [['web', 'predict'], ['ops', 'predict', 'operate'], ['guest']]) {
      secrets[name] = (await runExample(path('add-client.js'), [clients, name, ...may])).trim();
    }
    app = await startExample(path('server.js'), [fixture('half_plus_two_tf2'), clients], { env: { GRPC_PORT: '0' } });
    grpcAddress = `127.0.0.1:${/gRPC on (\d+)/.exec(app.printed)[1]}`;
  });
  afterAll(async () => {
    await app.kill();
    await rm(folder, { recursive: true });
  });

  /** What a client sends by which it is known. */
  const credentialsOf = {
    'nothing at all': () => ({}),
    'a wrong key': () => ({ 'x-api-key': secrets.web.slice(1) }),
    'a wrong password': () => ({ authorization: basic('web', `${secrets.web}!`) }),
    "another client's name with its own secret": () => ({ authorization: basic('ops', secrets.web) }),
    'a scheme that is not there': () => ({ authorization: `Digest ${secrets.web}` }),
    'the key of web': () => ({ 'x-api-key': secrets.web }),
    'the bearer token of web': () => ({ authorization: `Bearer ${secrets.web}` }),
    'the password of web': () => ({ authorization: basic('web', secrets.web) }),
    'the key of guest': () => ({ 'x-api-key': secrets.guest }),
    'the key of ops': () => ({ 'x-api-key': secrets.ops }),
  };
  const outcomes = [
    ['nothing at all', 401, 401],
    ['a wrong key', 401, 401],
    ['a wrong password', 401, 401],
    ["another client's name with its own secret", 401, 401],
    ['a scheme that is not there', 401, 401],
    ['the key of guest', 403, 403],
    ['the key of web', 200, 403],
    ['the bearer token of web', 200, 403],
    ['the password of web', 200, 403],
    ['the key of ops', 200, 200],
  ];
  const grpcCode = { 200: 0, 401: 16, 403: 7 };

  it.each(outcomes)('answers REST with %s: predict %i, pages of status %i', async (sent, predict, operate) => {
    const headers = credentialsOf[sent]();
    const get = async (route) => (await fetch(app.url + route, { headers })).status;
    const body = '{"instances": [1, 2, 5]}';
    const answer = await fetch(`${app.url}/v1/models/half_plus_two:predict`, { method: 'POST', headers, body });
    expect(answer.status).toBe(predict);
    expect(answer.headers.has('www-authenticate')).toBe(predict === 401);
    expect(await answer.json()).toEqual(
      predict === 200 ? { predictions: [2.5, 3, 4.5] } : { error: expect.any(String) },
    );
    expect(await get('/v1/models/half_plus_two')).toBe(operate);
    expect(await get('/v1/models/half_plus_two/metadata')).toBe(operate);
    expect(await get('/metrics')).toBe(operate);
    expect(await get('/console/api/snapshot')).toBe(operate);
  });

  it.each(outcomes)('answers gRPC with %s as REST: predict %i, status %i', async (sent, predict, operate) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(credentialsOf[sent]())) metadata.set(name, value);
    const call = async (Service, method, message) => {
      const client = new Service(grpcAddress, credentials.createInsecure());
      try {
        await promisify(client[method]).call(client, message, metadata);
        return 0;
      } catch (error) {
        return error.code;
      } finally {
        client.close();
      }
    };
    const model_spec = { name: 'half_plus_two' };
    const inputs = { x: { dtype: 'DT_FLOAT', tensor_shape: { dim: [{ size: 1 }] }, float_val: [1] } };
    const { PredictionService, ModelService } = tensorflow.serving;
    expect(await call(PredictionService, 'Predict', { model_spec, inputs })).toBe(grpcCode[predict]);
    expect(await call(ModelService, 'GetModelStatus', { model_spec })).toBe(grpcCode[operate]);
    const metadataRequest = { model_spec, metadata_field: ['signature_def'] };
    expect(await call(PredictionService, 'GetModelMetadata', metadataRequest)).toBe(grpcCode[operate]);
    // Larger than the server takes: refused for that only when it is read.
    const large = { model_spec: { name: 'x'.repeat(5e6) } };
    expect(await call(PredictionService, 'Predict', large)).toBe(predict === 200 ? 8 : grpcCode[predict]);
    expect(await call(grpc.health.v1.Health, 'Check', {})).toBe(0);
  });

  it('answers before the body has come', async () => {
    const headers = { 'content-length': 50_000_000 };
    const upload = request(`${app.url}/v1/models/half_plus_two:predict`, { method: 'POST', headers });
    upload.flushHeaders();
    const [response] = await once(upload, 'response');
    expect(response.statusCode).toBe(401);
    upload.on('error', () => {}).destroy();
  });

  it.each(['/health/live', '/health/ready', '/health/ready/half_plus_two'])(
    'answers %s without credentials',
    async (route) => {
      expect((await fetch(app.url + route)).status).toBe(200);
    },
  );

  it('keeps no secret in its list', () => {
    const list = readFileSync(join(folder, 'clients.json'), 'utf8');
    for (const secret of Object.values(secrets)) expect(list).not.toContain(secret);
  });

  it('has a client that prints what its comments promise', async () => {
    const env = { ...process.env, API_KEY: secrets.web };
    const printed = await runExample(path('client.js'), [app.url, grpcAddress], { env });
    expect(printed.trimEnd().split('\n')).toEqual(promisedLines(path('client.js')));
  });

  it('ends cleanly', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(
    import.meta.url,
    ['access.js', 'server.js', 'add-client.js', 'client.js'],
    'docs/guides/security.md',
  );
});
