/** Makes engines by name, from the packages that are installed. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { ServingError } from '@serving/core';
import { packageOrigins } from './package-origins.js';
import type { SavedModelRuntime } from './saved-model-runtime.js';

/** The engines that have a name. */
export type EngineName = 'tensorflow' | 'onnx' | 'tfjs-node';

/** All of {@link EngineName}. */
export const engineNames: readonly EngineName[] = ['tensorflow', 'onnx', 'tfjs-node'];

const packages: Readonly<Record<EngineName, { readonly name: string; readonly factory: string }>> = {
  tensorflow: { name: '@serving/runtime-tensorflow', factory: 'tensorflowRuntime' },
  onnx: { name: '@serving/runtime-onnx', factory: 'onnxRuntime' },
  'tfjs-node': { name: '@serving/runtime-tfjs-node', factory: 'tfjsNodeRuntime' },
};

/** How {@link createEngine} finds and makes an engine. */
export interface CreateEngineOptions {
  /** The module that the engine's package is looked up from, before the application's main script. Default: this package. */
  readonly origin?: string;
  /** What the engine is made with. Default: its own defaults. */
  readonly engineOptions?: object;
  /** Returns the file of a package, or `undefined` when it is not installed. Default: never looks in the working folder. */
  readonly resolvePackage?: (packageName: string) => string | undefined;
}

/**
 * Loads an engine's package and makes the engine. The caller owns it.
 *
 * @throws ServingError `FAILED_PRECONDITION` when the package is not installed, with the command that installs it, or can't be
 * loaded.
 */
export async function createEngine(name: EngineName, options: CreateEngineOptions = {}): Promise<SavedModelRuntime> {
  const { origin = import.meta.url, engineOptions = {} } = options;
  const resolvePackage = options.resolvePackage ?? ((packageName) => resolveInstalled(packageName, origin));
  const { name: packageName, factory } = packages[name];
  const path = resolvePackage(packageName);
  if (path === undefined) {
    throw new ServingError(
      'FAILED_PRECONDITION',
      `The engine "${name}" is not installed: ${packageName} was not found from ${origin} and the main script. ` +
        `Run \`npm install ${packageName}\``,
    );
  }
  try {
    const exported: Record<string, (options: object) => SavedModelRuntime> = await import(pathToFileURL(path).href);
    return exported[factory]!(engineOptions);
  } catch (error) {
    throw ServingError.from(error, 'FAILED_PRECONDITION').prefixed(`${packageName} (${path}) can't be loaded: `);
  }
}

function resolveInstalled(packageName: string, own: string): string | undefined {
  for (const origin of packageOrigins(own)) {
    try {
      return createRequire(origin).resolve(packageName);
    } catch {
      // Not installed as seen from there.
    }
  }
  return undefined;
}
