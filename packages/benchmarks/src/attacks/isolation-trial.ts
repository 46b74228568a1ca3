/** The processes of some models are ended over and over, as soon as they answer, under load on them and on two other models. */
import { ModelServer, ServingError } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';
import type { EngineName } from '@serving/engine';
import { savedModelPlatform } from '@serving/savedmodel';
import { heldResources } from '../chaos/watch/held-resources.js';
import { fixtureBasePath } from '../fixtures.js';
import { IsolationVictim } from './isolation-victim.js';

export interface IsolationTrialOptions {
  readonly engine: EngineName;
  /** How many processes end. */
  readonly deaths: number;
  /** How many models they belong to: each waits up to two seconds before a restart. */
  readonly victims: number;
  /** Milliseconds between an answer of a restarted process and its end, at most. */
  readonly pauseMs: number;
}

/** What became of it. */
export interface IsolationTrialOutcome {
  /** Ends by what ended them. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly restarts: number;
  /** From the end of a back-off to the victim's first answer. */
  readonly recoveryMs: { readonly median: number; readonly p99: number; readonly longest: number };
  /** Requests by model and outcome: `answered`, `wrong`, or an error's code. Those to all victims are together. */
  readonly requests: Readonly<Record<'victims' | 'isolated' | 'host', Readonly<Record<string, number>>>>;
  /** What is left after the close that was not there before: processes, descriptors, shared memory. */
  readonly leftOver: readonly string[];
}

const CLIENTS_PER_VICTIM = 2;
const CLIENTS_PER_OTHER = 2;
/** More than Node and an engine take, less than they take with the large requests of the victims that run out of memory. */
const MEMORY_LIMIT_BYTES: Readonly<Record<string, number>> = { onnx: 320 * 2 ** 20, tensorflow: 448 * 2 ** 20 };

/** Runs until so many processes have ended. */
export async function runIsolationTrial(options: IsolationTrialOptions): Promise<IsolationTrialOutcome> {
  const { engine, deaths: wanted, pauseMs } = options;
  const basePath = fixtureBasePath('half_plus_two_tf2');
  const platform = savedModelPlatform({ engine });
  const isolated = { isolation: 'process', process: { maxDeathsPerMinute: false } } as const;
  const memoryLimitBytes = MEMORY_LIMIT_BYTES[engine];
  const hasLimit = (n: number): boolean => n % 2 === 0 && memoryLimitBytes !== undefined;
  const limited = { ...isolated, process: { ...isolated.process, ...(memoryLimitBytes && { memoryLimitBytes }) } };
  // What comes with the first model of each kind stays: libraries, and Node's watch of its children.
  const first = { name: 'first', basePath };
  const warm = await ModelServer.start({ models: [first], platforms: { tensorflow: platform } });
  await warm.reload({ models: [first, { name: 'isolated', basePath, options: isolated }] });
  await warm.reload({ models: [first] });
  const before = heldResources();
  const victims = Array.from({ length: options.victims }, (_, n) => new IsolationVictim(`victim${n}`, hasLimit(n)));
  const server = await ModelServer.start({
    models: [
      ...victims.map(({ model }, n) => ({ name: model, basePath, options: hasLimit(n) ? limited : isolated })),
      { name: 'isolated', basePath, options: isolated },
      { name: 'host', basePath },
    ],
    platforms: { tensorflow: platform },
  });
  const stop = observeServing({
    onModelProcess: (event) => victims.find(({ model }) => model === event.servable?.name)?.onProcess(event),
  });
  const requests = { victims: {}, isolated: {}, host: {} };
  let isOver = false;
  const client = async (model: string, outcomes: Record<string, number>, victim?: IsolationVictim): Promise<void> => {
    for (let x = 1; !isOver; x = (x % 1000) + 1) {
      const outcome = await server.predict({ model, inputs: { x: [x] } }).then(
        ({ outputs }) => ((outputs.y!.data as Float32Array)[0] === x / 2 + 2 ? 'answered' : 'wrong'),
        (error: unknown) => ServingError.from(error).code,
      );
      if (outcome === 'answered') victim?.onAnswer();
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      await new Promise(setImmediate);
    }
  };
  const times = (count: number, make: () => Promise<void>): Promise<void>[] => Array.from({ length: count }, make);
  const clients = [
    ...victims.flatMap((victim) => times(CLIENTS_PER_VICTIM, () => client(victim.model, requests.victims, victim))),
    ...times(CLIENTS_PER_OTHER, () => client('isolated', requests.isolated)),
    ...times(CLIENTS_PER_OTHER, () => client('host', requests.host)),
  ];
  const total = (): number => victims.reduce((sum, victim) => sum + victim.total, 0);
  await Promise.all(
    victims.map(async (victim) => {
      while (total() < wanted) await victim.endProcess(server, pauseMs);
    }),
  );
  isOver = true;
  await Promise.all(clients);
  stop();
  await server.close();
  const leftOver = heldResources().filter((what) => !before.includes(what));
  await warm.close();
  return {
    deaths: sumOf(victims.map(({ deaths }) => deaths)),
    restarts: victims.reduce((sum, { restarts }) => sum + restarts, 0),
    recoveryMs: recoveryOf(victims.flatMap(({ recoveriesMs }) => recoveriesMs)),
    requests,
    leftOver,
  };
}

function recoveryOf(unordered: readonly number[]): IsolationTrialOutcome['recoveryMs'] {
  const sorted = [...unordered].sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!);
  return { median: at(0.5), p99: at(0.99), longest: at(1) };
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}
