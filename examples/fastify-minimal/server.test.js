import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the minimal Fastify app', { test: import.meta.url, file: 'server.js' });
