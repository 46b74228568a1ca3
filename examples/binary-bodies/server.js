import { createServer } from 'node:http';
import { ModelServer } from '@serving/core';
import { createNodeHandler, drain } from '@serving/http';
import { protobufPredictFormat } from '@serving/protos/messages';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'digits', basePath: process.argv[2] ?? './models/digits' }],
  platforms: { tensorflow: savedModelPlatform() },
});
const listener = createServer(createNodeHandler(server, { formats: [protobufPredictFormat] }));
listener.listen(process.env.PORT ?? 8501, '127.0.0.1', () => console.log(`listening on ${listener.address().port}`));

process.once('SIGTERM', () => drain(listener, server));
