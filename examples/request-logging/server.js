import { ModelServer } from '@serving/core';
import { LogCollectorRegistry } from '@serving/core/extend';
import { drain, servingRouter } from '@serving/express';
import { savedModelPlatform, tfRecordLogCollector } from '@serving/savedmodel';
import express from 'express';

const [halfPlusTwo = './models/half_plus_two', digits = './models/digits', logs = './logs'] = process.argv.slice(2);

const server = await ModelServer.start({
  models: [
    {
      name: 'half_plus_two',
      basePath: halfPlusTwo,
      loggingConfig: {
        logCollectorConfig: { type: 'tfrecord', filenamePrefix: `${logs}/half_plus_two` },
        samplingConfig: { samplingRate: 1 }, // all; 0.01 logs one in a hundred
      },
    },
    {
      name: 'digits',
      basePath: digits,
      loggingConfig: { logCollector: printLabels, samplingConfig: { samplingRate: 1 } },
    },
  ],
  platforms: { tensorflow: savedModelPlatform() },
  logCollectors: new LogCollectorRegistry().register('tfrecord', tfRecordLogCollector({ maxFileRecords: 1000 })),
  on: { error: (error) => console.error(error.message) },
});

/** A collector of one's own. Tensors may be the caller's memory: what is kept of them is copied before it returns. */
function printLabels({ api, response, logMetadata }) {
  if (api !== 'Predict') return;
  const labels = Array.from(response.outputs.label.data, Number);
  console.log(JSON.stringify({ ...logMetadata.modelSpec, labels }));
}

const app = express();
app.use(servingRouter(server));
const listener = app.listen(process.env.PORT ?? 8501);
listener.once('listening', () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server)); // writes what is still to be written
