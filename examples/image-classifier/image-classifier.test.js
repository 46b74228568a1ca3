import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';

const path = beside(import.meta.url);
const read = (name) => readFileSync(fixture(`digit_pictures/pictures/${name}`));
const pictures = readdirSync(fixture('digit_pictures/pictures')).map((name) => ({
  name,
  digit: Number(name[0]),
  type: name.endsWith('.png') ? 'image/png' : 'image/jpeg',
  bytes: read(name),
}));

/** Less than 2 KB, whose header promises 22,000×22,000 pixels. */
const hollow = Buffer.from(read('0.png'));
hollow.writeUInt32BE(22_000, 16);
hollow.writeUInt32BE(22_000, 20);
hollow.writeUInt32BE(crc32(hollow.subarray(12, 29)), 29);

const bad = [
  { what: 'nothing', bytes: Buffer.alloc(0), message: 'A picture has to be a PNG or a JPEG' },
  { what: 'no picture', bytes: Buffer.from('no picture'), message: 'A picture has to be a PNG or a JPEG' },
  { what: 'a PNG cut short', bytes: read('0.png').subarray(0, 900), message: 'Invalid PNG data, size 900' },
  { what: 'a JPEG cut short', bytes: read('1.jpg').subarray(0, 700), message: 'Invalid JPEG data' },
  {
    what: 'a header that promises too much',
    bytes: hollow,
    message: 'A picture may have 4096 by 4096 pixels at most, not] [22000 22000]',
  },
];

describe('the image classifier', () => {
  let app;

  const post = (route, type, body) =>
    fetch(app.url + route, { method: 'POST', headers: { 'content-type': type }, body });
  const predict = async (...images) => {
    const instances = images.map((bytes) => ({ image_bytes: { b64: bytes.toString('base64') } }));
    const response = await post('/v1/models/digit_pictures:predict', 'application/json', JSON.stringify({ instances }));
    return { status: response.status, ...(await response.json()) };
  };

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('digit_pictures')]);
  });
  afterAll(() => app.kill());

  it.each(pictures)('reads the digit on $name, uploaded as it is', async ({ digit, type, bytes }) => {
    const response = await post('/classify', type, bytes);
    expect(await response.json()).toEqual({ digit, probability: expect.any(Number) });
  });

  it('reads all of them from one JSON body in base64, and has outputs that end in _bytes in base64', async () => {
    const { predictions } = await predict(...pictures.map(({ bytes }) => bytes));
    expect(predictions.map(({ label }) => label)).toEqual(pictures.map(({ digit }) => digit));
    const seen = await post('/seen', 'image/png', pictures[0].bytes);
    expect(seen.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await seen.arrayBuffer()).toString('base64')).toBe(predictions[0].seen_bytes.b64);
  });

  it.each(bad)('answers $what with 400 and the reason, on either way', async ({ bytes, message }) => {
    const uploaded = await post('/classify', 'image/png', bytes);
    expect(uploaded.status).toBe(400);
    expect((await uploaded.json()).error).toContain(message);
    expect(await predict(read('0.png'), bytes)).toEqual({ status: 400, error: expect.stringContaining(message) });
  });

  it('answers other requests meanwhile as if all images were good', async () => {
    const mixed = Array.from({ length: 20 }, (_, i) => [pictures[i % 10], bad[i % bad.length]]).flat();
    const answers = await Promise.all(mixed.map(({ type = 'image/png', bytes }) => post('/classify', type, bytes)));
    const bodies = await Promise.all(answers.map(async (answer) => (await answer.json()).digit));
    expect(answers.map(({ status }) => status)).toEqual(mixed.map(({ digit }) => (digit === undefined ? 400 : 200)));
    expect(bodies).toEqual(mixed.map(({ digit }) => digit));
  });

  it.each([
    ['a body that is too large', 413, 'image/png', Buffer.alloc(1024 ** 2 + 1)],
    ['another type', 415, 'text/plain', Buffer.from('8')],
  ])('answers %s with %i', async (_, status, type, body) => {
    const response = await post('/classify', type, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.any(String) });
  });

  it('has clients: curl, and one of TensorFlow Serving’s API that prints what its comments promise', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'image-classifier-'));
    try {
      await cp(fixture('digit_pictures/pictures/8.png'), join(folder, 'digit.png'));
      const { stdout } = await promisify(execFile)('sh', [path('upload.sh'), app.url], { cwd: folder });
      expect(stdout).toMatch(/^\{"digit":8,"probability":0\.92\d+\}$/);
      const printed = await runExample(path('client.js'), [`${app.url}/v1/models/digit_pictures`], { cwd: folder });
      expect(printed.trimEnd().split('\n')).toEqual(promisedLines(path('client.js')));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('ends cleanly', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'upload.sh', 'client.js'], 'docs/guides/image-uploads.md');
});
