/** Requests, stages, batches and loads as OpenTelemetry's metrics. */
import { type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import { observeServing, type RequestTrace, type ServingObserver } from '@serving/core/diagnostics';
import { checkOptions, type OptionsTable, optionKinds } from '@serving/core/internal';
import { LabelLimit } from '../metrics/label-limit.js';
import { requestAttributes } from './attributes.js';

/** Whose metrics they are, and of which requests. */
export interface MeterServingOptions {
  /** Default: the one that is registered globally now. */
  readonly meterProvider?: MeterProvider;
  /** Which requests are measured. Default: all of the process. */
  readonly filter?: (request: RequestTrace) => boolean;
}

/** The options by name. */
export const meterServingOptions: OptionsTable<MeterServingOptions> = {
  meterProvider: {
    ...optionKinds.object('`MeterProvider`', 'an object with getMeter', 'getMeter'),
    default: 'the global one',
    meaning: 'whose instruments they are',
  },
  filter: {
    ...optionKinds.callback,
    default: 'all of the process',
    meaning: 'which requests are measured',
  },
};

/**
 * Records from now on, until the returned function is called, in seconds and rows:
 *
 * | instrument | attributes |
 * | --- | --- |
 * | `serving.request.duration` (histogram) | model, api, entrypoint, `serving.status` |
 * | `serving.request.active` (up-down counter) | entrypoint |
 * | `serving.stage.duration` (histogram) | model, api, entrypoint, `serving.stage` |
 * | `serving.batch.duration`, `serving.batch.size`, `serving.batch.padding`, `serving.batch.requests` (histograms) | model |
 * | `serving.model.load.duration` (histogram) | model, `error.type` of a failed attempt |
 *
 * @throws ServingError `INVALID_ARGUMENT` for unknown options.
 */
export function meterServing(options: MeterServingOptions = {}): () => void {
  checkOptions(options, meterServingOptions, 'meterServing()');
  const { meterProvider = metrics, filter } = options;
  const meter = (meterProvider as Pick<MeterProvider, 'getMeter'>).getMeter('@serving/telemetry');
  return observeServing(servingMeter(meter, filter ?? (() => true)));
}

function servingMeter(meter: Meter, wanted: (request: RequestTrace) => boolean): ServingObserver {
  const models = new LabelLimit();
  const seconds = (name: string, description: string) =>
    meter.createHistogram(name, { unit: 's', description, advice });
  const rows = (name: string, description: string) =>
    meter.createHistogram(name, { unit: '{row}', description, advice: { explicitBucketBoundaries: SIZES } });
  const requestDuration = seconds('serving.request.duration', 'From a request to its answer.');
  const stageDuration = seconds('serving.stage.duration', 'What requests spent in decode, queue, run and encode.');
  const batchDuration = seconds('serving.batch.duration', 'How long batches ran.');
  const loadDuration = seconds('serving.model.load.duration', 'Attempts to load a version, warm-up included.');
  const batchSize = rows('serving.batch.size', 'Rows of batches, without padding.');
  const batchPadding = rows('serving.batch.padding', 'Rows added to batches.');
  const batchRequests = meter.createHistogram('serving.batch.requests', { description: 'Requests that ran together.' });
  const active = meter.createUpDownCounter('serving.request.active', { description: 'Requests not answered yet.' });
  const attributesOf = (request: RequestTrace) => ({
    ...requestAttributes(request),
    'serving.model.name': models.of(request.model),
  });
  return {
    onRequest: (request) => {
      if (wanted(request)) active.add(1, { 'serving.entrypoint': request.entrypoint });
    },
    onStage: ({ request, stage, startTime, endTime }) => {
      if (!wanted(request)) return;
      stageDuration.record((endTime - startTime) / 1000, { ...attributesOf(request), 'serving.stage': stage });
    },
    onBatch: ({ servable, requests, size, padding, startTime, endTime }) => {
      if (!requests.some(wanted)) return;
      const attributes = { 'serving.model.name': servable.name };
      batchDuration.record((endTime - startTime) / 1000, attributes);
      batchSize.record(size, attributes);
      batchPadding.record(padding, attributes);
      batchRequests.record(requests.length, attributes);
    },
    onResponse: (request) => {
      if (!wanted(request)) return;
      const { entrypoint, status = 'UNKNOWN', startTime, endTime = startTime } = request;
      active.add(-1, { 'serving.entrypoint': entrypoint });
      requestDuration.record((endTime - startTime) / 1000, { ...attributesOf(request), 'serving.status': status });
    },
    onLoad: ({ servable, startTime, endTime, error }) => {
      const attributes = { 'serving.model.name': servable.name, ...(error && { 'error.type': error.code }) };
      loadDuration.record((endTime - startTime) / 1000, attributes);
    },
  };
}

/** From 10 µs to minutes: a tiny model answers far below the SDK's own first bucket. */
const advice = {
  explicitBucketBoundaries: [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
    2.5, 5, 10, 60,
  ],
};
const SIZES = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
