import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, runExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';
import { jsonFile } from './config-file.js';
import { greetingPlatform, isGreeting } from './greeting-platform.js';

const path = beside(import.meta.url);
const run = async (...argv) => (await runExample(...argv)).trimEnd().split('\n');

describe('the lifecycle examples', () => {
  let root;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'lifecycle-'));
    const greetings = { 'english/1': 'Hi', 'english/2': 'Hello', 'french/1': 'Bonjour' };
    for (const [folder, greeting] of Object.entries(greetings)) {
      await mkdir(join(root, folder), { recursive: true });
      await writeFile(join(root, folder, 'greeting.txt'), `${greeting}\n`);
    }
  });
  afterAll(() => rm(root, { recursive: true }));

  it('change models as their comments say', async () => {
    expect(await run(path('change-models.js'), [root])).toEqual(promisedLines(path('change-models.js')));
  });

  it('push versions, each through its states in order, and the old one ends with its last handle', async () => {
    const lines = await run(path('push-source.js'));
    const states = (version) =>
      lines.flatMap((line) => line.match(`^{name: greeting version: ${version}} (.*)`)?.[1] ?? []);
    for (const version of [1, 2]) {
      expect(states(version)).toEqual(['start', 'loading', 'available', 'unloading', 'end']);
    }
    const [asked] = promisedLines(path('push-source.js'));
    expect(lines).toContain(asked);
    expect(lines.indexOf('{name: greeting version: 1} end')).toBeGreaterThan(lines.indexOf(asked));
  });

  it('load models on demand, and evict the least recently used', async () => {
    const customers = join(root, 'customers');
    for (const [customer, greeting] of [
      ['acme', 'Hello'],
      ['globex', 'Hi'],
      ['initech', 'Bonjour'],
    ]) {
      await mkdir(join(customers, customer), { recursive: true });
      await writeFile(join(customers, customer, 'greeting.txt'), greeting);
    }
    expect(await run(path('on-demand.js'), [customers])).toEqual(promisedLines(path('on-demand.js')));
  });

  it('read the list of models from a file', async () => {
    const file = join(root, 'models.json');
    const english = { name: 'english', basePath: join(root, 'english'), platform: 'greeting' };
    await writeFile(file, JSON.stringify([english]));
    const server = await ModelServer.start({
      configSource: jsonFile(file, 0.05),
      platforms: { greeting: greetingPlatform },
    });
    const reloaded = new Promise((resolve) => {
      server.once('servable:available', resolve);
    });
    await writeFile(`${file}.new`, JSON.stringify([english, { ...english, name: 'british' }]));
    await rename(`${file}.new`, file);
    await reloaded;
    const handle = server.getServableHandle({ model: 'british' }, isGreeting);
    expect(handle.servable('Ada')).toBe('Hello Ada (version 2)');
    handle.release();
    await server.close();
  });

  itStandsWordForWord(
    import.meta.url,
    ['change-models.js', 'config-file.js', 'greeting-platform.js', 'on-demand.js', 'push-source.js'],
    'docs/guides/lifecycle.md',
  );
});
