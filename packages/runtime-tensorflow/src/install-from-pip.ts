/** Installs TensorFlow's library from Python's package of it, which `pip` downloads. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ServingError } from '@serving/core';
import { runCommand } from './child-command.js';
import { growingFolderBytes } from './folder-size.js';
import type { InstallContext } from './install-library.js';
import { type CachedLibrary, publishLibrary } from './library-cache.js';
import { unpackWheel } from './unpack-wheel.js';

const PIPS: readonly (readonly [command: string, ...args: string[]])[] = [
  ['python3', '-m', 'pip'],
  ['pip3'],
  ['pip'],
  ['python', '-m', 'pip'],
];
const VERSION_TIMEOUT_MS = 30_000;

/**
 * Uses the first `pip` that answers. Tries the interpreter's own version of the package first, then one that TensorFlow
 * is certainly built for: of the wheel only the libraries are used, and they don't depend on Python's version.
 *
 * @throws ServingError `CANCELLED`, or `UNAVAILABLE` with what each attempt failed of.
 */
export async function installFromPip(context: InstallContext, folder: string): Promise<CachedLibrary> {
  const failures: string[] = [];
  const pip = await findPip(context, failures);
  if (pip === undefined) {
    const remedy = 'Install pip (python3-pip on Debian and its like), or the npm package @tensorflow/tfjs-node';
    throw new ServingError('UNAVAILABLE', `none that runs (${failures.join('; ')}). ${remedy}`);
  }
  for (const request of downloadRequests()) {
    const wheels = join(folder, 'wheels');
    try {
      const wheel = await download(context, pip, request, wheels, join(folder, 'pip'));
      const target = join(folder, 'library');
      await mkdir(target);
      const library = await unpackWheel(wheel, target, {
        signal: context.signal,
        onProgress: (done, total) => context.onProgress?.({ phase: 'unpack', done, total }),
      });
      return await publishLibrary(context.cacheDirectory, target, {
        version: /^[^-]+-([^-]+)-/.exec(basename(wheel))?.[1] ?? 'unknown',
        platform: process.platform,
        arch: process.arch,
        library,
        origin: basename(wheel),
      });
    } catch (error) {
      const failure = ServingError.from(error, 'UNAVAILABLE');
      if (failure.code === 'CANCELLED') throw failure;
      failures.push(`${[...pip, 'download', ...request].join(' ')}: ${failure.message}`);
      for (const name of ['wheels', 'pip', 'library']) await rm(join(folder, name), { recursive: true, force: true });
    }
  }
  throw new ServingError('UNAVAILABLE', failures.join('; '));
}

async function findPip(context: InstallContext, failures: string[]): Promise<readonly string[] | undefined> {
  for (const pip of PIPS) {
    const [command, ...args] = pip;
    try {
      await runCommand(command, [...args, '--version'], { ...context, timeoutMs: VERSION_TIMEOUT_MS });
      return pip;
    } catch (error) {
      const failure = ServingError.from(error);
      if (failure.code === 'CANCELLED') throw failure;
      failures.push(failure.message);
    }
  }
  return undefined;
}

/** The arguments that say what to download, in the order of trying. */
function downloadRequests(): string[][] {
  const packages =
    process.platform === 'linux' && process.arch === 'x64' ? ['tensorflow-cpu', 'tensorflow'] : ['tensorflow'];
  const platform = wheelPlatform();
  const explicit = ['--python-version', '3.12', '--implementation', 'cp', '--abi', 'cp312'];
  return packages.flatMap((name) => [
    [name],
    ...(platform === undefined ? [] : [[...explicit, '--platform', platform, name]]),
  ]);
}

function wheelPlatform(): string | undefined {
  switch (`${process.platform}-${process.arch}`) {
    case 'linux-x64':
      return 'manylinux_2_27_x86_64';
    case 'linux-arm64':
      return 'manylinux_2_27_aarch64';
    case 'darwin-arm64':
      return 'macosx_12_0_arm64';
    case 'win32-x64':
      return 'win_amd64';
    default:
      return undefined;
  }
}

/** `temporary` is where pip keeps a file while it arrives, so that its size shows the progress and nothing is left behind. */
async function download(
  context: InstallContext,
  pip: readonly string[],
  request: readonly string[],
  wheels: string,
  temporary: string,
): Promise<string> {
  await mkdir(wheels);
  await mkdir(temporary);
  const [command, ...args] = pip;
  let total: number | undefined;
  await runCommand(
    command!,
    [...args, 'download', '--no-deps', '--only-binary=:all:', '--retries', '0', '--dest', wheels, ...request],
    {
      clock: context.clock,
      signal: context.signal,
      env: { ...context.env, TMPDIR: temporary, TEMP: temporary, TMP: temporary, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
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
