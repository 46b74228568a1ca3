/** Changes of a version's state in words. */
import type { ServableState } from '@serving/core';
import type { LogEntry, VersionState } from '../api/console-api.js';

/** A state and when it was published. */
export interface StateAtTime {
  readonly state: ServableState;
  readonly time: number;
}

/** TensorFlow Serving's name of a state. */
export function stateName({ managerState }: ServableState): VersionState {
  return managerState.toUpperCase() as VersionState;
}

/** The entry of the log, without its number and time. */
export function entryOfState(state: ServableState): Omit<LogEntry, 'id' | 'time'> {
  const { id, error } = state;
  return {
    level: error === undefined ? 'info' : state.managerState === 'end' ? 'error' : 'warning',
    message: textOf(state),
    model: id.name,
    version: String(id.version),
  };
}

function textOf({ id, managerState, error, engine }: ServableState): string {
  const version = `Version ${id.version} of model ${JSON.stringify(id.name)}`;
  switch (managerState) {
    case 'start':
      return `${version} was found`;
    case 'loading':
      return error === undefined ? `${version} is loading` : `${version} waits or is tried again: ${error.message}`;
    case 'available':
      return `${version} is available${engine === undefined ? '' : ` on ${engine}`}`;
    case 'unloading':
      return `${version} is unloading`;
    case 'end':
      return error === undefined ? `${version} is unloaded` : `${version} failed: ${error.message}`;
  }
}
