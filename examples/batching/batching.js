/** Requests that come together run together: `node batching.js MODELS`. */
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import { createTensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';

const folder = process.argv[2] ?? './models';
const server = await ModelServer.start({
  models: [
    { name: 'digits', basePath: join(folder, 'digits') },
    { name: 'slow', basePath: join(folder, 'slow'), batching: false }, // one of its inputs is a scalar
  ],
  platforms: { tensorflow: savedModelPlatform() },
  batching: { maxBatchSize: 32, allowedBatchSizes: [8, 32], batchTimeoutMs: 5 },
});
observeServing({
  onBatchingRun: ({ tasks, size, padding }) =>
    console.log(`a batch of ${tasks} requests: ${size} rows, ${padding} of padding`),
});

const image = createTensor('float', [1, 8, 8, 1], new Float32Array(64));
const answers = await Promise.all(
  Array.from({ length: 70 }, () => server.predict({ model: 'digits', inputs: { image } })),
);
console.log(`${answers.length} answers`, answers[0].outputs.probabilities.shape); // 70 answers [ 1, 10 ]

const { outputs } = await server.predict({ model: 'slow', inputs: { x: [1, 2], iterations: 3 } });
console.log(outputs.y.data); // Float32Array(2) [ 4, 5 ]

await server.close();
