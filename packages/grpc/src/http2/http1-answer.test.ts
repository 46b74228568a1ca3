import { describe, expect, it } from 'vitest';
import { preface } from '../server/http2-frames.test-support.js';
import { SETTINGS } from './frame-types.js';
import { FramesClient } from './frames-client.test-support.js';
import { listen } from './frames-server.test-support.js';
import { isHttp1Request } from './http1-answer.js';

describe('a request of HTTP/1.1 to the port of gRPC', () => {
  it.each([
    ['without a body', {}],
    ['with a large body', { method: 'POST', body: 'x'.repeat(1_000_000) }],
  ])('gets the port of the REST API, %s', async (_what, init) => {
    const port = await listen();
    const answer = await fetch(`http://127.0.0.1:${port}/v1/models/half_plus_two:predict`, init);
    expect([answer.status, answer.headers.get('connection')]).toEqual([400, 'close']);
    expect(await answer.json()).toEqual({
      error: expect.stringMatching(/^This port is for gRPC/),
      hint: expect.stringContaining('--rest_api_port'),
    });
  });

  it('does not keep other connections from being served', async () => {
    const port = await listen();
    await fetch(`http://127.0.0.1:${port}/`);
    const client = await FramesClient.connect(port);
    client.send(preface);
    await client.until(({ type }) => type === SETTINGS);
    expect(client.frames.map(({ type }) => type)).toContain(SETTINGS);
  });
});

describe('isHttp1Request', () => {
  it.each([
    ['GET / HTTP/1.1\r\n', true],
    ['POST /v1', true],
    ['DELETE http://host/', true],
    ['PRI * HTTP/2.0\r\n', false],
    ['GET', false],
    ['', false],
    ['\x16\x03\x01\x02', false],
  ])('of %j is %s', (text, expected) => {
    expect(isHttp1Request(Buffer.from(text, 'latin1'))).toBe(expected);
  });
});
