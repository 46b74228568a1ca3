/** The states of a version over time, as one bar. */
import type { JSX } from 'preact';
import type { ModelInfo, VersionInfo } from '../../../src/api/console-api.js';
import { clockText, spanText } from '../shell/format.js';
import { STATE_WORDS } from '../ui/state-badge.js';

const LEAST_MS = 15_000;
const MOST_MS = 3_600_000;

/** What a track shows: the same for all versions of a model, so that one ends below where the other begins. */
export interface TrackTime {
  readonly start: number;
  readonly now: number;
}

/** The last hour, or as much of it as the server knows. */
export function trackOf({ versions }: ModelInfo, now: number): TrackTime {
  const first = Math.min(...versions.flatMap(({ timeline }) => timeline.map(({ time }) => time)), now);
  return { start: now - Math.min(MOST_MS, Math.max(LEAST_MS, (now - first) * 1.04)), now };
}

export function StateTrack({ version, start, now }: TrackTime & { readonly version: VersionInfo }): JSX.Element {
  const { timeline } = version;
  const share = (time: number): number => (100 * (Math.max(time, start) - start)) / (now - start);
  const words = timeline.map(({ time, state }) => `${STATE_WORDS[state]} since ${clockText(time)}`).join(', ');
  return (
    <div class="track" role="img" aria-label={`Version ${version.version}: ${words}`}>
      {timeline.map(({ time, state, error }, i) => {
        const until = timeline[i + 1]?.time ?? now;
        if (until < start || state === 'END') return null;
        const title = `${STATE_WORDS[state]}, ${clockText(time)}, ${spanText(until - time)}${error ? `: ${error}` : ''}`;
        const style = { left: `${share(time)}%`, width: `${share(until) - share(time)}%` };
        const tone = error ? 'failed' : state.toLowerCase();
        return <span key={`${time}${state}`} class={`span state-${tone}`} title={title} style={style} />;
      })}
    </div>
  );
}
