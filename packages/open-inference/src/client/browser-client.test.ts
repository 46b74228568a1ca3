/**
 * The client in a page of headless Chromium and in Node, against the same server: one module, bundled for browsers. `CHROMIUM_PATH` names the browser (default
 * `/usr/bin/chromium`); the test in it is skipped where it is missing, with a warning.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ProtocolServer } from '../protocol-server.test-support.js';

const browserPath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const MILLISECONDS = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'browser-client-'));
/** What a page sends and shows, as plain data. */
const page = `
import { createTensor, StringArray } from '@serving/core/tensor';
import { OpenInferenceClient, OpenInferenceError } from '@serving/open-inference/client';

export async function calls(url) {
  const x = createTensor('float', [3, 1], Float32Array.of(1, 2, 5));
  const answers = {};
  for (const binary of [true, false]) {
    const client = new OpenInferenceClient(url, { binary });
    const { version, outputs } = await client.infer({ model: 'H', inputs: { x } });
    const wide = createTensor('int64', [1], BigInt64Array.of(9007199254740993n));
    const integers = await client.infer({ model: 'D', signatureName: 'id_int64', inputs: { x: wide } });
    const text = createTensor('string', [2], StringArray.from(['é', '😀']));
    const strings = await client.infer({ model: 'D', signatureName: 'id_string', inputs: { x: text } });
    answers[binary ? 'binary' : 'json'] = [
      version,
      Array.from(outputs.y.data),
      String(integers.outputs.y.data[0]),
      strings.outputs.y.data.toStrings(),
    ];
  }
  const client = new OpenInferenceClient(url);
  answers.ready = [await client.live(), await client.ready(), await client.modelReady('none')];
  answers.metadata = (await client.modelMetadata('H')).versions;
  answers.index = (await client.index()).length;
  const error = await client.infer({ model: 'none', inputs: { x } }).catch((reason) => reason);
  answers.error = [error instanceof OpenInferenceError, error.status, error.code, error.message];
  const aborted = await client.metadata({ signal: AbortSignal.abort() }).catch((reason) => reason);
  answers.aborted = aborted.name;
  return answers;
}
`;
const expected = {
  binary: ['124', [2.5, 3, 4.5], '9007199254740993', ['é', '😀']],
  json: ['124', [2.5, 3, 4.5], '9007199254740993', ['é', '😀']],
  ready: [true, true, false],
  metadata: ['123', '124'],
  index: 4,
  error: [true, 404, 'NOT_FOUND', 'Unknown model "none"'],
  aborted: 'AbortError',
};

let server: ProtocolServer;
let bundle: string;
beforeAll(async () => {
  server = await ProtocolServer.start({ rest: { enableCorsSupport: true } });
  const entry = fileURLToPath(new URL('./page.js', import.meta.url));
  // Whatever the browser does not have fails the build, as does a module of Node.
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    resolve: { conditionNames: ['@serving/source', 'import', 'default'] },
    plugins: [
      { name: 'page', resolveId: (id) => (id === entry ? entry : null), load: (id) => (id === entry ? page : null) },
    ],
    onLog: (_, { message }) => {
      throw new Error(message);
    },
  });
  const { output } = await build.generate({ format: 'es' });
  expect(output).toHaveLength(1);
  bundle = output[0].code;
  await build.close();
}, MILLISECONDS);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

it('is one module of no other', () => {
  expect(bundle).not.toMatch(/^import /m);
  expect(bundle).not.toContain('node:');
});

it('works in Node', async () => {
  const file = join(folder, 'page.mjs');
  await writeFile(file, bundle);
  const { calls } = await import(/* @vite-ignore */ pathToFileURL(file).href);
  expect(await calls(server.url)).toEqual(expected);
});

const itInBrowser = existsSync(browserPath) ? it : it.skip;
// biome-ignore lint/suspicious/noConsole: a skipped test has to say why.
if (!existsSync(browserPath)) console.warn(`Skipped: no browser at ${browserPath}; CHROMIUM_PATH names one`);

itInBrowser(
  'works in headless Chromium, from a page of another origin',
  async () => {
    const pages = createServer(({ url }, response) => {
      const isScript = url === '/bundle.js';
      response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html');
      response.end(isScript ? bundle : '<!doctype html><title>client</title>');
    }).listen(0, '127.0.0.1');
    await once(pages, 'listening');
    const browser = await chromium.launch({
      executablePath: browserPath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-sync'],
    });
    try {
      const view = await browser.newPage();
      const problems: string[] = [];
      view.on('pageerror', ({ message }) => problems.push(message));
      await view.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
      // A text, since the test runner rewrites imports of functions.
      const script = `import('/bundle.js').then(({ calls }) => calls(${JSON.stringify(server.url)}))`;
      const answers = await view.evaluate(script);
      expect(problems).toEqual([]);
      expect(answers).toEqual(expected);
    } finally {
      await browser.close();
      pages.close();
    }
  },
  MILLISECONDS,
);
