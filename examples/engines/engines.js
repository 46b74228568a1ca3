/** One model on the engine of one's choice: `node engines.js MODEL_FOLDER onnx|tensorflow|tfjs-node`. */
import { ModelServer } from '@serving/core';
import { onnxRuntime } from '@serving/runtime-onnx';
import { tensorflowRuntime } from '@serving/runtime-tensorflow';
import { tfjsNodeRuntime } from '@serving/runtime-tfjs-node';
import { savedModelPlatform } from '@serving/savedmodel';

const [basePath = './models/half_plus_two', name = 'onnx'] = process.argv.slice(2);
const engines = { onnx: onnxRuntime, tensorflow: tensorflowRuntime, 'tfjs-node': tfjsNodeRuntime };
const engine = engines[name]();

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath }],
  platforms: { tensorflow: savedModelPlatform({ engine }) },
});
const { outputs } = await server.predict({ model: 'half_plus_two', inputs: { x: [1, 2, 5] } });
console.log(outputs.y.data); // Float32Array(3) [ 2.5, 3, 4.5 ]
await server.close();
