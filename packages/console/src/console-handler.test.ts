import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { HttpResponse } from '@serving/http/adapter';
import { beforeAll, describe, expect, it } from 'vitest';
import { ConsoleHandler } from './console-handler.js';
import { testContext, testServer } from './console-test-doubles.test-support.js';
import type { ConsoleOptions } from './options.js';

let pages: URL;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'serving-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), `<!doctype html>${' '.repeat(1000)}`);
  await writeFile(join(folder, 'assets', 'index-B1oW_k3z.js'), 'export {};');
  pages = pathToFileURL(`${folder}/`);
});

async function answer(
  method: string,
  target: string,
  { headers = {}, ...options }: ConsoleOptions & { headers?: Record<string, string> } = {},
): Promise<HttpResponse | undefined> {
  const handler = new ConsoleHandler(testServer(), options, testContext(), pages);
  const route = handler.match(method, target);
  return route && handler.handle(route, { method, target, body: undefined, header: (name) => headers[name] });
}

describe('the console’s targets', () => {
  it.each([
    ['GET', '/console', 302],
    ['GET', '/console/', 200],
    ['GET', '/console/?theme=dark', 200],
    ['HEAD', '/console/index.html', 200],
    ['GET', '/console/assets/index-B1oW_k3z.js', 200],
    ['GET', '/console/assets', 404],
    ['GET', '/console/../package.json', 404],
    ['GET', '/console/%2e%2e/package.json', 404],
    ['POST', '/console/', 405],
    ['GET', '/console/api/nothing', 404],
    ['GET', '/console/api/models/%ff/history', 400],
    ['GET', '/console/api/actions/poll', 405],
    ['POST', '/console/api/snapshot', 405],
    ['GET', '/consoles', undefined],
    ['GET', '/', undefined],
    ['GET', '/v1/models', undefined],
  ])('%s %s is answered with %s', async (method, target, status) => {
    expect((await answer(method, target))?.status).toBe(status);
  });

  it('lead to the first page by an address that is relative to the mount point', async () => {
    expect((await answer('GET', '/console'))?.headers.Location).toBe('console/');
    expect((await answer('GET', '/a/b', { path: '/a/b' }))?.headers.Location).toBe('b/');
    expect((await answer('GET', '/', { redirectRoot: true }))?.headers.Location).toBe('./console/');
  });
});

describe('a file of the pages', () => {
  it('is kept for a year where its name has a hash, and else asked for again', async () => {
    const script = await answer('GET', '/console/assets/index-B1oW_k3z.js');
    expect(script?.headers).toMatchObject({
      'Cache-Control': 'public, max-age=31536000, immutable',
      'Content-Type': 'text/javascript; charset=utf-8',
    });
    const page = await answer('GET', '/console/');
    expect(page?.headers['Cache-Control']).toBe('no-cache');
    const again = await answer('GET', '/console/', { headers: { 'if-none-match': page!.headers.ETag! } });
    expect(again).toMatchObject({ status: 304, body: new Uint8Array(0) });
  });

  it('may load nothing of another origin, and be embedded nowhere', async () => {
    const page = await answer('GET', '/console/');
    expect(page?.headers['Content-Security-Policy']).toMatch(/^default-src 'self';.*frame-ancestors 'none'/);
    expect(page?.headers['X-Content-Type-Options']).toBe('nosniff');
  });

  it('is compressed for clients that take it', async () => {
    const page = await answer('GET', '/console/', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(page?.headers['Content-Encoding']).toBe('gzip');
    expect(Number(page?.headers['Content-Length'])).toBe(page?.body.length);
    expect(gunzipSync(page!.body).toString()).toMatch(/^<!doctype html>/);
  });

  it('is missing with a reason that names no path of the machine', async () => {
    const handler = new ConsoleHandler(testServer(), {}, testContext(), new URL('missing/', pages));
    const request = { method: 'GET', target: '/console/', body: undefined, header: () => undefined };
    const { status, body } = await handler.handle(handler.match('GET', '/console/')!, request);
    expect(status).toBe(503);
    expect(JSON.parse(Buffer.from(body).toString()).error).toBe(
      "The console's pages are missing: they are not built, or the package is not complete",
    );
  });
});
