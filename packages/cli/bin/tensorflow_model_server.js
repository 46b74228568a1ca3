#!/usr/bin/env node
// libuv reads this when its pool is first used, which an ES module's own loading already does; hence CommonJS here.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, require('node:os').availableParallelism() + 2));
void import('../dist/bin/tensorflow-model-server.js');
