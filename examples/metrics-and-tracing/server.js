import { createServer } from 'node:http';
import { ModelServer } from '@serving/core';
import { createNodeHandler, drain } from '@serving/http';
import { savedModelPlatform } from '@serving/savedmodel';
import { attachLogger, servingMetrics } from '@serving/telemetry';
import { traceServing } from '@serving/telemetry/opentelemetry';
import { registerServingMetrics } from '@serving/telemetry/prom-client';
import { register } from 'prom-client';
import { logger } from './logger.js';
import { tracerProvider } from './tracing.js';

const metrics = servingMetrics();
registerServingMetrics(register, metrics);
traceServing({ tracerProvider });
attachLogger(logger, { requests: true });

const server = await ModelServer.start({
  models: [{ name: 'half_plus_two', basePath: process.argv[2] ?? './models/half_plus_two' }],
  platforms: { tensorflow: savedModelPlatform() },
  batching: {},
});

const options = { metrics: register, prometheusPath: '/metrics', healthPath: '/health' };
const listener = createServer(createNodeHandler(server, options));
listener.listen(process.env.PORT ?? 8501, () => console.log(`listening on ${listener.address().port}`));
process.once('SIGTERM', () => drain(listener, server));
