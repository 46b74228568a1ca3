/** What happens to models, as numbers that follow from a seed decide. */
import type { RandomSource } from '../../fuzz/random-source.js';
import type { ChaosLane } from '../chaos-models.js';

/** When a process is killed. */
export type ProcessMoment = 'loading' | 'warming up' | 'running' | 'idle' | 'unloading' | 'loading again';

/** One thing that happens to a model. */
export type ChaosStep =
  | { readonly kind: 'swap' }
  | {
      readonly kind: 'kill';
      readonly moment: ProcessMoment;
      readonly signal: NodeJS.Signals;
      /** Milliseconds between the beginning of the moment and the kill. */
      readonly delayMs: number;
    }
  | { readonly kind: 'storage'; readonly fault: StorageFault; readonly durationMs: number }
  | { readonly kind: 'wear out'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'starve' };

/**
 * `half-written`: a version comes without all of its bytes. `gone`: the base path is missing for a while. `version gone` and `unreadable`:
 * the folder of the version that is served, or its model file; its process is killed then, so that it has to be read again.
 */
export type StorageFault = 'half-written' | 'gone' | 'version gone' | 'unreadable';

const SIGNALS: readonly NodeJS.Signals[] = ['SIGKILL', 'SIGABRT', 'SIGSEGV'];
const STORAGE_FAULTS: readonly StorageFault[] = ['half-written', 'gone', 'version gone', 'unreadable'];
const MOMENTS: readonly ProcessMoment[] = ['loading', 'warming up', 'running', 'idle', 'unloading', 'loading again'];
/** Loads take so long, and warm-ups and unloads. */
const LONGEST_DELAY_MS: Readonly<Record<ProcessMoment, number>> = {
  loading: 250,
  'warming up': 20,
  running: 0,
  idle: 10,
  unloading: 3,
  'loading again': 250,
};
const PAUSE_MS: Readonly<Record<ChaosLane, number>> = { swapped: 1500, calm: 0, struck: 400, worn: 1500, hungry: 1500 };

/** How long a lane waits before its next step. */
export function nextPauseMs(lane: ChaosLane, random: RandomSource): number {
  return random.below(PAUSE_MS[lane]);
}

/** The next step of a lane. Nothing else has a part in it, so that a seed has the same steps each time. */
export function nextStep(lane: Exclude<ChaosLane, 'calm'>, random: RandomSource): ChaosStep {
  switch (lane) {
    case 'swapped':
      return { kind: 'swap' };
    case 'worn':
      return { kind: 'wear out', signal: random.pick(SIGNALS) };
    case 'hungry':
      return { kind: 'starve' };
    case 'struck':
      return struckStep(random);
  }
}

function struckStep(random: RandomSource): ChaosStep {
  const share = random.next();
  if (share < 0.1) return { kind: 'swap' };
  if (share < 0.35) return { kind: 'storage', fault: random.pick(STORAGE_FAULTS), durationMs: 200 + random.below(400) };
  const moment = random.pick(MOMENTS);
  return { kind: 'kill', moment, signal: random.pick(SIGNALS), delayMs: random.below(LONGEST_DELAY_MS[moment] + 1) };
}
