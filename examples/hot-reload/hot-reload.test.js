import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keepAsking } from '../digits-demo/traffic.js';
import { beside, fixture, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const half = { name: 'half_plus_two', basePath: 'models/half_plus_two' };
const digits = { name: 'digits', basePath: fixture('digits') };
const echo = { name: 'echo', basePath: fixture('echo') };
const image = Array(8).fill(Array(8).fill([0.5]));
const words = { name: 'words', basePath: fixture('lookup_table') };

describe('an app whose models change while requests flow', () => {
  let cwd;
  let app;
  let traffic;

  const send = async (method, route, body) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(app.url + route, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const predict = (model, instance) => send('POST', `/v1/models/${model}:predict`, { instances: [instance] });
  const writeList = async (text) => {
    await writeFile(join(cwd, 'models.json.new'), text);
    await rename(join(cwd, 'models.json.new'), join(cwd, 'models.json'));
  };
  /** The distinct answers of all requests sent from now on, after enough of them. */
  const answersFromNow = async () => {
    const { sent } = traffic.counts();
    await traffic.answered(sent + 200);
    return traffic.versionsSince(sent);
  };

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'hot-reload-'));
    await mkdir(join(cwd, 'models/half_plus_two'), { recursive: true });
    await cp(fixture('half_plus_two/123'), join(cwd, 'models/half_plus_two/123'), { recursive: true });
    await writeFile(join(cwd, 'models.json'), JSON.stringify([half]));
    app = await startExample(beside(import.meta.url)('server.js'), ['models.json'], { cwd });

    traffic = keepAsking(async () => {
      const { status, body } = await predict('half_plus_two', 1);
      return status === 200 ? { 2.5: 123, 3.5: 124 }[body.predictions[0]] : undefined;
    }, 4);
  });
  afterAll(async () => {
    await traffic.stop();
    await app.kill();
    await rm(cwd, { recursive: true });
  });

  it('answers with a new version that was dropped in the folder, and lets the old one go', async () => {
    expect(await answersFromNow()).toEqual([123]);
    await cp(fixture('half_plus_two/124'), join(cwd, 'models/half_plus_two/.incoming'), { recursive: true });
    await rename(join(cwd, 'models/half_plus_two/.incoming'), join(cwd, 'models/half_plus_two/124'));
    await app.seen('half_plus_two 123 is gone');
    expect(await answersFromNow()).toEqual([124]);
  });

  it('adds a model', async () => {
    expect((await predict('words', 'tea')).status).toBe(404);
    expect(await send('PUT', '/admin/models/words', words)).toEqual({ status: 200, body: ['half_plus_two', 'words'] });
    expect((await predict('words', 'tea')).status).toBe(200);
  });

  it('replaces the whole list: another version policy, a label, a model more', async () => {
    const pinned = { ...half, versionPolicy: { specific: { versions: [123, 124] } } };
    await send('PUT', '/admin/models', [pinned, words]);
    const labelled = { ...pinned, versionLabels: { stable: 123 } };
    expect((await send('PUT', '/admin/models', [labelled, words, digits])).body).toEqual([
      'half_plus_two',
      'words',
      'digits',
    ]);
    expect((await predict('half_plus_two/labels/stable', 1)).body).toEqual({ predictions: [2.5] });
    expect((await predict('digits', image)).status).toBe(200);
  });

  it('goes back to an older version', async () => {
    const pinned = { ...half, versionPolicy: { specific: { versions: [123] } } };
    expect((await send('PUT', '/admin/models', [pinned, words, digits])).status).toBe(200);
    await app.seen('half_plus_two 124 is gone');
    expect(await answersFromNow()).toEqual([123]);
  });

  it.each([
    ['a list that names a model twice', 'PUT', '/admin/models', [half, half], 400],
    ['a model without a folder', 'PUT', '/admin/models/nothing', {}, 400],
    ['a model that is there', 'PUT', '/admin/models/words', words, 409],
    ['the removal of a model that is not', 'DELETE', '/admin/models/nothing', undefined, 404],
  ])('refuses %s, and changes nothing', async (_, method, route, body, status) => {
    expect((await send(method, route, body)).status).toBe(status);
    expect((await predict('words', 'tea')).status).toBe(200);
  });

  it('removes a model', async () => {
    expect(await send('DELETE', '/admin/models/digits')).toEqual({ status: 200, body: ['half_plus_two', 'words'] });
    expect((await predict('digits', image)).status).toBe(404);
  });

  it('keeps its list while the file can’t be parsed, and follows it when it can', async () => {
    await writeList('[{');
    await app.seen('The configuration could not be read; the running one is kept');
    expect((await predict('words', 'tea')).status).toBe(200);
    await writeList(JSON.stringify([half, echo]));
    await app.seen('words 2 is gone');
    expect((await predict('words', 'tea')).status).toBe(404);
    await app.seen('echo 1 answers');
    expect((await predict('echo', [1, 2])).body).toEqual({ predictions: [[1, 2]] });
  });

  it('has failed no request meanwhile', async () => {
    const { sent, failed } = await traffic.stop();
    expect(failed).toBe(0);
    expect(sent).toBeGreaterThan(800);
    expect(traffic.versionsSince(0)).toEqual([123, 124]);
  });

  it('ends cleanly', async () => {
    expect(await app.terminate()).toEqual({ code: 0, signal: null });
  });

  itStandsWordForWord(import.meta.url, ['server.js', 'models.json'], 'docs/guides/models.md');
});
