/** REST and gRPC for clients of a list: `node server.js MODEL CLIENTS`. TLS belongs in front of it, or into it. */
import { readFile } from 'node:fs/promises';
import { Server, ServerCredentials, ServerInterceptingCall } from '@grpc/grpc-js';
import { servingConsole } from '@serving/console';
import { ModelServer, ServingError } from '@serving/core';
import { servingRouter } from '@serving/express';
import { addServingServices } from '@serving/grpc';
import { createHealthHandler, drain } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import express from 'express';
import { AccessList } from './access.js';

const [basePath = './models/half_plus_two', clients = './clients.json'] = process.argv.slice(2);
const access = new AccessList(JSON.parse(await readFile(clients, 'utf8')));
const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath }],
  platforms: { tensorflow: savedModelPlatform() },
});

const app = express();
app.use(createHealthHandler(() => server)); // /health/live, /health/ready: for probes, which have no key
app.use((request, _response, next) => {
  const right = request.method === 'POST' ? 'predict' : 'operate'; // status, metrics and the console are read with GET
  access.check(right, (name) => request.get(name)); // before the body is read
  next();
});
app.use(servingRouter(server, { prometheusPath: '/metrics', extensions: [servingConsole()] }));
app.use((error, _request, response, _next) => {
  const { status, message } = ServingError.from(error);
  if (status === 401) response.set('WWW-Authenticate', 'Basic realm="models", charset="UTF-8"');
  response.status(status).json({ error: message });
});

const predicting = /^\/tensorflow\.serving\.PredictionService\/(Predict|Classify|Regress|MultiInference)$/;
const authenticate = ({ path }, call) => {
  const check = (metadata) => {
    if (path.startsWith('/grpc.health.v1.Health/')) return;
    access.check(predicting.test(path) ? 'predict' : 'operate', (name) => metadata.get(name)[0]);
  };
  const onReceiveMetadata = (metadata, next) => {
    try {
      check(metadata);
      next(metadata);
    } catch (error) {
      call.sendStatus({ code: error.grpcNumber, details: error.message }); // before the message is read
    }
  };
  return new ServerInterceptingCall(call, { start: (next) => next({ onReceiveMetadata }) });
};
const grpcServer = new Server({ interceptors: [authenticate] });
const services = addServingServices(grpcServer, server, { allowReload: false });

grpcServer.bindAsync(
  `127.0.0.1:${process.env.GRPC_PORT ?? 8500}`,
  ServerCredentials.createInsecure(),
  (error, port) => {
    if (error) throw error;
    console.log(`gRPC on ${port}`);
    const listener = app.listen(process.env.PORT ?? 8501);
    listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
    const closeGrpc = () => {
      services.close();
      return new Promise((resolve) => grpcServer.tryShutdown(resolve));
    };
    process.once('SIGTERM', () => drain([listener, { close: closeGrpc }], server));
  },
);
