/** Counts requests by model and status, and prints them as the page that Prometheus reads. */
import type { StatusCode } from '@serving/core';
import { prometheusLabelValue } from '@serving/core/internal';

/** Counts the requests of the REST API. */
export interface RequestCounter {
  /** Counts one request. `model` is the requested name, known or not; `''` when there is none. */
  count(model: string, status: StatusCode): void;
}

/** Requests of one model with one status. */
export type RequestCountRow = readonly [model: string, status: StatusCode, count: number];

/**
 * TensorFlow Serving's `request_count`. Keeps 1000 model names apart; further names, and those of more than 256 characters,
 * count as `""`.
 */
export class RequestCounts implements RequestCounter {
  readonly #byModel = new Map<string, Map<StatusCode, number>>();

  count(model: string, status: StatusCode): void {
    const counts = this.#byModel.get(model) ?? this.#open(model);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }

  /** Adds what another thread has counted. */
  add(rows: readonly RequestCountRow[]): void {
    for (const [model, status, count] of rows) {
      const counts = this.#byModel.get(model) ?? this.#open(model);
      counts.set(status, (counts.get(status) ?? 0) + count);
    }
  }

  /** Returns what was counted since the last call. */
  take(): RequestCountRow[] {
    const rows = Array.from(this.#byModel).flatMap(([model, counts]) =>
      Array.from(counts, ([status, count]): RequestCountRow => [model, status, count]),
    );
    this.#byModel.clear();
    return rows;
  }

  /** The page, in Prometheus' text format. */
  metrics(): string {
    const lines = [`# TYPE ${NAME} counter`];
    for (const [model, counts] of this.#byModel) {
      const label = prometheusLabelValue(model);
      for (const [status, count] of counts) lines.push(`${NAME}{model_name="${label}",status="${status}"} ${count}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #open(model: string): Map<StatusCode, number> {
    const key = this.#byModel.size < MAX_MODELS && model.length <= MAX_NAME_LENGTH ? model : '';
    const counts = this.#byModel.get(key) ?? new Map<StatusCode, number>();
    this.#byModel.set(key, counts);
    return counts;
  }
}

const NAME = ':tensorflow:serving:request_count';
const MAX_MODELS = 1000;
const MAX_NAME_LENGTH = 256;
