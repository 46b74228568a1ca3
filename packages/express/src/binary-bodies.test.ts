import { createServer } from 'node:http';
import { fakeServable, listenForAdapterTest, startTestServer } from '@serving/testing';
import express, { type Handler } from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { servingRouter } from './serving-router.js';

const halves = fakeServable({
  inputs: { x: 'float' },
  outputs: { y: 'float' },
  run: ({ x }) => ({ y: { ...x!, data: (x!.data as Float32Array).map((value) => value / 2) } as typeof x }),
});

/** What `numpy.save` writes of `numpy.float32([1, 2, 7])`. */
const npy = Buffer.concat([
  Buffer.from('\x93NUMPY\x01\x00\x76\x00', 'latin1'),
  Buffer.from("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }".padEnd(117)),
  Buffer.from('\n'),
  Buffer.from(Float32Array.of(1, 2, 7).buffer),
]);
const raw = new Uint8Array(Float32Array.of(1, 2, 7).buffer);

describe('servingRouter with non-JSON bodies', () => {
  let models: Awaited<ReturnType<typeof startTestServer>>;
  beforeAll(async () => {
    models = await startTestServer({ models: { halves } });
  });
  afterAll(() => models.close());

  async function post(parser: Handler | undefined, body: Uint8Array, headers: Record<string, string>) {
    const app = express();
    if (parser) app.use(parser);
    const host = await listenForAdapterTest(createServer(app.use(servingRouter(models.server))));
    const init = { method: 'POST', body: Uint8Array.from(body), headers: { ...headers, connection: 'close' } };
    const answer = await fetch(`${host.url}/v1/models/halves:predict`, init);
    const bytes = Buffer.from(await answer.arrayBuffer());
    await host.close();
    return { status: answer.status, headers: answer.headers, bytes };
  }

  describe.each<[string, Handler | undefined]>([
    ['nothing', undefined],
    ['express.raw()', express.raw()],
    ['express.raw() for every type', express.raw({ type: '*/*' })],
    ['express.json()', express.json()],
  ])('and %s in front', (_, parser) => {
    it('answers a .npy file with another', async () => {
      const { headers, bytes } = await post(parser, npy, { 'content-type': 'application/x-npy' });
      expect(headers.get('content-type')).toBe('application/x-npy');
      expect(new Float32Array(Uint8Array.from(bytes.subarray(-12)).buffer)).toEqual(Float32Array.of(0.5, 1, 3.5));
    });

    it('answers a raw tensor with another, and an empty one too', async () => {
      const headers = { 'content-type': 'application/octet-stream', 'serving-shape': '3' };
      const answer = await post(parser, raw, headers);
      expect(answer.headers.get('serving-shape')).toBe('3');
      expect(new Float32Array(Uint8Array.from(answer.bytes).buffer)).toEqual(Float32Array.of(0.5, 1, 3.5));
      const empty = await post(parser, new Uint8Array(0), { ...headers, 'serving-shape': '0' });
      expect([empty.status, empty.headers.get('serving-shape'), empty.bytes.length]).toEqual([200, '0', 0]);
    });
  });

  it('finds an empty JSON body empty when a parser in front has read it', async () => {
    const answer = await post(express.text({ type: '*/*' }), new Uint8Array(0), { 'content-type': 'application/json' });
    expect([answer.status, JSON.parse(answer.bytes.toString())]).toMatchObject([
      400,
      { error: 'JSON Parse error: The document is empty' },
    ]);
  });

  it.each<[string, Handler, RegExp]>([
    ['text', express.text({ type: '*/*' }), /not a \.npy file/],
    ['an object', express.urlencoded({ type: '*/*' }), /application\/x-npy has to come as bytes/],
  ])('tells when a parser in front has made %s of one', async (_, parser, message) => {
    const answer = await post(parser, npy, { 'content-type': 'application/x-npy' });
    expect(answer.status).toBe(400);
    expect((JSON.parse(answer.bytes.toString()) as { error: string }).error).toMatch(message);
  });
});
