/** Durations counted in buckets that grow by a ninth, so that percentiles cost no sorting and are off by a few percent at most. */
import type { Percentiles } from '../api/console-api.js';

/** From 1 µs to a little over an hour. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  record(durationMs: number): void {
    const bucket = Math.ceil(Math.log2(durationMs / LEAST_MS) * PER_DOUBLING);
    this.#counts[bucket > 0 ? Math.min(bucket, BUCKETS - 1) : 0]!++;
    this.#total++;
  }

  add({ counts, total }: LatencyHistogram): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i]! += counts[i]!;
    this.#total += total;
  }

  clear(): void {
    if (this.#total === 0) return;
    this.#counts.fill(0);
    this.#total = 0;
  }

  /** `undefined` when nothing was recorded. */
  percentiles(): Percentiles | undefined {
    if (this.#total === 0) return undefined;
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => this.#atRank(Math.ceil(share * this.#total)));
    return { p50: p50!, p95: p95!, p99: p99! };
  }

  protected get counts(): Uint32Array {
    return this.#counts;
  }

  protected get total(): number {
    return this.#total;
  }

  /** The middle of the bucket that has it, rounded to three digits. */
  #atRank(rank: number): number {
    let seen = 0;
    let bucket = 0;
    while (bucket < BUCKETS - 1) {
      seen += this.#counts[bucket]!;
      if (seen >= rank) break;
      bucket++;
    }
    return Number((LEAST_MS * 2 ** ((bucket - 0.5) / PER_DOUBLING)).toPrecision(3));
  }
}

const LEAST_MS = 0.001;
const PER_DOUBLING = 6;
const BUCKETS = 32 * PER_DOUBLING;
