import { Server, ServerCredentials } from '@grpc/grpc-js';
import { ModelServer } from '@serving/core';
import { addServingServices } from '@serving/grpc';
import { savedModelPlatform } from '@serving/savedmodel';

const modelServer = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});

const grpcServer = new Server({ 'grpc.max_receive_message_length': 1024 ** 3 }); // grpc-js takes 4 MiB by default
const services = addServingServices(grpcServer, modelServer);
grpcServer.bindAsync(`127.0.0.1:${process.env.PORT ?? 8500}`, ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(`listening on ${port}`);
});

process.once('SIGTERM', () => {
  services.close(); // ends the streams of those who watch the models' health
  grpcServer.tryShutdown(() => modelServer.close());
});
