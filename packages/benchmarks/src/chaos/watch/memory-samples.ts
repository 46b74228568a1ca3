/** Whether this process's memory grows. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Sample {
  readonly heapBytes: number;
  readonly residentBytes: number;
}

/** Taken in regular intervals, after a garbage collection each. */
export class MemorySamples {
  readonly #samples: Sample[] = [];

  take(): void {
    collectGarbage();
    const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
    this.#samples.push({ heapBytes: heapUsed + arrayBuffers, residentBytes: rss });
  }

  /** JavaScript's memory, buffers included. */
  get heapGrowthBytes(): number {
    return this.#growth(({ heapBytes }) => heapBytes);
  }

  /** That of the whole process, engines included. */
  get residentGrowthBytes(): number {
    return this.#growth(({ residentBytes }) => residentBytes);
  }

  /** From the second quarter to the last one, the least of each: what is held for a moment is not held for good. */
  #growth(bytesOf: (sample: Sample) => number): number {
    const bytes = this.#samples.map(bytesOf);
    const quarter = Math.floor(bytes.length / 4);
    if (quarter === 0) return 0;
    return Math.min(...bytes.slice(-quarter)) - Math.min(...bytes.slice(quarter, 2 * quarter));
  }
}
