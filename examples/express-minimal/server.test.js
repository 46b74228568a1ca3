import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { beside, runExample } from '../test-support/example-process.js';
import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the minimal Express app', {
  test: import.meta.url,
  file: 'server.js',
  ownRoute: '/half-plus-two/5',
  pages: ['README.md', 'docs/getting-started.md'],
});

it('says so when the port of the minimal Express app is taken', async () => {
  const other = createServer().listen(0);
  await once(other, 'listening');
  const env = { ...process.env, PORT: String(other.address().port) };
  const failure = runExample(beside(import.meta.url)('server.js'), [], { env });
  await expect(failure).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('EADDRINUSE') });
  other.close();
});
