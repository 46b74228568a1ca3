/** What is counted of models: TensorFlow's loads and graph runs, and which versions are available. */
import type {
  BatchEvent,
  LoadEvent,
  ModelProcessEvent,
  ObservedServer,
  RequestStageEvent,
  ServingObserver,
  WarmupEvent,
} from '@serving/core/diagnostics';
import { LabelLimit, MAX_PATH_LENGTH } from './label-limit.js';
import { Counter, exponentialLimits, Gauge, Histogram, type Metric } from './metric.js';

/** The part of a `ModelServer` that gauges read. */
export type WatchedServer = Pick<ObservedServer, 'modelNames' | 'getModelStatus' | 'state'>;

export class ModelMetrics implements ServingObserver {
  readonly #paths = new LabelLimit(MAX_PATH_LENGTH);
  readonly #models = new LabelLimit();
  readonly #servers = new Set<WatchedServer>();
  readonly #loadAttemptCount = new Counter({
    name: '/tensorflow/cc/saved_model/load_attempt_count',
    help: 'Attempts to load a SavedModel.',
    labels: ['model_path', 'status'],
  });
  readonly #loadLatency = new Counter({
    name: '/tensorflow/cc/saved_model/load_latency',
    help: 'Microseconds that SavedModels took which were loaded.',
    labels: ['model_path'],
  });
  readonly #modelLoadLatency = new Histogram(
    {
      name: '/serving/model_load_latency',
      help: 'Microseconds of each attempt to load a version, warm-up included.',
      labels: ['model_name', 'status'],
    },
    exponentialLimits(1000, 1.8, 33),
  );
  readonly #warmupLatency = new Histogram(
    {
      name: '/tensorflow/serving/model_warmup_latency',
      help: 'Microseconds of warm-ups, of versions that have requests for it.',
      labels: ['model_path', 'status'],
    },
    exponentialLimits(10, 1.8, 33),
  );
  readonly #warmupRecordsRead = new Counter({
    name: '/tensorflow/serving/model_warmup_records_read',
    help: 'Requests that warmed versions up.',
    labels: ['model_path', 'status'],
  });
  readonly #graphRuns = new Counter({ name: '/tensorflow/core/graph_runs', help: 'Runs of models.', labels: [] });
  readonly #graphRunTime = new Counter({
    name: '/tensorflow/core/graph_run_time_usecs',
    help: 'Microseconds that models ran.',
    labels: [],
  });
  readonly #processDeaths = new Counter({
    name: '/serving/model_process_deaths',
    help: 'Processes of isolated models that ended by themselves or for a limit.',
    labels: ['model_name', 'cause'],
  });
  readonly #processRestarts = new Counter({
    name: '/serving/model_process_restarts',
    help: 'Processes of isolated models that have loaded a version again.',
    labels: ['model_name'],
  });
  readonly #versionState = new Gauge(
    {
      name: '/serving/model_version_state',
      help: '1 for the state that a version is in.',
      labels: ['model_name', 'version', 'state'],
    },
    () => this.#versions(),
  );
  readonly #modelAvailable = new Gauge(
    { name: '/serving/model_available', help: '1 when a model has a version available.', labels: ['model_name'] },
    () => this.#availability(),
  );
  readonly #versionEngine = new Gauge(
    {
      name: '/serving/version_engine',
      help: '1 for the engine that runs an available version.',
      labels: ['model_name', 'version', 'engine'],
    },
    () => this.#versionEngines(),
  );
  readonly metrics: readonly Metric[] = [
    this.#loadAttemptCount,
    this.#loadLatency,
    this.#modelLoadLatency,
    this.#warmupLatency,
    this.#warmupRecordsRead,
    this.#graphRuns,
    this.#graphRunTime,
    this.#processDeaths,
    this.#processRestarts,
    this.#versionState,
    this.#modelAvailable,
    this.#versionEngine,
  ];

  /** Has the gauges show its models. */
  watch(server: WatchedServer): void {
    this.#servers.add(server);
  }

  onStage({ request, stage, startTime, endTime }: RequestStageEvent): void {
    if (stage === 'run' && !request.wasQueued) this.#addRun((endTime - startTime) * 1000);
  }

  onBatch({ startTime, endTime }: BatchEvent): void {
    this.#addRun((endTime - startTime) * 1000);
  }

  onLoad({ servable, path, startTime, endTime, error }: LoadEvent): void {
    const micros = (endTime - startTime) * 1000;
    this.#modelLoadLatency.record(micros, this.#models.of(servable.name), error?.code ?? 'OK');
    if (path === undefined) return;
    const label = this.#paths.of(path);
    this.#loadAttemptCount.add(1, label, error ? 'fail' : 'success');
    if (!error) this.#loadLatency.add(Math.round(micros), label);
  }

  onWarmup({ path, requests, startTime, endTime, error }: WarmupEvent): void {
    if (requests === 0 && !error) return;
    const labels = [this.#paths.of(path), error ? `${error.code}: ${error.message}` : 'OK'] as const;
    this.#warmupLatency.record((endTime - startTime) * 1000, ...labels);
    if (!error) this.#warmupRecordsRead.add(requests, ...labels);
  }

  onModelProcess({ kind, servable, signal, code, reason, isRestart }: ModelProcessEvent): void {
    if (servable === undefined) return;
    const model = this.#models.of(servable.name);
    if (kind === 'started') {
      if (isRestart) this.#processRestarts.add(1, model);
      return;
    }
    this.#processDeaths.add(1, model, reason !== undefined ? 'limit' : (signal ?? `exit code ${code}`));
  }

  #addRun(micros: number): void {
    this.#graphRuns.add(1);
    this.#graphRunTime.add(Math.round(micros));
  }

  *#versions(): Generator<[string[], number]> {
    for (const { model, versions } of this.#statuses()) {
      for (const { version, state } of versions) yield [[model, String(version), state], 1];
    }
  }

  *#versionEngines(): Generator<[string[], number]> {
    for (const { model, versions } of this.#statuses()) {
      for (const { version, engine } of versions) {
        if (engine !== undefined) yield [[model, String(version), engine], 1];
      }
    }
  }

  *#availability(): Generator<[string[], number]> {
    for (const { model, versions } of this.#statuses()) {
      yield [[model], versions.some(({ state }) => state === 'AVAILABLE') ? 1 : 0];
    }
  }

  *#statuses(): Generator<{ model: string; versions: ReturnType<WatchedServer['getModelStatus']> }> {
    for (const server of this.#servers) {
      if (server.state === 'closed') this.#servers.delete(server);
      for (const model of server.modelNames) yield { model, versions: versionsOf(server, model) };
    }
  }
}

/** The status of a model without any version is an error, and it has none to count. */
function versionsOf(server: WatchedServer, model: string): ReturnType<WatchedServer['getModelStatus']> {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
  }
}
