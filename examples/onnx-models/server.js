import { ModelServer } from '@serving/core';
import { RestServer } from '@serving/http';
import { onnxPlatform } from '@serving/runtime-onnx';

const server = await ModelServer.start({
  models: [{ name: 'price', basePath: process.argv[2] ?? './models/price', platform: 'onnx' }],
  platforms: { onnx: onnxPlatform() },
});

const { outputs } = await server.predict({ model: 'price', inputs: { features: [[1, 2, 3, 4]] } });
console.log(`price of the first house: ${outputs.price.data[0].toFixed(4)}`);

const rest = await RestServer.listen(server, { port: Number(process.env.PORT ?? 8501) });
console.log(`listening on ${rest.port}`);
process.once('SIGTERM', () => rest.close().then(() => server.close()));
