/** The state of a version: a colour and a word. */
import type { JSX } from 'preact';
import type { VersionState } from '../../../src/api/console-api.js';

export const STATE_WORDS: Readonly<Record<VersionState, string>> = {
  START: 'waiting',
  LOADING: 'loading',
  AVAILABLE: 'available',
  UNLOADING: 'unloading',
  END: 'ended',
};

export function StateBadge({
  state,
  hasFailed,
}: {
  readonly state: VersionState;
  readonly hasFailed: boolean;
}): JSX.Element {
  const name = hasFailed && state === 'END' ? 'failed' : STATE_WORDS[state];
  return (
    <span class={`badge state-${hasFailed && state !== 'AVAILABLE' ? 'failed' : state.toLowerCase()}`}>{name}</span>
  );
}
