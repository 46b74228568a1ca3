import { servingConsole } from '@serving/console';
import { ModelServer } from '@serving/core';
import { drain, RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
});
const listener = await RestServer.listen(server, {
  port: Number(process.env.PORT ?? 8501),
  extensions: [servingConsole()],
});
console.log(`listening on ${listener.port}`);
process.once('SIGTERM', () => drain(listener, server));
