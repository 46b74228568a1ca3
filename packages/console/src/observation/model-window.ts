/** What happened to the requests of one model in a span of time. */
import type { BatchEvent, BatchingRunEvent, RequestTrace } from '@serving/core/diagnostics';
import type { CloseReason, ModelSample, StageName } from '../api/console-api.js';
import { LatencyHistogram } from './latency-histogram.js';

/** Counts until it is cleared. */
export class ModelWindow {
  readonly #latencies = new LatencyHistogram();
  readonly #errors = new Map<string, number>();
  readonly #stages = new Map<StageName, StageTotal>();
  readonly #batchSizes = new Map<number, number>();
  readonly #closeReasons = new Map<CloseReason, number>();
  #requests = 0;
  #batches = 0;
  #inlineRuns = 0;
  #threadedRuns = 0;

  /** Whether nothing happened. */
  get isEmpty(): boolean {
    return this.#requests === 0 && this.#batches === 0 && this.#inlineRuns === 0 && this.#threadedRuns === 0;
  }

  /** A request that is over. */
  request({ status = 'UNKNOWN', startTime, endTime = startTime, stageMs, ranInline }: RequestTrace): void {
    this.#requests++;
    if (status !== 'OK') count(this.#errors, status, 1);
    this.#latencies.record(endTime - startTime);
    if (ranInline !== undefined) this.#ran(ranInline);
    if (stageMs === undefined) return;
    for (const stage of STAGES) {
      const ms = stageMs[stage];
      if (ms !== undefined) this.#stage(stage, ms, 1);
    }
  }

  batch({ ranInline }: BatchEvent): void {
    if (ranInline !== undefined) this.#ran(ranInline);
  }

  /** A batch that is about to run. */
  batchRun({ size, closeReason }: BatchingRunEvent): void {
    this.#batches++;
    count(this.#batchSizes, size, 1);
    count(this.#closeReasons, closeReason ?? 'part', 1);
  }

  add(other: ModelWindow): void {
    this.#requests += other.#requests;
    this.#batches += other.#batches;
    this.#inlineRuns += other.#inlineRuns;
    this.#threadedRuns += other.#threadedRuns;
    this.#latencies.add(other.#latencies);
    for (const [code, errors] of other.#errors) count(this.#errors, code, errors);
    for (const [size, batches] of other.#batchSizes) count(this.#batchSizes, size, batches);
    for (const [reason, batches] of other.#closeReasons) count(this.#closeReasons, reason, batches);
    for (const [stage, { ms, requests }] of other.#stages) this.#stage(stage, ms, requests);
  }

  clear(): void {
    if (this.isEmpty) return;
    this.#requests = 0;
    this.#batches = 0;
    this.#inlineRuns = 0;
    this.#threadedRuns = 0;
    this.#latencies.clear();
    this.#errors.clear();
    this.#stages.clear();
    this.#batchSizes.clear();
    this.#closeReasons.clear();
  }

  sample(inFlight: number): ModelSample {
    const latency = this.#latencies.percentiles();
    const stages = Array.from(this.#stages, ([stage, { ms, requests }]) => [stage, rounded(ms / requests)]);
    return {
      requests: this.#requests,
      errors: sum(this.#errors.values()),
      errorsByCode: Object.fromEntries(this.#errors),
      inFlight,
      ...(latency && { latency }),
      stages: Object.fromEntries(stages),
      batchSizes: Object.fromEntries(this.#batchSizes),
      closeReasons: Object.fromEntries(this.#closeReasons),
      inlineRuns: this.#inlineRuns,
      threadedRuns: this.#threadedRuns,
    };
  }

  #ran(isInline: boolean): void {
    if (isInline) this.#inlineRuns++;
    else this.#threadedRuns++;
  }

  #stage(stage: StageName, ms: number, requests: number): void {
    const total = this.#stages.get(stage);
    if (total === undefined) {
      this.#stages.set(stage, { ms, requests });
      return;
    }
    total.ms += ms;
    total.requests += requests;
  }
}

interface StageTotal {
  ms: number;
  requests: number;
}

const STAGES: readonly StageName[] = ['decode', 'queue', 'run', 'encode'];

function count<Key>(counts: Map<Key, number>, key: Key, more: number): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function rounded(ms: number): number {
  return Number(ms.toPrecision(3));
}
