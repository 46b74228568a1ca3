import { describeMinimalHost } from '../test-support/minimal-host.js';

describeMinimalHost('the CommonJS app', { test: import.meta.url, file: 'server.cjs' });
