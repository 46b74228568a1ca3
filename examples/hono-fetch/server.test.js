import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the Hono app', { test: import.meta.url, file: 'server.js', otherMounts: ['/ml'] });
