import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the minimal Koa app', { test: import.meta.url, file: 'server.js' });
