import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { savedModelPlatform } from '@serving/savedmodel';
import { fakeServable, savedModelFixture, startTestServer } from '@serving/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { halfPlusTwo } from './half-plus-two.ts';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

describe('halfPlusTwo in TypeScript', () => {
  let test;
  afterEach(() => test?.close());

  it('gives the value of the model', async () => {
    test = await startTestServer({
      models: { half_plus_two: { basePath: savedModelFixture('half_plus_two') } },
      platforms: { tensorflow: savedModelPlatform() },
    });
    expect(await halfPlusTwo(test.server, 5)).toBe(4.5);
  });

  it('throws when the output has another data type', async () => {
    const doubles = fakeServable({ inputs: { x: 'float' }, outputs: { y: 'double' }, run: () => ({ y: [1] }) });
    test = await startTestServer({ models: { half_plus_two: doubles } });
    await expect(halfPlusTwo(test.server, 5)).rejects.toThrow('half_plus_two gave double instead of float');
  });

  it.each(['nodenext', 'bundler'])('compiles with module resolution %s', (moduleResolution) => {
    const module = moduleResolution === 'bundler' ? 'esnext' : 'nodenext';
    const options = ['-p', path('.'), '--module', module, '--moduleResolution', moduleResolution];
    execFileSync(process.execPath, [path('./node_modules/typescript/bin/tsc'), ...options], { stdio: 'pipe' });
  });

  it('stands word for word in docs/guides/getting-started.md', () => {
    const page = readFileSync(path('../../docs/guides/getting-started.md'), 'utf8');
    expect(page).toContain(readFileSync(path('./half-plus-two.ts'), 'utf8'));
  });
});
