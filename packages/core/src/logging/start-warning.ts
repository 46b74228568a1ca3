/** The warning of a start without a logger about models that are not available. */
import type { ModelServerListeners } from '../server/model-server-events.js';
import type { ServingError } from '../serving-error.js';
import { fieldsText } from './log-line.js';

/** Recognised across two copies of the package: marks listeners and servers whose events are logged. */
export const LOGGING: unique symbol = Symbol.for('@serving/core/logging') as never;

const MAX_MODELS = 10;

/** Marks a server whose events a logger gets, which {@link warnOfUnavailable} then leaves to it. */
export function markLogged(server: object): void {
  Object.defineProperty(server, LOGGING, { value: true, configurable: true });
}

/** Whether a logger, or the host's own listeners, get what {@link warnOfUnavailable} would repeat. */
export function isLogged(server: object, listeners: ModelServerListeners): boolean {
  return LOGGING in server || LOGGING in listeners || 'error' in listeners || 'servable:end' in listeners;
}

/** A model that a start has left unavailable. */
export interface UnavailableModel {
  readonly model: string;
  readonly error: ServingError;
}

/**
 * Emits a process warning with the code `SERVING_MODELS_UNAVAILABLE`, once for all models of a start.
 *
 * @param configured how many models the server has
 */
export function warnOfUnavailable(models: readonly UnavailableModel[], configured: number): void {
  if (models.length === 0) return;
  const listed = models
    .slice(0, MAX_MODELS)
    .map(({ model, error }) => fieldsText({ model, code: error.code, err: error }).trim());
  const more = models.length > MAX_MODELS ? `; and ${models.length - MAX_MODELS} more` : '';
  process.emitWarning(
    `${models.length} of ${configured} models not available after the start: ${listed.join('; ')}${more}`,
    {
      code: 'SERVING_MODELS_UNAVAILABLE',
    },
  );
}
