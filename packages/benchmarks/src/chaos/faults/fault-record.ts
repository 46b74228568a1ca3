/** What was done to which model when, and which failed requests that explains. */

/** A request that failed. Times are milliseconds since 1970. */
export interface FailedRequest {
  readonly model: string;
  /** Such as `REST`. */
  readonly caller: string;
  /** A code of gRPC by its name. */
  readonly code: string;
  readonly message: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A fault that lasts. `unloadable`: the version can't be loaded again. `worn out`: its process has ended too often. */
export type LastingFault = 'unloadable' | 'worn out';

interface Death {
  readonly model: string;
  readonly at: number;
  /** As errors tell it, such as `was ended by SIGKILL`. */
  readonly how: string;
}

interface Period {
  readonly model: string;
  readonly fault: LastingFault;
  readonly from: number;
  until: number;
}

/** Clocks of two processes differ by less. */
const SLACK_MS = 100;

/** Knows the faults of a run. */
export class FaultRecord {
  readonly #now: () => number;
  readonly #deaths: Death[] = [];
  readonly #periods: Period[] = [];

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many processes have ended by themselves or by a limit. */
  get deaths(): number {
    return this.#deaths.length;
  }

  /** How many processes of a model have ended since then. */
  deathsSince(model: string, since: number): number {
    return this.#deaths.filter((death) => death.model === model && death.at >= since).length;
  }

  /** The process of a model ends now. */
  died(model: string, how: string): void {
    this.#deaths.push({ model, how, at: this.#now() });
  }

  /** A fault begins that lasts until the returned function is called. */
  begin(model: string, fault: LastingFault): () => void {
    const period: Period = { model, fault, from: this.#now(), until: Number.POSITIVE_INFINITY };
    this.#periods.push(period);
    return () => {
      period.until = this.#now();
    };
  }

  /** Whether a fault of the request's own model, while it was in flight, is the reason for its error. */
  explains(failed: FailedRequest): boolean {
    const { code, message } = failed;
    if (code === 'NOT_FOUND') return this.#lasted(failed, 'worn out');
    if (code !== 'UNAVAILABLE') return false;
    if (message.includes('could not be loaded again')) return this.#lasted(failed, 'unloadable');
    if (/ended \d+ times within a minute/.test(message)) return this.#lasted(failed, 'worn out');
    return this.#deaths.some(
      ({ model, at, how }) =>
        model === failed.model &&
        at >= failed.startedAt - SLACK_MS &&
        at <= failed.endedAt + SLACK_MS &&
        message.includes(`The model's process ${how}`),
    );
  }

  #lasted({ model, startedAt, endedAt }: FailedRequest, fault: LastingFault): boolean {
    return this.#periods.some(
      (period) =>
        period.model === model &&
        period.fault === fault &&
        period.from <= endedAt + SLACK_MS &&
        period.until >= startedAt - SLACK_MS,
    );
  }
}
