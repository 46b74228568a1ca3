import { gzipSync } from 'node:zlib';
import { predictionServiceOf, SliceQueue } from '@serving/core/internal';
import { encodeNpy } from '@serving/core/npy';
import { createTensor, type NamedTensors } from '@serving/core/tensor';
import { encodePredictResponse, SLICE_BYTES } from '@serving/json-codec';
import { describe, expect, it } from 'vitest';
import { PuppetLoop } from '../../../test-doubles/src/puppet-loop.js';
import { ManualClock } from '../../../testing/src/manual-clock.js';
import type { HttpRequest } from '../http-message.js';
import { ExamplesHandler } from '../rest/examples.js';
import { fakeModelServer } from '../rest/fake-model-server.test-support.js';
import { PredictHandler } from '../rest/predict.js';
import type { RestCallContext } from '../rest/rest-call.js';
import { restHandler } from '../rest/rest-handler.test-support.js';
import { inflateGzip } from './gzip-body.js';
import type { PredictResponseBody } from './rest-predict-format.js';

const COUNT = 200_000;
const floats = new Float32Array(COUNT).fill(1.25);
const largeBody = Buffer.from(`{"instances":[${Array<string>(COUNT).fill('1.25').join(',')}]}`);
const halves: NamedTensors = { y: createTensor('float', [COUNT], new Float32Array(COUNT).fill(2.625)) };

const requestOf = (body: HttpRequest['body'], rest: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  target: '/v1/models/half:predict',
  header: () => undefined,
  body,
  ...rest,
});

/** Lets what waits for a turn of the event loop go on, and promises in between. */
async function turnUntil(loop: PuppetLoop, done: Promise<unknown>): Promise<void> {
  let isDone = false;
  const end = (): void => {
    isDone = true;
  };
  done.then(end, end);
  while (!isDone) {
    loop.turn();
    await new Promise(setImmediate);
  }
}

function setUp({ cheap = false } = {}) {
  const loop = new PuppetLoop();
  const clock = new ManualClock();
  const server = fakeModelServer({ cheap });
  const context: RestCallContext = {
    service: predictionServiceOf(server, clock),
    clock,
    timeoutMs: 30_000,
    queue: new SliceQueue(loop.schedule),
  };
  return { loop, clock, server, context, predicts: new PredictHandler(context, { maxBytes: 10_000_000 }, []) };
}

const half = { model: 'half' };

/** What a handler responds, without its content type. */
async function bytesOf(response: ReturnType<PredictHandler['handle']>): Promise<Uint8Array> {
  return (await response).body;
}

describe('PredictHandler', () => {
  it.each([true, false])(
    'reads and writes a large body in slices, with the event loop between them (cheap: %s)',
    async (cheap) => {
      const { loop, server, predicts } = setUp({ cheap });
      let released = 0;
      const answer = bytesOf(predicts.handle(half, requestOf(largeBody, { releaseBody: () => released++ })));
      expect(released).toBe(0);
      await turnUntil(loop, answer);
      expect(Buffer.compare(await answer, encodePredictResponse('row', halves))).toBe(0);
      expect(loop.turns).toBeGreaterThanOrEqual(2 * Math.floor(largeBody.length / (SLICE_BYTES + 65_536)));
      expect(released).toBe(1);
      expect(server.held()).toBe(0);
    },
  );

  it.each<[string, Buffer, Record<string, string>]>([
    ['.npy', Buffer.from(encodeNpy(createTensor('float', [COUNT], floats))), { 'content-type': 'application/x-npy' }],
    [
      'raw',
      Buffer.concat([Buffer.of(0), Buffer.from(floats.buffer)]).subarray(1),
      { 'content-type': 'application/octet-stream', 'serving-shape': `${COUNT}` },
    ],
  ])('reads a large body of %s in slices, whole or in pieces', async (_name, body, headers) => {
    const header = (name: string): string | undefined => (name === 'accept' ? 'application/json' : headers[name]);
    for (const given of [body, [body.subarray(0, 300_000), body.subarray(300_000)]]) {
      const { loop, server, predicts } = setUp();
      const answer = predicts.handle(half, requestOf(given, { header }));
      expect(answer).toBeInstanceOf(Promise);
      const bytes = bytesOf(answer);
      await turnUntil(loop, bytes);
      expect(Buffer.compare(await bytes, encodePredictResponse('columnar', halves))).toBe(0);
      expect(loop.turns).toBeGreaterThanOrEqual(Math.floor(body.length / SLICE_BYTES));
      expect(server.held()).toBe(0);
    }
  });

  it('answers small requests at once while a large one waits for its next slice', async () => {
    const { loop, predicts } = setUp({ cheap: true });
    const large = bytesOf(predicts.handle(half, requestOf([largeBody.subarray(0, 9), largeBody.subarray(9)])));
    for (let i = 0; i < 3; i++) {
      loop.turn();
      const small = predicts.handle(half, requestOf(Buffer.from('{"instances":[1]}'))) as PredictResponseBody;
      expect(Buffer.from(small.body).toString()).toContain('2.5');
    }
    await turnUntil(loop, large);
    expect(Buffer.compare(await large, encodePredictResponse('row', halves))).toBe(0);
  });

  it('decodes two large bodies in turns', async () => {
    const { loop, predicts } = setUp({ cheap: true });
    const answers = Promise.all([
      bytesOf(predicts.handle(half, requestOf(largeBody))),
      bytesOf(predicts.handle(half, requestOf(Buffer.from(largeBody.toString().replaceAll('1.25', '3.25'))))),
    ]);
    await turnUntil(loop, answers);
    const [first, second] = await answers;
    expect(Buffer.from(first).toString().slice(0, 40)).toContain('2.625, 2.625');
    expect(Buffer.from(second).toString().slice(0, 40)).toContain('3.625, 3.625');
  });

  it('ends between two slices when the client has gone', async () => {
    const { loop, server, predicts } = setUp();
    const gone = new AbortController();
    let released = 0;
    const request = requestOf(largeBody, { signal: gone.signal, releaseBody: () => released++ });
    const answer = bytesOf(predicts.handle(half, request));
    loop.turn();
    loop.turn();
    gone.abort();
    const failure = expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    await turnUntil(
      loop,
      answer.catch(() => undefined),
    );
    await failure;
    expect([released, server.held(), loop.turns]).toEqual([1, 0, 3]);
  });

  it('ends between two slices when its time is over', async () => {
    const { loop, clock, server, predicts } = setUp();
    const answer = bytesOf(predicts.handle(half, requestOf(largeBody)));
    loop.turn();
    await clock.advance(30_000);
    const failure = expect(answer).rejects.toMatchObject({
      code: 'DEADLINE_EXCEEDED',
      message: 'Timed out waiting for notification',
    });
    await turnUntil(
      loop,
      answer.catch(() => undefined),
    );
    await failure;
    expect(server.held()).toBe(0);
  });

  it('gives the handle back when a large body is wrong', async () => {
    const { loop, server, predicts } = setUp();
    const answer = bytesOf(
      predicts.handle(half, requestOf(Buffer.concat([largeBody.subarray(0, -2), Buffer.from('}')]))),
    );
    const failure = expect(answer).rejects.toThrow("Missing a comma or ']' after an array element.");
    await turnUntil(
      loop,
      answer.catch(() => undefined),
    );
    await failure;
    expect(server.held()).toBe(0);
  });
});

describe('ExamplesHandler', () => {
  it('reads a large body in slices, and ends between two when the client has gone', async () => {
    const { loop, context } = setUp();
    const gone = new AbortController();
    const body = Buffer.from(`{"examples":[{"a":[${Array<string>(COUNT).fill('1').join(',')}]}]}`);
    const answer = new ExamplesHandler(context, {}).handle('regress', half, requestOf(body, { signal: gone.signal }));
    const failure = expect(answer).rejects.toMatchObject({ code: 'CANCELLED' });
    for (let i = 0; i < 4; i++) {
      await new Promise(setImmediate);
      loop.turn();
    }
    gone.abort();
    await turnUntil(
      loop,
      answer.catch(() => undefined),
    );
    await failure;
  });
});

describe('inflateGzip', () => {
  it('checks a large body in slices', async () => {
    const loop = new PuppetLoop();
    const body = Buffer.alloc(5_000_000, 'abc');
    const inflated = inflateGzip(gzipSync(body), new SliceQueue(loop.schedule));
    await turnUntil(loop, inflated);
    expect(Buffer.compare(await inflated, body)).toBe(0);
    expect(loop.turns).toBe(5);
  });

  it('takes no memory for a length that the bytes cannot come to', async () => {
    const bytes = gzipSync('{"instances":[1]}');
    bytes.writeUInt32LE(100_000_000, bytes.length - 4);
    expect((await inflateGzip(bytes)).length).toBe(0);
  });
});

describe('maxResponseBytes', () => {
  const limited = (cheap: boolean) => restHandler(fakeModelServer({ cheap }), { maxResponseBytes: 100_000 });
  const text =
    'The response is larger than 100000 bytes: ask for fewer rows or outputs, or let the server raise its limit';

  it.each([true, false])('refuses a larger JSON answer and says how to raise the limit (cheap: %s)', async (cheap) => {
    const { status, body } = await limited(cheap).handle(requestOf(largeBody));
    expect(status).toBe(400);
    expect(Buffer.from(body).toString()).toContain(`${text} (maxResponseBytes, --rest_api_max_response_bytes)`);
  });

  it.each(['application/octet-stream', 'application/json'])(
    'refuses a larger answer in other forms: %s',
    async (accept) => {
      const headers: Readonly<Record<string, string>> = {
        'content-type': 'application/octet-stream',
        'serving-shape': String(COUNT),
        accept,
      };
      const request = requestOf(new Uint8Array(COUNT * 4), { header: (name) => headers[name] });
      const { status, body } = await limited(false).handle(request);
      expect(status).toBe(400);
      expect(Buffer.from(body).toString()).toContain(text);
    },
  );

  it('lets answers of its size pass', async () => {
    const handler = restHandler(fakeModelServer(), { maxResponseBytes: 33 });
    const { status, body } = await handler.handle(requestOf(Buffer.from('{"instances":[1]}')));
    expect([status, body.length]).toEqual([200, 33]);
  });
});
