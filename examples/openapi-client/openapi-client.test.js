import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord } from '../test-support/snippets.js';

const path = beside(import.meta.url);
const run = promisify(execFile);
const command = (name) => path(`node_modules/.bin/${name}`);

/** Compiles with the options that a project in strict TypeScript has; resolves with what the compiler says. */
async function compile(file) {
  const options =
    '--noEmit --allowJs --checkJs --strict --module nodenext --target es2023 --allowImportingTsExtensions --skipLibCheck';
  const { stdout } = await run(command('tsc'), [...options.split(' '), '--types', 'node', path(file)]).catch(
    (error) => error,
  );
  return stdout;
}

describe('a client made from an OpenAPI document', () => {
  let app;
  let url;

  beforeAll(async () => {
    app = await startExample(path('server.js'), [fixture('half_plus_two')]);
    url = `http://127.0.0.1:${app.port}`;
    await run(command('openapi-typescript'), [`${url}/openapi.json`, '--output', path('schema.generated.ts')]);
  });
  afterAll(() => app.kill());

  it('compiles, and gets a prediction', async () => {
    expect(await compile('client.js')).toBe('');
    expect(await runExample(path('client.js'), [url])).toBe('[ 3.5, 4, 5.5 ]\n');
  });

  it('does not compile with an input of another type', async () => {
    const wrong = (await readFile(path('client.js'), 'utf8')).replace('[1, 2, 5]', "['one']");
    await writeFile(path('wrong.generated.js'), wrong);
    try {
      expect(await compile('wrong.generated.js')).toMatch(/Type 'string' is not assignable to type 'number'/);
    } finally {
      await rm(path('wrong.generated.js'));
    }
  });

  itStandsWordForWord(import.meta.url, ['client.js'], 'docs/guides/console.md');
});
