import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const halfPlusTwo = fileURLToPath(new URL('../../../savedmodel/fixtures/half_plus_two/123', import.meta.url));

/** The modules that a command loads, by the coverage that V8 writes. */
async function loadedModules(program: string, argv: readonly string[]): Promise<string[]> {
  const coverage = await mkdtemp(join(tmpdir(), 'serving-start-up-'));
  onTestFinished(() => rm(coverage, { recursive: true }));
  const bin = fileURLToPath(new URL(`../../bin/${program}.js`, import.meta.url));
  const env = { ...process.env, NODE_V8_COVERAGE: coverage };
  const child = spawn(process.execPath, [bin, ...argv], { stdio: 'ignore', env });
  expect(await once(child, 'exit')).toEqual([0, null]);
  const texts = await Promise.all((await readdir(coverage)).map((file) => readFile(join(coverage, file), 'utf8')));
  const urls = texts.flatMap((text) =>
    (JSON.parse(text) as { result: { url: string }[] }).result.map(({ url }) => url),
  );
  return urls.filter((url) => url.startsWith('file:'));
}

describe('the start of a command', () => {
  it.each([
    ['serving', ['--help'], 80, /node_modules/],
    ['serving', ['serve', '--help'], 80, /node_modules/],
    ['saved_model_cli', ['--help'], 80, /node_modules/],
    [
      'saved_model_cli',
      ['show', '--dir', halfPlusTwo, '--all'],
      220,
      /\/zod|\/koffi|packages\/(?:savedmodel|http|onnx)/,
    ],
  ] as const)('loads only what %s %j needs', async (program, argv, most, unneeded) => {
    const modules = await loadedModules(program, argv);
    expect(modules.filter((url) => unneeded.test(url))).toEqual([]);
    expect(modules.length).toBeLessThan(most);
  });
});
