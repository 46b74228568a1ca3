/** A `tensorflow` package of the machine's Python. */
import { type Clock, ServingError } from '@serving/core';
import { runCommand } from './child-command.js';

/** Finds the package without importing it, which would take seconds. */
const SCRIPT =
  "import importlib.util as u; s = u.find_spec('tensorflow'); print(s.submodule_search_locations[0] if s and s.submodule_search_locations else '')";
const TIMEOUT_MS = 5000;

/** The package's folder, or why there is none, by interpreter. */
export async function pythonTensorFlow(
  clock: Clock,
): Promise<{ readonly folder: string | undefined; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      const { stdout } = await runCommand(python, ['-c', SCRIPT], { clock, timeoutMs: TIMEOUT_MS });
      const folder = stdout.trim();
      if (folder !== '') return { folder, notes };
      notes.push(`${python} has no package tensorflow`);
    } catch (error) {
      notes.push(ServingError.from(error).message);
    }
  }
  return { folder: undefined, notes };
}
