/** The time of a request by stage, as one bar. */
import type { JSX } from 'preact';
import type { RequestTiming } from '../../../src/api/console-api.js';
import type { ClientTiming } from '../requests/send-call.js';
import { durationText } from '../shell/format.js';

const STAGES = ['decode', 'queue', 'run', 'encode'] as const;

interface Part {
  readonly name: string;
  readonly ms: number;
  readonly tone: string;
}

export interface TimingBarProps {
  readonly client: ClientTiming;
  /** `undefined` until the server's event has come. */
  readonly server: RequestTiming | undefined;
}

export function TimingBar({ client, server }: TimingBarProps): JSX.Element {
  const stages = STAGES.flatMap((name, i): Part[] => {
    const ms = server?.stages[name];
    return ms === undefined ? [] : [{ name, ms, tone: `tone-${i + 1}` }];
  });
  const staged = stages.reduce((sum, { ms }) => sum + ms, 0);
  const other = Math.max(0, (server?.totalMs ?? 0) - staged);
  const network = Math.max(0, client.totalMs - (server?.totalMs ?? 0));
  const parts: Part[] = [
    ...stages,
    ...(server && other > 0 ? [{ name: 'other in the server', ms: other, tone: 'tone-5' }] : []),
    { name: server ? 'network and browser' : 'total', ms: network, tone: 'tone-0' },
  ];
  const place = server?.ranInline === undefined ? '' : server.ranInline ? ', run inline' : ', run on a thread';
  return (
    <div class="timing">
      <div class="timing-bar" aria-hidden="true">
        {parts.map(({ name, ms, tone }) => (
          <span key={name} class={tone} style={{ flexGrow: ms }} title={`${name}: ${durationText(ms)}`} />
        ))}
      </div>
      <ul aria-label={`Time by stage${place}`}>
        {parts.map(({ name, ms, tone }) => (
          <li key={name}>
            <span class={`dot ${tone}`} aria-hidden="true" /> {name} <b>{durationText(ms)}</b>
          </li>
        ))}
        {place && <li class="muted">{place.slice(2)}</li>}
      </ul>
    </div>
  );
}
