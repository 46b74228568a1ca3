import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe('the gRPC server', () => {
  let app;

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('half_plus_two_tf2')]);
  });
  afterAll(() => app.kill());

  it('answers the client', async () => {
    expect(await runExample(path('client.js'), [`127.0.0.1:${app.port}`])).toBe('[ 2.5, 3, 4.5 ]\n');
  });

  it('exits with code 0 after SIGTERM', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'client.js'], 'docs/reference/grpc.md');
});
