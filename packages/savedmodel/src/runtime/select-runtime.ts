/** Finds the runtime package that is installed. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ServingError } from '@serving/core';
import type { SavedModelRuntime } from './saved-model-runtime.js';

/** The runtimes that can be chosen by name. */
export type RuntimeName = 'tensorflow' | 'tfjs-node';

const packages: Readonly<Record<RuntimeName, { readonly name: string; readonly factory: string }>> = {
  tensorflow: { name: '@serving/runtime-tensorflow', factory: 'tensorflowRuntime' },
  'tfjs-node': { name: '@serving/runtime-tfjs-node', factory: 'tfjsNodeRuntime' },
};

/**
 * Makes a runtime with its default options: the named one, or the first that is installed, `tensorflow` before
 * `tfjs-node`. The caller owns it.
 *
 * @param origins files or folders (with a slash at the end) from which packages are looked up; by default this package,
 * then the application's main script, then the current folder.
 * @throws ServingError `FAILED_PRECONDITION` when none is installed, with the command that installs one, or when the
 * package can't be loaded.
 */
export async function selectRuntime(
  name?: RuntimeName,
  origins: readonly string[] = defaultOrigins(),
): Promise<SavedModelRuntime> {
  const candidates = name === undefined ? Object.values(packages) : [packages[name]];
  for (const { name: packageName, factory } of candidates) {
    const path = resolvePackage(packageName, origins);
    if (path === undefined) continue;
    return createRuntime(packageName, path, factory);
  }
  throw new ServingError(
    'FAILED_PRECONDITION',
    `No runtime for SavedModels is installed. Run \`npm install ${candidates[0]!.name}\` ` +
      `(looked for ${candidates.map((candidate) => candidate.name).join(' and ')} from ${origins.join(', ')})`,
  );
}

async function createRuntime(packageName: string, path: string, factory: string): Promise<SavedModelRuntime> {
  try {
    const exported: Record<string, () => SavedModelRuntime> = await import(pathToFileURL(path).href);
    return exported[factory]!();
  } catch (error) {
    throw ServingError.from(error, 'FAILED_PRECONDITION').prefixed(`${packageName} (${path}) can't be loaded: `);
  }
}

function defaultOrigins(): string[] {
  const script = process.argv[1];
  return [import.meta.url, ...(script === undefined ? [] : [script]), join(process.cwd(), '/')];
}

function resolvePackage(name: string, origins: readonly string[]): string | undefined {
  for (const origin of origins) {
    try {
      return createRequire(origin).resolve(name);
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
