/** Measures one inference request for the statistics of the version that answers it. */
import type { ServingError, StatusCode } from '@serving/core';
import {
  type BatchEvent,
  batchChannel,
  type RequestStage,
  RequestTrace,
  type RequestTraceOptions,
} from '@serving/core/diagnostics';
import type { Clock } from '@serving/core/extend';
import type { VersionStatistics } from './version-statistics.js';

/** A trace that is there whether requests are observed or not. */
export class StatisticsTrace extends RequestTrace {
  /** Of the version that was found. */
  statistics: VersionStatistics | undefined;
  /** Rows of the request. */
  rows = 1;
  /** Whether a batch has counted its run. */
  isCounted = false;
  readonly #clock: Clock;
  readonly #durations: Record<RequestStage, number> = { decode: 0, queue: 0, run: 0, encode: 0 };
  #current: RequestStage | undefined;
  #since: number;
  #wasAccepted = false;

  constructor(options: RequestTraceOptions & { readonly clock: Clock }) {
    super(options);
    this.#clock = options.clock;
    this.#since = this.startTime;
    watchBatches();
  }

  override enter(stage: RequestStage): void {
    this.#leave();
    this.#current = stage;
    if (stage === 'run') this.#wasAccepted = true;
    super.enter(stage);
  }

  override queued(): void {
    if (this.#current === 'run') this.#current = 'queue';
    super.queued();
  }

  override finish(status: StatusCode, error?: ServingError): void {
    if (this.endTime !== undefined) return;
    this.#leave();
    super.finish(status, error);
    const { statistics } = this;
    if (statistics === undefined) return;
    const total = this.#clock.now() - this.startTime;
    const durations = this.#durations;
    if (status === 'OK') {
      statistics.succeeded(this.rows, { total, ...durations }, this.#clock.wallTime());
      if (!this.isCounted) statistics.executed(this.rows, durations.decode, durations.run, durations.encode);
    } else if (this.#wasAccepted) {
      statistics.failed(total, this.#clock.wallTime());
    }
  }

  #leave(): void {
    const now = this.#clock.now();
    if (this.#current !== undefined) this.#durations[this.#current] += now - this.#since;
    this.#since = now;
  }
}

let isWatching = false;

/** Subscribes once: the channel of batches is the process's. */
function watchBatches(): void {
  if (isWatching) return;
  isWatching = true;
  batchChannel.subscribe((event) => countBatch(event as BatchEvent));
}

function countBatch({ requests, size, startTime, endTime, error }: BatchEvent): void {
  let statistics: VersionStatistics | undefined;
  for (const request of requests) {
    if (!(request instanceof StatisticsTrace)) continue;
    request.isCounted = true;
    statistics = request.statistics;
  }
  if (error === undefined) statistics?.executed(size, 0, endTime - startTime, 0);
}
