/** Serves a vocabulary beside a TensorFlow model: `node server.js VOCABULARY_FOLDER SAVED_MODEL_FOLDER`. */
import { ModelServer } from '@serving/core';
import { RestServer } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { lookupTablePlatform } from './lookup-table-platform.js';

const [vocabulary, savedModel] = process.argv.slice(2);
const server = await ModelServer.start({
  models: [
    { name: 'vocabulary', basePath: vocabulary, platform: 'lookup_table' },
    { name: 'half_plus_two', basePath: savedModel },
  ],
  platforms: { lookup_table: lookupTablePlatform, tensorflow: savedModelPlatform() },
  pollIntervalMs: 250,
});
const rest = await RestServer.listen(server, { port: Number(process.env.PORT ?? 8501) });
console.log(`listening on ${rest.port}`);
process.once('SIGTERM', () => rest.close().then(() => server.close({ timeoutMs: 10_000 })));
