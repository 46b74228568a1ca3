/** How long the event loop of this thread is kept from its turns. */
import { closeSync, openSync, readSync } from 'node:fs';

const INTERVAL_MS = 5;

/** The longest time between two turns of a timer, as the clock and as the thread's processor time count it. */
export class LoopStalls {
  readonly #schedule: number = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  readonly #bytes: Buffer = Buffer.alloc(64);
  readonly #timer: NodeJS.Timeout;
  #lastTurn = 0;
  #lastCpu = 0;
  #longestMs = 0;
  #longestCpuMs = 0;

  constructor() {
    this.skip();
    this.#timer = setInterval(() => this.#turn(), INTERVAL_MS);
    this.#timer.unref();
  }

  get longestMs(): number {
    return this.#longestMs;
  }

  /** Other processes and threads have no part in it. The timer's interval is. */
  get longestCpuMs(): number {
    return this.#longestCpuMs;
  }

  /** What came since the last turn is not the server's: the next interval begins now. */
  skip(): void {
    this.#lastTurn = performance.now();
    this.#lastCpu = this.#cpuMs();
  }

  close(): void {
    clearInterval(this.#timer);
    closeSync(this.#schedule);
  }

  #turn(): void {
    const turn = performance.now();
    const cpu = this.#cpuMs();
    this.#longestMs = Math.max(this.#longestMs, turn - this.#lastTurn);
    this.#longestCpuMs = Math.max(this.#longestCpuMs, cpu - this.#lastCpu);
    this.#lastTurn = turn;
    this.#lastCpu = cpu;
  }

  /** Of the main thread, whose id is the process's. */
  #cpuMs(): number {
    const length = readSync(this.#schedule, this.#bytes, 0, this.#bytes.length, 0);
    return Number(this.#bytes.toString('latin1', 0, length).split(' ')[0]) / 1e6;
  }
}
