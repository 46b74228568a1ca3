/** A `tensorflow` package of the machine's Python. */
import { dirname, isAbsolute } from 'node:path';
import { ServingError } from '@serving/core';
import type { Clock } from '@serving/core/extend';
import { runCommand } from '../install/child-command.js';
import { findCommand, trustedEnvironment } from '../install/find-command.js';

/**
 * Finds the package without importing it, which would take seconds. In isolated mode Python searches neither the working
 * folder nor the paths of variables. The user's own packages count, outside of a virtual environment.
 */
const SCRIPT = `import importlib.util as u, site, sys
if sys.prefix == sys.base_prefix: sys.path.append(site.getusersitepackages())
s = u.find_spec('tensorflow')
print(s.submodule_search_locations[0] if s and s.submodule_search_locations else '')`;
const TIMEOUT_MS = 5000;

/** The package's folder, or why there is none, by interpreter. */
export async function pythonTensorFlow(
  clock: Clock,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ readonly folder: string | undefined; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  for (const name of ['python3', 'python']) {
    const python = await findCommand(name, { env });
    if (python === undefined) {
      notes.push(`no ${name} on PATH`);
      continue;
    }
    try {
      const options = { clock, timeoutMs: TIMEOUT_MS, env: await trustedEnvironment({ env }), cwd: dirname(python) };
      const { stdout } = await runCommand(python, ['-I', '-c', SCRIPT], options);
      const folder = stdout.trim();
      if (isAbsolute(folder)) return { folder, notes };
      notes.push(`${python} has no package tensorflow`);
    } catch (error) {
      notes.push(ServingError.from(error).message);
    }
  }
  return { folder: undefined, notes };
}
