import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { attachListener, attachModelServer } from './attached-application.js';
import { serveInThreads } from './serve-in-threads.js';
import { ask, serveFixtures } from './threads.test-support.js';

const httpPackage = new URL('../../dist/index.js', import.meta.url).href;

/** A module of an application. */
async function applicationModule(code: string): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'serve-in-threads-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, 'app.mjs');
  await writeFile(path, code);
  return pathToFileURL(path);
}

describe('serveInThreads', () => {
  it('runs the module in each thread, with the models of the main thread', async () => {
    const module = await applicationModule(`
      import { createServer } from 'node:http';
      import { threadId } from 'node:worker_threads';
      import { attachListener, attachModelServer } from ${JSON.stringify(httpPackage)};
      const server = attachModelServer();
      await attachListener(createServer(async (request, response) => {
        const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [4] } });
        response.end(JSON.stringify({ threadId, y: [...outputs.y.data], models: server.modelNames }));
      }));`);
    const { server } = await serveFixtures(['half_plus_two']);
    await using app = await serveInThreads(module, { server, port: 0, threads: 2 });
    const answers = [];
    for (let i = 0; i < 40; i++) answers.push(JSON.parse((await ask(app.port, '/')).body));
    expect(new Set(answers.map(({ threadId }) => threadId)).size).toBe(2);
    for (const { y, models } of answers) expect({ y, models }).toEqual({ y: [5], models: ['half_plus_two'] });
    const { port } = app;
    await app.close();
    await expect(ask(port, '/')).rejects.toThrow();
  });

  it.each([
    ['throws', "throw new Error('no such database');", 'no such database'],
    ['attaches no listener', '', 'has attached no listener'],
  ])('rejects for a module that %s', async (_, code, message) => {
    const module = await applicationModule(code);
    const { server } = await serveFixtures(['half_plus_two']);
    await expect(serveInThreads(module, { server, port: 0, threads: 2 })).rejects.toThrow(message);
  });
});

describe('outside of a serving thread', () => {
  it('there is nothing to attach to', async () => {
    expect(() => attachModelServer()).toThrow('outside of a serving thread');
    await expect(attachListener({} as never)).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });
});
