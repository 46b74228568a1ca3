/** Finds the runtime package that is installed. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ServingError } from '@serving/core';
import { packageOrigins } from './package-origins.js';
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
 * @param resolvePackage gives the file that a package's name stands for, or nothing when it isn't installed. By default
 * it is looked up from this package, then from the application's main script; never from the working folder.
 * @throws ServingError `FAILED_PRECONDITION` when none is installed, with the command that installs one, or when the
 * package can't be loaded.
 */
export async function selectRuntime(
  name?: RuntimeName,
  resolvePackage: (packageName: string) => string | undefined = resolveInstalled,
): Promise<SavedModelRuntime> {
  const candidates = name === undefined ? Object.values(packages) : [packages[name]];
  for (const { name: packageName, factory } of candidates) {
    const path = resolvePackage(packageName);
    if (path !== undefined) return createRuntime(packageName, path, factory);
  }
  throw new ServingError(
    'FAILED_PRECONDITION',
    `No runtime for SavedModels is installed: ${candidates.map((candidate) => candidate.name).join(' or ')} was looked for ` +
      'from @serving/savedmodel and from the main script. ' +
      `Run \`npm install ${candidates[0]!.name}\``,
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

function resolveInstalled(packageName: string): string | undefined {
  for (const origin of packageOrigins(import.meta.url)) {
    try {
      return createRequire(origin).resolve(packageName);
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
