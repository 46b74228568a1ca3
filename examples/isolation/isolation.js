/** A model in a process of its own, which is killed while it serves: `node isolation.js MODELS`. */
import { join } from 'node:path';
import { ModelServer } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import { createTensor } from '@serving/core/tensor';
import { savedModelPlatform } from '@serving/savedmodel';

let pid;
observeServing({
  onModelProcess: (event) => {
    pid = event.pid;
    if (event.kind === 'ended') console.log(`${event.servable.name}: ended by ${event.signal}`);
    else console.log(`${event.servable.name}: ${event.isRestart ? 'started again' : 'started'}`);
  },
});

const folder = process.argv[2] ?? './models';
const uploads = { isolation: 'process', process: { memoryLimitBytes: 2 ** 30, maxRunMs: 30_000 } };
const server = await ModelServer.start({
  models: [
    { name: 'ranker', basePath: join(folder, 'half_plus_two') },
    { name: 'uploads', basePath: join(folder, 'slow'), options: uploads },
  ],
  platforms: { tensorflow: savedModelPlatform() },
});

const work = { x: [1], iterations: createTensor('int32', [], Int32Array.of(1000)) };
const running = server.predict({ model: 'uploads', inputs: work });
setTimeout(() => process.kill(pid, 'SIGKILL'), 50);
await running.catch(({ message }) => console.log(message));

const { outputs } = await server.predict({ model: 'ranker', inputs: { x: [1] } });
console.log(outputs.y.data); // Float32Array(1) [ 3.5 ]

const again = await server.predict({ model: 'uploads', inputs: { x: [1], iterations: 3 } });
console.log(again.outputs.y.data); // Float32Array(1) [ 4 ]
await server.close();
