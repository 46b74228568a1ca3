import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { openInference } from '@serving/open-inference';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});
const grpc = await GrpcServer.listen(server, { port: Number(process.env.PORT ?? 8500), extensions: [openInference()] });
console.log(`listening on ${grpc.port}`);
process.once('SIGTERM', () => grpc.close().then(() => server.close({ timeoutMs: 10_000 })));
