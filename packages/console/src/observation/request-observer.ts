/** Counts the requests of one model server, from its diagnostics channels. */
import { observeServing, type RequestTrace } from '@serving/core/diagnostics';
import { LoggedExamples } from '../models/logged-examples.js';
import { SampleHistory } from './sample-history.js';

/** Whose requests are counted. */
export interface ObservedModels {
  readonly modelNames?: readonly string[];
}

/** Requests are traced while it is attached, which costs each of them a few microseconds. */
export class RequestObserver {
  /** Requests that were logged while it was attached. */
  readonly logged: LoggedExamples = new LoggedExamples();
  readonly #server: ObservedModels;
  readonly #histories = new Map<string, SampleHistory>();
  readonly #inFlight = new Set<RequestTrace>();
  /** Called with each request that is over. */
  onResponse: (request: RequestTrace) => void = () => undefined;
  #detach: (() => void) | undefined;

  constructor(server: ObservedModels) {
    this.#server = server;
  }

  attach(): void {
    this.#detach ??= observeServing({
      onRequest: (request) => {
        if (request.server === this.#server) this.#inFlight.add(request);
      },
      onResponse: (request) => {
        if (request.server !== this.#server) return;
        this.#inFlight.delete(request);
        if (request.api !== 'GetModelStatus' && request.api !== 'GetModelMetadata') {
          this.historyOf(request.model)?.now.request(request);
        }
        this.onResponse(request);
      },
      onRequestLog: ({ log }) => {
        if (log !== undefined && this.#server.modelNames?.includes(log.logMetadata.modelSpec.name))
          this.logged.keep(log);
      },
      onBatch: (batch) => this.historyOf(batch.servable.name)?.now.batch(batch),
      onBatchingRun: (batch) => this.historyOf(batch.source.servable.name)?.now.batchRun(batch),
    });
  }

  detach(): void {
    this.#detach?.();
    this.#detach = undefined;
    this.#inFlight.clear();
    this.logged.clear();
  }

  /** Of a configured model; `undefined` for another name, as clients may send any. */
  historyOf(model: string): SampleHistory | undefined {
    const known = this.#histories.get(model);
    if (known !== undefined || !this.#server.modelNames?.includes(model)) return known;
    const history = new SampleHistory();
    this.#histories.set(model, history);
    return history;
  }

  /** Of every model that had requests, or was asked for. */
  get histories(): ReadonlyMap<string, SampleHistory> {
    return this.#histories;
  }

  /** Drops what is known of models that are not configured any more. */
  forgetRemoved(): void {
    for (const model of this.#histories.keys()) {
      if (!this.#server.modelNames?.includes(model)) this.#histories.delete(model);
    }
  }

  /** Requests in flight by model, counted now. */
  inFlight(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { model } of this.#inFlight) counts.set(model, (counts.get(model) ?? 0) + 1);
    return counts;
  }
}
