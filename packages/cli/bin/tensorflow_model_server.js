#!/usr/bin/env node
// libuv reads this when its pool is first used, which an ES module's own loading already does; hence CommonJS here.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, require('node:os').availableParallelism() + 2));

// Node opens all files of an import at once, and takes those beyond the limit of open files (`ulimit -n`) for missing modules. The two
// packages with the most files come first, so that 200 are enough.
void (async () => {
  await import('@serving/core');
  await import('@serving/onnx-compiler');
  await import('../dist/bin/tensorflow-model-server.js');
})();
