/** Runs scripts of the docs with Python. `PYTHON` names the interpreter (default `python3`); what needs modules that it lacks is skipped. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { it } from 'vitest';

const python = process.env.PYTHON ?? 'python3';
const SCRIPT_TIMEOUT_MS = 300_000;

/** Defines a test where the interpreter has these modules, and elsewhere one that is skipped with a line that says so. */
export function itWithPython(modules, name, test) {
  const code = `import importlib.util as u; print(' '.join(m for m in ${JSON.stringify(modules)} if not u.find_spec(m)))`;
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  const missing = status === 0 ? stdout.split(/\s+/).filter(Boolean) : [python];
  if (missing.length === 0) return it(name, test, 2 * SCRIPT_TIMEOUT_MS);
  process.stdout.write(`SKIPPED: "${name}" needs ${missing.join(', ')} (PYTHON names the interpreter)\n`);
  return it.skip(name, () => undefined);
}

/** What a script prints; rejects when its exit code isn't 0. */
export async function runPython(script, args) {
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3', CUDA_VISIBLE_DEVICES: '' };
  const { stdout } = await promisify(execFile)(python, [script, ...args], { env, timeout: SCRIPT_TIMEOUT_MS });
  return stdout;
}
