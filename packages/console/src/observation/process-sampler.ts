/** How busy the process is, second by second. */
import { readFileSync } from 'node:fs';
import { type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { ProcessSample } from '../api/console-api.js';

/** Measures from {@link start} to {@link stop}; the timers of neither keep the process alive. */
export class ProcessSampler {
  #delays: IntervalHistogram | undefined;
  #cpu = process.cpuUsage();
  #utilization = performance.eventLoopUtilization();
  #since = performance.now();

  start(): void {
    this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.#delays.enable();
    this.#begin();
  }

  stop(): void {
    this.#delays?.disable();
    this.#delays = undefined;
  }

  /** Of the time since the last sample. */
  sample(time: number): ProcessSample {
    const { user, system } = process.cpuUsage(this.#cpu);
    const elapsedMs = Math.max(performance.now() - this.#since, 1);
    const { utilization } = performance.eventLoopUtilization(this.#utilization);
    const { rss, heapUsed, external } = process.memoryUsage();
    const threads = threadCount();
    const sample: ProcessSample = {
      time,
      cpu: rounded((user + system) / 1000 / elapsedMs),
      rssBytes: rss,
      heapUsedBytes: heapUsed,
      externalBytes: external,
      eventLoopP99Ms: this.#delayMs((delays) => delays.percentile(99)),
      eventLoopMaxMs: this.#delayMs((delays) => delays.max),
      eventLoopUtilization: rounded(utilization),
      ...(threads !== undefined && { threads }),
    };
    this.#begin();
    return sample;
  }

  #begin(): void {
    this.#cpu = process.cpuUsage();
    this.#utilization = performance.eventLoopUtilization();
    this.#since = performance.now();
    this.#delays?.reset();
  }

  /** The histogram holds whole intervals: the wait that was asked for, and the delay. */
  #delayMs(read: (delays: IntervalHistogram) => number): number {
    const delays = this.#delays;
    return delays === undefined || delays.count === 0 ? 0 : rounded(Math.max(0, read(delays) / 1e6 - RESOLUTION_MS));
  }
}

const RESOLUTION_MS = 50;

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Linux says; other systems would have to be asked by a command. */
function threadCount(): number | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // Behind the command in parentheses, which may hold spaces.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[17]);
  } catch {
    return undefined;
  }
}
