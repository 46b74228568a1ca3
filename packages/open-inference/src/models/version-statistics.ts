/** Counts of one loaded version, for the protocol's statistics. */

/** How often something was done, and how long it took in all. */
export interface StatisticDuration {
  readonly count: number;
  readonly ns: number;
}

/** The durations of one request, in milliseconds. */
export interface RequestDurations {
  readonly decode: number;
  readonly queue: number;
  readonly run: number;
  readonly encode: number;
}

/** Adds up durations. */
class Duration implements StatisticDuration {
  count = 0;
  // Not a `#` field, which is slower to change.
  private milliseconds = 0;

  get ns(): number {
    return Math.round(this.milliseconds * 1e6);
  }

  add(milliseconds: number): void {
    this.count++;
    this.milliseconds += milliseconds;
  }

  /** Plain data. */
  toJSON(): StatisticDuration {
    return { count: this.count, ns: this.ns };
  }
}

/** Runs of one batch size. */
interface BatchSizeStatistics {
  readonly input: Duration;
  readonly infer: Duration;
  readonly output: Duration;
}

/** All counters begin at 0 when a version is loaded. */
export class VersionStatistics {
  /** `Clock.now()` time of the last request's answer; `undefined` for none. */
  lastInference: number | undefined = undefined;
  /** Rows of requests that were answered. */
  inferenceCount = 0;
  /** Runs of the model: a batch is one. */
  executionCount = 0;
  readonly success: Duration = new Duration();
  readonly fail: Duration = new Duration();
  readonly queue: Duration = new Duration();
  readonly computeInput: Duration = new Duration();
  readonly computeInfer: Duration = new Duration();
  readonly computeOutput: Duration = new Duration();
  readonly batches: Map<number, BatchSizeStatistics> = new Map();

  /** A request was answered, `total` milliseconds after it came. */
  succeeded(rows: number, durations: RequestDurations, total: number, endTime: number): void {
    this.lastInference = endTime;
    this.inferenceCount += rows;
    this.success.add(total);
    this.queue.add(durations.queue);
    this.computeInput.add(durations.decode);
    this.computeInfer.add(durations.run);
    this.computeOutput.add(durations.encode);
  }

  /** A request failed that had passed the checks. */
  failed(milliseconds: number, endTime: number): void {
    this.lastInference = endTime;
    this.fail.add(milliseconds);
  }

  /** The model ran. */
  executed(batchSize: number, input: number, infer: number, output: number): void {
    this.executionCount++;
    let batch = this.batches.get(batchSize);
    if (batch === undefined) {
      batch = { input: new Duration(), infer: new Duration(), output: new Duration() };
      this.batches.set(batchSize, batch);
    }
    batch.input.add(input);
    batch.infer.add(infer);
    batch.output.add(output);
  }
}
