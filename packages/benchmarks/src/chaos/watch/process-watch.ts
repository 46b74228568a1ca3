/** The processes of models: which have loaded theirs, and how they end. */
import { type ModelProcessEvent, observeServing } from '@serving/core/diagnostics';
import type { FaultRecord } from '../faults/fault-record.js';
import { processOf } from './held-resources.js';

/** Follows the processes of all models. */
export class ProcessWatch {
  readonly #faults: FaultRecord;
  readonly #loaded = new Set<number>();
  readonly #ends: Record<string, number> = {};
  readonly #deathsOf = new Map<string, number>();
  readonly #stop: () => void;
  #restarts = 0;

  constructor(faults: FaultRecord) {
    this.#faults = faults;
    this.#stop = observeServing({ onModelProcess: (event) => this.#onEvent(event) });
  }

  /** Ends by what ended them. */
  get ends(): Readonly<Record<string, number>> {
    return this.#ends;
  }

  get restarts(): number {
    return this.#restarts;
  }

  /** Ends of a model's processes. */
  deathsOf(model: string): number {
    return this.#deathsOf.get(model) ?? 0;
  }

  /** The process that has loaded a version; `undefined` while it loads. */
  loadedProcess(model: string, version?: number): number | undefined {
    const pid = processOf(model, version);
    return pid !== undefined && this.#loaded.has(pid) ? pid : undefined;
  }

  /** The process that is loading a version. */
  loadingProcess(model: string, version: number): number | undefined {
    const pid = processOf(model, version);
    return pid !== undefined && !this.#loaded.has(pid) ? pid : undefined;
  }

  close(): void {
    this.#stop();
  }

  #onEvent({ kind, servable, pid, signal, code, reason, isRestart }: ModelProcessEvent): void {
    const model = servable?.name ?? '';
    if (kind === 'started') {
      if (isRestart) this.#restarts++;
      if (pid !== undefined) this.#loaded.add(pid);
      return;
    }
    if (pid !== undefined) this.#loaded.delete(pid);
    const by = reason === undefined ? (signal ?? `exit code ${code}`) : reason.replaceAll(/\d+/g, 'N');
    this.#ends[by] = (this.#ends[by] ?? 0) + 1;
    this.#deathsOf.set(model, this.deathsOf(model) + 1);
    const how = signal === undefined ? `ended with exit code ${code}` : `was ended by ${signal}`;
    this.#faults.died(model, reason === undefined ? how : `was ended: ${reason}`);
  }
}
