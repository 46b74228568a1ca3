/** Every request, as the server sees it: each ends once. */
import { observeServing, type RequestTrace } from '@serving/core/diagnostics';

/** Requests that all servers of this process have in flight. */
export class ServedRequests {
  readonly #inFlight = new Set<RequestTrace>();
  readonly #stop: () => void;
  #ended = 0;
  #endedTwice = 0;

  constructor() {
    this.#stop = observeServing({
      onRequest: (request) => void this.#inFlight.add(request),
      onResponse: (request) => {
        this.#ended++;
        if (!this.#inFlight.delete(request)) this.#endedTwice++;
      },
    });
  }

  get ended(): number {
    return this.#ended;
  }

  /** How many have ended more than once. */
  get endedTwice(): number {
    return this.#endedTwice;
  }

  /** How many of a model's, or of all models', have not ended. */
  inFlight(model?: string): number {
    if (model === undefined) return this.#inFlight.size;
    let count = 0;
    for (const request of this.#inFlight) if (request.model === model) count++;
    return count;
  }

  close(): void {
    this.#stop();
  }
}
