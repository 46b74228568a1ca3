/** What a server serves, as fields of one line. */
import type { ObservedServer } from '../diagnostics/events.js';
import { printableLine } from '../printable-text.js';
import { versionToJson } from '../servable/version.js';

const MAX_NAMES = 20;

/**
 * `models` are the versions available, such as `digits/2`; `unavailable` the models that have none; `engines` what the versions run on. Long
 * lists end with "…" and a number.
 */
export function serverSummary(server: ObservedServer): Readonly<Record<string, readonly string[]>> {
  const models: string[] = [];
  const unavailable: string[] = [];
  const engines = new Set<string>();
  for (const name of server.modelNames) {
    const available = statusesOf(server, name).filter(({ state }) => state === 'AVAILABLE');
    if (available.length === 0) unavailable.push(printableLine(name));
    for (const { version, engine } of available) {
      models.push(`${printableLine(name)}/${versionToJson(version)}`);
      if (engine !== undefined) engines.add(engine);
    }
  }
  return {
    models: cut(models),
    ...(unavailable.length > 0 && { unavailable: cut(unavailable) }),
    ...(engines.size > 0 && { engines: [...engines] }),
  };
}

/** The states of a model's versions; none for a model without any. */
export function statusesOf(server: ObservedServer, model: string): ReturnType<ObservedServer['getModelStatus']> {
  try {
    return server.getModelStatus({ model });
  } catch {
    return [];
  }
}

function cut(names: readonly string[]): readonly string[] {
  return names.length <= MAX_NAMES ? names : [...names.slice(0, MAX_NAMES), `… ${names.length - MAX_NAMES} more`];
}
