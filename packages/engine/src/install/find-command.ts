/** Finds programs, never in the working folder. */
import { access, constants, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join, relative, sep } from 'node:path';

export interface FindCommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Default: the process's. */
  readonly workingFolder?: string | undefined;
}

/**
 * The absolute path of a program, from the trusted folders of `PATH`; `undefined` when none has it.
 *
 * Not trusted are relative entries, which an empty one is too; `node_modules`, which package managers put there; and folders in the
 * working folder, unless a virtual environment that is active lies there, or the machine's programs themselves (the
 * working folder is `/`).
 */
export async function findCommand(name: string, options: FindCommandOptions): Promise<string | undefined> {
  for (const folder of await trustedFolders(options)) {
    const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name);
    if (await isProgram(path)) return path;
  }
  return undefined;
}

/** The environment with only the trusted folders in `PATH`, for programs that start others. */
export async function trustedEnvironment(options: FindCommandOptions): Promise<NodeJS.ProcessEnv> {
  const { env } = options;
  return { ...env, [pathKey(env)]: (await trustedFolders(options)).join(delimiter) };
}

async function trustedFolders(options: FindCommandOptions): Promise<string[]> {
  const { env, workingFolder = currentFolder() } = options;
  const own = workingFolder === undefined ? undefined : await realFolder(workingFolder);
  const trusted: string[] = [];
  for (const folder of (env[pathKey(env)] ?? '').split(delimiter)) {
    if (!isAbsolute(folder) || folder.split(sep).includes('node_modules')) continue;
    const real = await realFolder(folder);
    if (own === undefined || !isWithin(real, own) || (await isTrustedWithin(own, real, env))) trusted.push(folder);
  }
  return trusted;
}

/** Windows has it as "Path". */
function pathKey(env: NodeJS.ProcessEnv): string {
  return Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
}

async function isTrustedWithin(workingFolder: string, folder: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  if (isWithin(dirname(process.execPath), workingFolder)) return true;
  for (const active of [env.VIRTUAL_ENV, env.CONDA_PREFIX]) {
    if (active && isAbsolute(active) && isWithin(folder, await realFolder(active))) return true;
  }
  return false;
}

function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function realFolder(folder: string): Promise<string> {
  return realpath(folder).catch(() => folder);
}

function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    // It was removed.
    return undefined;
  }
}
