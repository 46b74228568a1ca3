import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ModelServer } from '@serving/core';
import { addServingServices, limitCompressedMessages } from '@serving/grpc';
import { savedModelPlatform } from '@serving/savedmodel';

const modelServer = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const grpcServer = new Server({
  'grpc.max_receive_message_length': 1024 ** 3, // grpc-js takes 4 MiB by default
  'grpc.keepalive_time_ms': 30_000, // and never finds out that a client is gone
  'grpc.max_connection_idle_ms': 300_000,
  interceptors: [limitCompressedMessages()], // to 64 MiB when inflated
});
const services = addServingServices(grpcServer, modelServer);
grpcServer.bindAsync(`127.0.0.1:${process.env.PORT ?? 8500}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening on ${port}`);
});

process.once('SIGTERM', () => {
  services.close(); // ends the streams of health and reflection
  grpcServer.tryShutdown(() => modelServer.close());
  setTimeout(() => grpcServer.forceShutdown(), 20_000).unref(); // cancels calls that are still in flight
});
