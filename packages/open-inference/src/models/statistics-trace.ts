/** Measures one inference request for the statistics of the version that answers it. */
import type { ServingError, StatusCode } from '@serving/core';
import {
  type BatchEvent,
  batchChannel,
  type RequestStage,
  RequestTrace,
  type RequestTraceOptions,
} from '@serving/core/diagnostics';
import type { RequestDurations, VersionStatistics } from './version-statistics.js';

/** A trace that is there whether requests are observed or not. */
export class StatisticsTrace extends RequestTrace implements RequestDurations {
  /** Of the version that was found. */
  statistics: VersionStatistics | undefined = undefined;
  /** Rows of the request. */
  rows = 1;
  /** Whether a batch has counted its run. */
  isCounted = false;
  private wasAccepted = false;
  decode = 0;
  queue = 0;
  run = 0;
  encode = 0;

  constructor(options: RequestTraceOptions) {
    super(options);
    watchBatches();
  }

  override finish(status: StatusCode, error?: ServingError): void {
    if (this.endTime !== undefined) return;
    super.finish(status, error);
    const { statistics } = this;
    if (statistics === undefined) return;
    if (status === 'OK') {
      statistics.succeeded(this.rows, this, this.total, this.endTime!);
      if (!this.isCounted) statistics.executed(this.rows, this.decode, this.run, this.encode);
    } else if (this.wasAccepted) {
      statistics.failed(this.total, this.endTime!);
    }
  }

  /** Milliseconds from its arrival to its answer. */
  get total(): number {
    return this.endTime! - this.startTime;
  }

  protected override stageEnded(stage: RequestStage, startTime: number, endTime: number): void {
    this[stage] += endTime - startTime;
    // It has passed the checks.
    if (stage === 'run' || stage === 'queue') this.wasAccepted = true;
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
