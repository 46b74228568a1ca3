/** Tells in a line each what becomes of the models and their versions. */
import type { ModelServerOptions, ServableState, ServingError } from '@serving/core';
import { quoteName } from '@serving/core/extend';
import { textFormatErrorLine } from '@serving/protos/config';

/** Listeners for `ModelServer.start`'s `on`. */
export function modelEventLog(log: (line: string) => unknown): NonNullable<ModelServerOptions['on']> {
  const tell = ({ id, error }: ServableState, what: string): void => {
    log(`model ${quoteName(id.name)} version ${id.version} ${what}${error ? `: ${describe(error)}` : ''}`);
  };
  return {
    'servable:loading': (state) => {
      if (state.error) tell(state, 'failed to load and will be tried again');
    },
    'servable:available': (state) =>
      tell(state, state.engine === undefined ? 'is available' : `is available on the engine ${state.engine}`),
    'servable:end': (state) => tell(state, state.error ? 'has failed' : 'is unloaded'),
    'config:reloaded': ({ models }) => log(`the models are now ${models.map(quoteName).join(', ') || 'none'}`),
    error: (error) => {
      const line = textFormatErrorLine(error);
      if (line !== undefined) log(line);
      log(describe(error));
    },
  };
}

function describe({ code, message, hint }: ServingError): string {
  return `${code}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
