import { ModelServer, ServingError } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

try {
  await server.predict({ model: 'half_plus_three', inputs: { x: [1] } });
} catch (error) {
  const { code, status, grpcNumber, message } = ServingError.from(error);
  console.log(code, status, grpcNumber); // NOT_FOUND 404 5
  console.log(message); // Servable not found for request: Latest(half_plus_three)
}
await server.close();
