import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { releasedManifest, releasedReadme, repositoryUrl } from './released-package.mjs';

const url = 'https://git.example/serving/serving';
const place = { url, folder: 'packages/koa' };

describe('repositoryUrl', () => {
  it.each([
    ['a text', url],
    ['an object', { type: 'git', url: `git+${url}.git` }],
  ])('takes %s', (_, repository) => {
    expect(repositoryUrl({ repository })).toBe(url);
  });

  it.each([
    ['nothing', undefined, '"repository" of package.json: missing. Nothing can be published without it'],
    ['an empty address', { url: '' }, '"repository" of package.json: missing.'],
    ['a short form', 'serving/serving', 'must be https://HOST/OWNER/NAME (got "serving/serving")'],
  ])('rejects %s', (_, repository, message) => {
    expect(() => repositoryUrl({ repository })).toThrow(message);
  });
});

describe('releasedManifest', () => {
  it('adds where the sources, the page and the issues are', () => {
    expect(releasedManifest({ name: '@serving/koa', keywords: ['koa'] }, place)).toEqual({
      name: '@serving/koa',
      keywords: ['koa'],
      repository: { type: 'git', url: `git+${url}.git`, directory: 'packages/koa' },
      homepage: `${url}/tree/main/packages/koa#readme`,
      bugs: { url: `${url}/issues` },
    });
  });
});

describe('releasedReadme', () => {
  it.each([
    ['[REST](../../docs/reference/rest-api.md#a)', `[REST](${url}/blob/main/docs/reference/rest-api.md#a)`],
    ['[proto](proto)', `[proto](${url}/tree/main/packages/koa/proto)`],
    ['![picture](../../docs/a.png)', `![picture](${url}/raw/main/docs/a.png)`],
    ['[here](#install)', '[here](#install)'],
    ['[npm](https://example.org/x.md)', '[npm](https://example.org/x.md)'],
  ])('changes %s to %s', (markdown, released) => {
    expect(releasedReadme(markdown, place)).toBe(released);
  });
});

describe('publish.mjs', () => {
  /** A repository with one package, and the scripts of this one. */
  function repository(manifest) {
    const root = mkdtempSync(join(tmpdir(), 'serving-release-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, '.ci/release'), { recursive: true });
    for (const file of ['publish.mjs', 'released-package.mjs']) {
      writeFileSync(join(root, '.ci/release', file), readFileSync(new URL(file, import.meta.url)));
    }
    const folder = join(root, 'packages/koa');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'root', private: true, ...manifest }));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: '@serving/koa', version: '1.2.3' }));
    writeFileSync(join(folder, 'README.md'), 'See [the guide](../../docs/guide.md).\n');
    return root;
  }

  const publish = (root) =>
    promisify(execFile)(process.execPath, [join(root, '.ci/release/publish.mjs'), '--dry-run'], { cwd: root });

  it('refuses to publish without the address of a repository', async () => {
    await expect(publish(repository({}))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('"repository" of package.json: missing'),
    });
  });

  it('packs each package with the address in its manifest and README', async () => {
    const root = repository({ repository: url });
    const { stdout } = await publish(root);
    const tarball = join(root, '.cache/release/serving-koa-1.2.3.tgz');
    expect(stdout).toContain(`@serving/koa@1.2.3: ${tarball}`);
    const read = async (file) => {
      const args = ['--extract', '--to-stdout', '--file', tarball, `package/${file}`];
      return (await promisify(execFile)('tar', args)).stdout;
    };
    expect(JSON.parse(await read('package.json'))).toMatchObject({ bugs: { url: `${url}/issues` } });
    expect(await read('README.md')).toBe(`See [the guide](${url}/blob/main/docs/guide.md).\n`);
  });
});
