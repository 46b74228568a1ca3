/** Installs TensorFlow's library from Python's package of it, which `pip` downloads. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ServingError } from '@serving/core';
import { type CachedLibrary, publishLibrary } from '../library/library-cache.js';
import { runCommand } from './child-command.js';
import { findCommand } from './find-command.js';
import { growingFolderBytes } from './folder-size.js';
import type { InstallContext } from './install-context.js';
import { checkKnownFile } from './known-files.js';
import { TENSORFLOW_VERSION } from './known-files-table.js';
import { unpackWheel } from './unpack-wheel.js';
import { parseWheel, type WheelRequest, wheelRequests } from './wheel-requests.js';

/** `-I` keeps Python from importing `pip`, or what it needs, from the working folder or from where variables point. */
const PIPS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['python3', '-I', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-I', '-m', 'pip'],
];
const VERSION_TIMEOUT_MS = 30_000;

/** A pip that answers: the absolute path of its program, and arguments. */
export type Pip = readonly [command: string, ...args: string[]];

/** A wheel whose hash was checked. */
export interface DownloadedWheel {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Installs the library from the first wheel that can be had. Folders for it are made in `folder`, which must be empty.
 *
 * @throws ServingError `CANCELLED`, or `UNAVAILABLE` with what each attempt failed of.
 */
export function installFromPip(context: InstallContext, folder: string): Promise<CachedLibrary> {
  return withTensorFlowWheel(context, folder, async ({ path, sha256 }) => {
    const target = join(folder, 'library');
    await rm(target, { recursive: true, force: true });
    await mkdir(target);
    const library = await unpackWheel(path, target, {
      signal: context.signal,
      onProgress: (done, total) => context.onProgress?.({ phase: 'unpack', done, total }),
    });
    return publishLibrary(context.cacheDirectory, context.library, target, {
      version: parseWheel(basename(path))?.version ?? 'unknown',
      platform: process.platform,
      arch: process.arch,
      library,
      origin: basename(path),
      sha256,
    });
  });
}

/**
 * Downloads TensorFlow's wheel, checks its hash and hands it to `use`; tries the next file when one of the three fails.
 *
 * @throws ServingError as {@link installFromPip}.
 */
export async function withTensorFlowWheel<T>(
  context: InstallContext,
  folder: string,
  use: (wheel: DownloadedWheel) => Promise<T>,
): Promise<T> {
  const requests = wheelRequests(context, TENSORFLOW_VERSION);
  if (requests.length === 0) {
    const wheel = `TensorFlow ${TENSORFLOW_VERSION} for ${process.platform} ${process.arch}`;
    throw new ServingError(
      'UNAVAILABLE',
      `no SHA-256 of ${wheel} is known here. \`serving-engine install --accept_unknown_file\` installs what pip's index has`,
    );
  }
  const failures: string[] = [];
  const pip = await findPip(context, folder, failures);
  if (pip === undefined) {
    const remedy = 'Install pip (python3-pip on Debian and its like), or the npm package @tensorflow/tfjs-node';
    throw new ServingError('UNAVAILABLE', `none that runs (${failures.join('; ')}). ${remedy}`);
  }
  for (const request of requests) {
    try {
      const path = await downloadWheel(context, pip, request, folder);
      return await use({ path, sha256: await checkKnownFile(path, context) });
    } catch (error) {
      const failure = ServingError.from(error, 'UNAVAILABLE');
      if (failure.code === 'CANCELLED') throw failure;
      failures.push(`${[...pip, 'download', ...request].join(' ')}: ${failure.message}`);
    }
  }
  if (!context.acceptUnknownFile) failures.push('no other file has a known SHA-256 (--accept_unknown_file)');
  throw new ServingError('UNAVAILABLE', failures.join('; '));
}

/** @param folder what pip runs in; nothing that it could take for a part of Python may lie there. */
export async function findPip(context: InstallContext, folder: string, failures: string[]): Promise<Pip | undefined> {
  for (const [name, ...args] of PIPS) {
    const command = await findCommand(name, context);
    if (command === undefined) {
      failures.push(`no ${name} on PATH`);
      continue;
    }
    try {
      const { clock, signal } = context;
      const options = {
        clock,
        signal,
        cwd: folder,
        env: pythonEnvironment(context.env),
        timeoutMs: VERSION_TIMEOUT_MS,
      };
      await runCommand(command, [...args, '--version'], options);
      return [command, ...args];
    } catch (error) {
      const failure = ServingError.from(error);
      if (failure.code === 'CANCELLED') throw failure;
      failures.push(failure.message);
    }
  }
  return undefined;
}

/** Programs named `pip` run without `-I`. */
function pythonEnvironment({ PYTHONPATH: _path, PYTHONHOME: _home, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/**
 * Downloads one wheel into `folder`, with pip's own settings (indexes, proxies), and returns its path.
 *
 * @throws ServingError `CANCELLED`, or `UNAVAILABLE` with pip's own reason.
 */
export async function downloadWheel(
  context: InstallContext,
  [command, ...args]: Pip,
  request: WheelRequest,
  folder: string,
): Promise<string> {
  // pip keeps a file in its temporary folder while it arrives, so that its size shows the progress and nothing is left behind.
  const [wheels, temporary] = [join(folder, 'wheels'), join(folder, 'arriving')];
  for (const made of [wheels, temporary]) {
    await rm(made, { recursive: true, force: true });
    await mkdir(made);
  }
  const env = { ...pythonEnvironment(context.env), TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  let total: number | undefined;
  await runCommand(
    command,
    [...args, 'download', '--no-deps', '--only-binary=:all:', '--retries', '0', '--dest', wheels, ...request],
    {
      clock: context.clock,
      signal: context.signal,
      cwd: folder,
      env: { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
      onOutput: (text) => {
        total ??= parseSize(text);
        return true;
      },
      poll: async () => {
        const done = (await growingFolderBytes(temporary)) + (await growingFolderBytes(wheels));
        context.onProgress?.({ phase: 'download', done, ...(total === undefined ? {} : { total }) });
        return true;
      },
    },
  );
  const wheel = (await readdir(wheels)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new ServingError('UNAVAILABLE', 'pip downloaded no wheel');
  return join(wheels, wheel);
}

const UNITS: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9 };

/** The size in pip's line `Downloading x.whl (270.1 MB)`. */
function parseSize(text: string): number | undefined {
  const match = /\.whl[^\n(]*\((\d+(?:\.\d+)?) (kB|MB|GB)\)/.exec(text);
  return match === null ? undefined : Math.round(Number(match[1]) * UNITS[match[2]!]!);
}
