/** What the calling thread has used of a processor: a clock on the wall counts what its neighbours used, too. */
import type { Libc, NativeFunction } from './libc.js';

/** Read before and after a call. */
export interface ThreadUsage {
  /** Begins a measurement. */
  begin(): void;
  /** Microseconds of processor time since {@link begin}; `undefined` when the thread has waited of itself, and not for its turn. */
  end(): number | undefined;
}

const CLOCK_THREAD_CPUTIME_ID = 3;
const RUSAGE_THREAD = 1;
/** `struct timespec`: two 64-bit words. */
const [SECONDS, NANOSECONDS, TIMESPEC_WORDS] = [0, 1, 2];
/** `struct rusage`: two `timeval`s and fourteen 64-bit words. */
const [VOLUNTARY_SWITCHES, RUSAGE_WORDS] = [16, 18];

/** Of the calling thread; `undefined` where the system does not report it. */
export function threadUsage({ library }: Libc): ThreadUsage | undefined {
  if (process.platform !== 'linux') return undefined;
  const clock: NativeFunction<[number, BigInt64Array], number> = library.func(
    'int clock_gettime(int clock, _Out_ void* time)',
  );
  const usage: NativeFunction<[number, BigInt64Array], number> = library.func(
    'int getrusage(int who, _Out_ void* usage)',
  );
  const time = new BigInt64Array(TIMESPEC_WORDS);
  const counts = new BigInt64Array(RUSAGE_WORDS);
  const micros = (): number => {
    clock(CLOCK_THREAD_CPUTIME_ID, time);
    return Number(time[SECONDS]!) * 1e6 + Number(time[NANOSECONDS]!) / 1000;
  };
  const waits = (): bigint => {
    usage(RUSAGE_THREAD, counts);
    return counts[VOLUNTARY_SWITCHES]!;
  };
  let [startWaits, startMicros] = [0n, 0];
  return {
    begin: () => {
      startWaits = waits();
      startMicros = micros();
    },
    end: () => {
      const used = micros() - startMicros;
      return waits() === startWaits ? used : undefined;
    },
  };
}
