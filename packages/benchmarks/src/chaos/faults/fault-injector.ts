/** Does to one model what a step says, and waits until it answers again. */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { ModelServer, ModelVersionStatus } from '@serving/core';
import { createTensor } from '@serving/core/tensor';
import { until } from '../until.js';
import type { VersionFolders } from '../version-folders.js';
import { processOf } from '../watch/held-resources.js';
import type { ProcessWatch } from '../watch/process-watch.js';
import type { ServedRequests } from '../watch/served-requests.js';
import type { ChaosStep, ProcessMoment, StorageFault } from './chaos-step.js';
import type { FaultRecord } from './fault-record.js';

/** What faults are injected into. */
export interface FaultTarget {
  readonly model: string;
  readonly folders: VersionFolders;
  readonly server: ModelServer;
  readonly processes: ProcessWatch;
  readonly served: ServedRequests;
  readonly faults: FaultRecord;
  /** Leaves requests to the model out, or no longer. */
  readonly setPaused: (isPaused: boolean) => void;
}

type Kill = Extract<ChaosStep, { kind: 'kill' }>;

/** Values of a request of the hungry model, and how many of them are in flight. */
const HUNGRY_VALUES = 2 ** 20;
const HUNGRY_REQUESTS = 24;
/** More ends within a minute than a version may have. */
const WORN_OUT_DEATHS = 6;
const SURELY_A_MINUTE_MS = 59_000;
const MAX_KILLS = 12;

/** Steps come one after the other. */
export class FaultInjector {
  /** What was done, by kind; kills by the moment that they met. */
  readonly done: Record<string, number> = {};
  readonly #target: FaultTarget;

  constructor(target: FaultTarget) {
    this.#target = target;
  }

  /** @throws Error when the model does not come back. */
  async perform(step: ChaosStep): Promise<void> {
    switch (step.kind) {
      case 'swap':
        await this.#swap();
        this.#count('swap');
        break;
      case 'kill':
        await this.#kill(step);
        break;
      case 'storage':
        await this.#failStorage(step.fault, step.durationMs);
        this.#count(`storage: ${step.fault}`);
        break;
      case 'wear out':
        await this.#wearOut(step.signal);
        break;
      case 'starve':
        await this.#starve();
        this.#count('starve');
    }
    await this.#recovered();
  }

  /** Adds a version, has `meanwhile` at its load, and removes the one before once it has ended. */
  async #swap(meanwhile?: (version: number, old: number) => Promise<void>): Promise<void> {
    const { folders, model } = this.#target;
    const old = folders.newest;
    const version = await folders.add();
    await meanwhile?.(version, old);
    await until(`${model} ${version} is available`, () => this.#stateOf(version) === 'AVAILABLE');
    await until(`${model} ${old} has ended`, () => ['END', undefined].includes(this.#stateOf(old)));
    await folders.remove(old);
  }

  async #kill({ moment, signal, delayMs }: Kill): Promise<void> {
    const { model, folders, processes, served, setPaused } = this.#target;
    switch (moment) {
      case 'loading':
        return this.#swap(async (version) => {
          const pid = await until(`${model} ${version} loads`, () => processes.loadingProcess(model, version));
          await sleep(delayMs);
          this.#strike(pid, signal, processes.loadingProcess(model, version) === pid ? moment : 'warming up');
        });
      case 'warming up':
        return this.#swap(async (version) => {
          const pid = await until(`${model} ${version} has loaded`, () => processes.loadedProcess(model, version));
          await sleep(delayMs);
          this.#strike(pid, signal, this.#stateOf(version) === 'LOADING' ? moment : 'running');
        });
      case 'unloading':
        return this.#swap(async (_, old) => {
          await this.#unloading(old);
          if (delayMs > 0) await sleep(delayMs);
          const pid = processOf(model, old);
          if (pid !== undefined) this.#strike(pid, signal, moment);
        });
      case 'loading again': {
        const loaded = await this.#loadedProcess();
        this.#strike(loaded, signal, 'running');
        const next = await until(`${model} loads again`, () => processes.loadingProcess(model, folders.newest));
        await sleep(delayMs);
        this.#strike(next, signal, processes.loadingProcess(model, folders.newest) === next ? moment : 'running');
        return;
      }
      case 'running': {
        const pid = await until(
          `${model} runs`,
          () => served.inFlight(model) > 0 && processes.loadedProcess(model, folders.newest),
        );
        this.#strike(pid, signal, moment);
        return;
      }
      case 'idle': {
        setPaused(true);
        const pid = await until(
          `${model} is idle`,
          () => served.inFlight(model) === 0 && processes.loadedProcess(model, folders.newest),
        );
        await sleep(delayMs);
        this.#strike(pid, signal, served.inFlight(model) === 0 ? moment : 'running');
        setPaused(false);
      }
    }
  }

  /** Resolves when a version is about to be unloaded. */
  #unloading(version: number): Promise<void> {
    const { model, server } = this.#target;
    return new Promise((resolve) => {
      const stop = server.on('servable:unloading', ({ id }) => {
        if (id.name !== model || Number(id.version) !== version) return;
        stop();
        resolve();
      });
    });
  }

  async #failStorage(fault: StorageFault, durationMs: number): Promise<void> {
    const { model, folders, faults } = this.#target;
    if (fault === 'half-written') {
      const remove = await folders.addHalf();
      const version = folders.newest + 1;
      await until(`${model} ${version} has failed`, () => this.#statusOf(version)?.status.errorCode !== undefined);
      await sleep(durationMs);
      await remove();
      await until(`${model} ${version} has ended`, () => ['END', undefined].includes(this.#stateOf(version)));
      return;
    }
    if (fault === 'gone') {
      const restore = await folders.hideAll();
      await sleep(durationMs);
      await restore();
      return;
    }
    const pid = await this.#loadedProcess();
    const isOver = faults.begin(model, 'unloadable');
    const restore = await (fault === 'version gone' ? folders.hideNewest() : folders.spoilNewest());
    this.#strike(pid, 'SIGKILL', 'running');
    await sleep(durationMs);
    await restore();
    await this.#recovered();
    isOver();
  }

  /** Kills until the version has ended. A machine that is too slow for so many ends within a minute is spared after some. */
  async #wearOut(signal: NodeJS.Signals): Promise<void> {
    const { model, folders, processes, faults } = this.#target;
    const version = folders.newest;
    const startedAt = Date.now();
    const isOver = faults.begin(model, 'worn out');
    const hasEnded = (): boolean => this.#stateOf(version) === 'END';
    for (let kills = 0; kills < MAX_KILLS && !hasEnded(); kills++) {
      const before = processes.deathsOf(model);
      const pid = await until(
        `${model} has a process or has ended`,
        () => hasEnded() || processes.loadedProcess(model, version),
      );
      if (pid === true) break;
      this.#strike(pid, signal, 'running');
      await until(`${model}'s process has ended`, () => processes.deathsOf(model) > before);
      const since = Math.max(startedAt, Date.now() - SURELY_A_MINUTE_MS);
      if (faults.deathsSince(model, since) < WORN_OUT_DEATHS) continue;
      await until(`${model} ${version} has ended`, hasEnded);
    }
    const reason = this.#statusOf(version)?.status.errorMessage ?? '';
    if (hasEnded() && !reason.includes('ended 6 times within a minute'))
      throw new Error(`${model} ${version} ended with "${reason}"`);
    this.#count(hasEnded() ? 'worn out' : 'not worn out');
    await this.#swap();
    await this.#recovered();
    isOver();
  }

  /** Large requests, until the process holds more than it may. */
  async #starve(): Promise<void> {
    const { model, server, processes } = this.#target;
    const before = processes.deathsOf(model);
    const x = createTensor('float', [HUNGRY_VALUES], new Float32Array(HUNGRY_VALUES));
    const isOver = (): boolean => processes.deathsOf(model) > before;
    const ask = async (): Promise<void> => {
      while (!isOver()) {
        // What the process's end takes along is of no interest here.
        await server.predict({ model, inputs: { x } }).catch(() => {});
        await nextTurn();
      }
    };
    const asking: Promise<void>[] = [];
    for (let n = 0; n < HUNGRY_REQUESTS; n++) {
      asking.push(ask());
      await nextTurn();
    }
    await until(`${model} holds too much`, isOver);
    await Promise.all(asking);
  }

  /** Resolves when the newest version has answered. */
  async #recovered(): Promise<void> {
    const { model, server, folders } = this.#target;
    await until(`${model} is available`, () => this.#stateOf(folders.newest) === 'AVAILABLE');
    let hasAnswered = false;
    let isAsking = false;
    const ask = async (): Promise<void> => {
      isAsking = true;
      const { version } = await server.predict({ model, inputs: { x: [1] } });
      hasAnswered = Number(version) === folders.newest;
    };
    const ended = (): void => {
      isAsking = false;
    };
    await until(`${model} answers`, () => {
      if (!isAsking && !hasAnswered) void ask().then(ended, ended);
      return hasAnswered;
    });
  }

  /** The process of the newest version, once it has loaded it. */
  #loadedProcess(): Promise<number> {
    const { model, folders, processes } = this.#target;
    return until(`${model} has a process`, () => processes.loadedProcess(model, folders.newest));
  }

  #strike(pid: number, signal: NodeJS.Signals, moment: ProcessMoment): void {
    try {
      process.kill(pid, signal);
      this.#count(`kill: ${moment}`);
    } catch {
      // It has just ended by itself.
    }
  }

  #stateOf(version: number): ModelVersionStatus['state'] | undefined {
    return this.#statusOf(version)?.state;
  }

  #statusOf(version: number): ModelVersionStatus | undefined {
    const { server, model } = this.#target;
    return server.getModelStatus({ model }).find((status) => Number(status.version) === version);
  }

  #count(what: string): void {
    this.done[what] = (this.done[what] ?? 0) + 1;
  }
}
