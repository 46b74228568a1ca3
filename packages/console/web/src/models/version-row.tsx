/** A version of a model, with all that is known of its load. */
import type { ComponentChildren, JSX } from 'preact';
import type { VersionInfo } from '../../../src/api/console-api.js';
import { bytesText, durationText, spanText } from '../shell/format.js';
import { StateBadge } from '../ui/state-badge.js';
import { StateTrack, type TrackTime } from './state-track.js';

export interface VersionRowProps {
  readonly version: VersionInfo;
  readonly isDefault: boolean;
  /** The time that the track of states shows. */
  readonly track: TrackTime;
}

export function VersionRow({ version: info, isDefault, track }: VersionRowProps): JSX.Element {
  const { now } = track;
  const loaded = info.state === 'AVAILABLE';
  return (
    <li class={`version ${info.state === 'END' ? 'ended' : ''}`}>
      <p class="version-name">
        <strong>{info.version}</strong>
        {isDefault && (
          <span class="tag" title="Requests without a version get this one">
            default
          </span>
        )}
        {info.labels.map((label) => (
          <span key={label} class="tag label">
            {label}
          </span>
        ))}
      </p>
      <p class="version-state">
        <StateBadge state={info.state} hasFailed={info.error !== undefined} />
        <span class="muted" title={new Date(info.since).toLocaleString()}>
          for {spanText(now - info.since)}
        </span>
      </p>
      <dl>
        <Fact name="Engine">{info.engine ?? '–'}</Fact>
        <Fact name="Load">{info.loadMs === undefined ? '–' : durationText(info.loadMs)}</Fact>
        <Fact name="Warm-up">{info.warmupRequests === undefined ? '–' : `${info.warmupRequests} requests`}</Fact>
        <Fact name="Memory">{info.memoryBytes === undefined || !loaded ? '–' : bytesText(info.memoryBytes)}</Fact>
        <Fact name="Why">{info.why ?? '–'}</Fact>
        <Fact name={`States, last ${spanText(now - track.start)}`}>
          <StateTrack version={info} {...track} />
        </Fact>
      </dl>
      {info.error && (
        <p class="notice error">
          <code>{info.error.code}</code> {info.error.message}
        </p>
      )}
    </li>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
