/** Shows how far a download is: a bar where a person watches, now and then a line where a log is written. */
import type { Clock } from '@serving/core/extend';
import type { InstallProgress } from '../install/install-context.js';
import type { TextSink } from './output.js';

const BAR_WIDTH = 30;
/** At most ten times a second. */
const REDRAW_INTERVAL_MS = 100;
const LOG_STEP = 0.1;
const LOG_INTERVAL_MS = 5000;
const LOG_INTERVAL_WITHOUT_TOTAL_MS = 1000;
const MEGABYTE = 1e6;
const titles = { download: 'Downloading', unpack: 'Unpacking' } as const;

/** One per installation. {@link show} may be called often; {@link end} draws the last progress, and leaves the cursor on a new line. */
export class ProgressPrinter {
  readonly #sink: TextSink;
  readonly #clock: Clock;
  #shown: { phase: InstallProgress['phase']; share: number; time: number } | undefined;
  #barLength = 0;
  #drawn: { phase: InstallProgress['phase']; time: number } | undefined;
  #pending: InstallProgress | undefined;

  constructor(sink: TextSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  show(progress: InstallProgress): void {
    if (this.#sink.isTTY) this.#drawWhenDue(progress);
    else if (this.#isWorthALine(progress)) this.#sink.write(`${titles[progress.phase]}: ${amount(progress)}\n`);
  }

  end(): void {
    if (this.#pending) this.#drawBar(this.#pending);
    if (this.#barLength > 0) this.#sink.write('\n');
    this.#barLength = 0;
  }

  #drawWhenDue(progress: InstallProgress): void {
    this.#pending = progress;
    const time = this.#clock.now();
    const isDue = this.#drawn?.phase !== progress.phase || time >= this.#drawn.time + REDRAW_INTERVAL_MS;
    if (!isDue) return;
    this.#drawn = { phase: progress.phase, time };
    this.#drawBar(progress);
  }

  #drawBar(progress: InstallProgress): void {
    this.#pending = undefined;
    const filled = Math.round(shareOf(progress) * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    const line = `${titles[progress.phase].padEnd(12)}${bar} ${amount(progress)}`;
    this.#sink.write(`\r${line.padEnd(this.#barLength)}`);
    this.#barLength = line.length;
  }

  #isWorthALine(progress: InstallProgress): boolean {
    const time = this.#clock.now();
    const share = shareOf(progress);
    const last = this.#shown;
    const interval = progress.total === undefined ? LOG_INTERVAL_WITHOUT_TOTAL_MS : LOG_INTERVAL_MS;
    const isNews =
      last?.phase !== progress.phase || share >= last.share + LOG_STEP || share === 1 || time >= last.time + interval;
    if (!isNews || (last?.phase === progress.phase && last.share === 1)) return false;
    this.#shown = { phase: progress.phase, share, time };
    return true;
  }
}

function shareOf({ done, total }: InstallProgress): number {
  return total ? Math.min(done / total, 1) : 0;
}

function amount(progress: InstallProgress): string {
  const { done, total } = progress;
  const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);
  if (!total) return `${megabytes(done)} MB`;
  return `${(100 * shareOf(progress)).toFixed(0).padStart(3)} %  ${megabytes(done)} of ${megabytes(total)} MB`;
}
