import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { beside, fixture, runExample, startExample } from '../test-support/example-process.js';
import { describeMinimalHost } from '../test-support/minimal-host.js';
import { itStandsWordForWord, promisedLines, responsesOfScript } from '../test-support/snippets.js';

describeMinimalHost('the minimal Express app', {
  test: import.meta.url,
  file: 'server.js',
  ownRoute: '/half-plus-two/5',
  pages: ['README.md', 'docs/guides/getting-started.md'],
});

it('says so when the port of the minimal Express app is taken', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const env = { ...process.env, PORT: String(other.address().port) };
  const failure = runExample(beside(import.meta.url)('server.js'), [], { env });
  await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });
  other.close();
});

it('the minimal Express app gives the requests of curl the responses that their comments promise', async () => {
  const app = await startExample(beside(import.meta.url)('server.js'), [fixture('half_plus_two_tf2')]);
  const { received, promised } = await responsesOfScript(beside(import.meta.url)('requests.sh'), [
    `${app.url}/v1/models/half_plus_two`,
  ]);
  expect(received).toBe(promised);
  await app.terminate();
});

itStandsWordForWord(import.meta.url, ['requests.sh'], 'docs/reference/rest-api.md');

it('an error has the code, status and message that the comments promise', async () => {
  const file = beside(import.meta.url)('errors.js');
  const printed = await runExample(file, [fixture('half_plus_two_tf2')]);
  expect(printed.trimEnd()).toBe(promisedLines(file).join('\n'));
});

itStandsWordForWord(import.meta.url, ['errors.js'], 'docs/reference/errors.md');
