import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, responsesOfScript } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('an app with the Open Inference Protocol', () => {
  let app;

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('half_plus_two_tf2')]);
  });
  afterAll(() => app.kill());

  it('answers its client', async () => {
    const printed = await runExample(path('client.js'), [`http://127.0.0.1:${app.port}`]);
    expect(printed).toBe('123 Float32Array(3) [ 2.5, 3, 4.5 ]\n');
  });

  it('gives curl the response that its comment promises', async () => {
    const { received, promised } = await responsesOfScript(path('infer.sh'), [app.url]);
    expect(received).toBe(promised);
  });

  it('answers TensorFlow Serving’s API as before', async () => {
    const status = await fetch(`http://127.0.0.1:${app.port}/v1/models/half_plus_two`);
    expect((await status.json()).model_version_status).toHaveLength(1);
  });

  it('exits with code 0 after SIGTERM', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'client.js', 'infer.sh'], 'docs/reference/open-inference.md');
});

describe('gRPC services with the Open Inference Protocol', () => {
  it('answer their client', async () => {
    const server = await startExample(path('grpc-server.js'), [fixture('half_plus_two_tf2')]);
    const printed = await runExample(path('grpc-client.js'), [`http://127.0.0.1:${server.port}`]);
    expect(printed).toBe('Float32Array(3) [ 2.5, 3, 4.5 ]\n');
    expect(await server.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['grpc-server.js', 'grpc-client.js'], 'docs/reference/open-inference.md');
});
