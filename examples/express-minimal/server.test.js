import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the minimal Express app', {
  test: import.meta.url,
  file: 'server.js',
  ownRoute: '/half-plus-two/5',
  pages: ['README.md', 'docs/getting-started.md'],
});
