/** Installs ONNX Runtime from the npm package `onnxruntime-node`, without running anything of it. */
import { access, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { type CachedLibrary, publishLibrary } from '../library/library-cache.js';
import { runCommand } from './child-command.js';
import { findCommand } from './find-command.js';
import { growingFolderBytes } from './folder-size.js';
import type { InstallContext } from './install-context.js';
import { checkKnownFile } from './known-files.js';
import { ONNX_RUNTIME_BYTES, ONNX_RUNTIME_VERSION } from './known-files-table.js';
import { unpackFromTarball } from './unpack-tarball.js';

const PACKAGE = 'onnxruntime-node';

/** What the package has a library for; on Linux one for glibc. */
const MACHINES: ReadonlySet<string> = new Set(['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64', 'win32-arm64']);

/**
 * Downloads the package with `npm pack`, with the registry and the proxy that npm is configured with, checks its hash and keeps
 * its one library for this machine.
 *
 * @throws ServingError `CANCELLED`; `UNIMPLEMENTED` on a machine that the package has no library for; `UNAVAILABLE` when there is no
 * npm or its download fails; as `checkKnownFile` for the package.
 */
export async function installFromNpm(context: InstallContext, folder: string): Promise<CachedLibrary> {
  checkMachine(process.platform, process.arch, isGlibc());
  const tarball = await download(context, folder);
  const sha256 = await checkKnownFile(tarball, context);
  const target = join(folder, 'library');
  await mkdir(target);
  const [library] = context.library.fileNames;
  const suffix = `/${process.platform}/${process.arch}/${library}`;
  await unpackFromTarball(tarball, (name) => name.endsWith(suffix), join(target, library!), {
    signal: context.signal,
    onProgress: (done, total) => context.onProgress?.({ phase: 'unpack', done, total }),
  });
  return publishLibrary(context.cacheDirectory, context.library, target, {
    version: /-(\d[\w.]*)\.tgz$/.exec(tarball)?.[1] ?? ONNX_RUNTIME_VERSION,
    platform: process.platform,
    arch: process.arch,
    library: library!,
    origin: `${PACKAGE}-${ONNX_RUNTIME_VERSION}.tgz`,
    sha256,
  });
}

/**
 * Exported for its test.
 *
 * @throws ServingError `UNIMPLEMENTED` with what to do instead.
 */
export function checkMachine(platform: string, arch: string, hasGlibc: boolean): void {
  const machine = `${platform}-${arch}`;
  const isMusl = platform === 'linux' && !hasGlibc;
  if (MACHINES.has(machine) && !isMusl) return;
  const where = isMusl ? `Linux without glibc (musl) on ${arch}` : `${platform} ${arch}`;
  const remedy = isMusl
    ? 'Use an image with glibc 2.28 or newer, such as node:20-slim'
    : 'Install the other engine with `serving install tensorflow`, or use a Linux image with glibc 2.28 or newer';
  throw new ServingError('UNIMPLEMENTED', `ONNX Runtime is not available for ${where}. ${remedy}`);
}

function isGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined;
}

/** The package's path. npm's cache is one of this installation's own, whose size shows the progress. */
async function download(context: InstallContext, folder: string): Promise<string> {
  const npm = await findNpm(context);
  if (npm === undefined) {
    throw new ServingError('UNAVAILABLE', 'no npm on PATH and none beside Node. Install npm (it comes with Node)');
  }
  const [command, ...args] = npm;
  const [cache, packages] = [join(folder, 'npm-cache'), join(folder, 'packages')];
  await mkdir(cache);
  await mkdir(packages);
  const flags = ['--ignore-scripts', '--no-update-notifier', '--loglevel=error', '--cache', cache];
  await runCommand(
    command,
    [...args, 'pack', `${PACKAGE}@${ONNX_RUNTIME_VERSION}`, '--pack-destination', packages, ...flags],
    {
      clock: context.clock,
      signal: context.signal,
      cwd: folder,
      env: context.env,
      poll: async () => {
        const done = Math.min(await growingFolderBytes(cache), ONNX_RUNTIME_BYTES);
        context.onProgress?.({ phase: 'download', done, total: ONNX_RUNTIME_BYTES });
        return true;
      },
    },
  );
  const tarball = (await readdir(packages)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new ServingError('UNAVAILABLE', 'npm downloaded no package');
  return join(packages, tarball);
}

/** npm as a program, or else its script beside Node. */
async function findNpm(context: InstallContext): Promise<readonly [command: string, ...args: string[]] | undefined> {
  const program = process.platform === 'win32' ? undefined : await findCommand('npm', context);
  if (program !== undefined) return [program];
  const beside = dirname(process.execPath);
  for (const modules of [join(beside, 'node_modules'), join(beside, '..', 'lib', 'node_modules')]) {
    const script = join(modules, 'npm', 'bin', 'npm-cli.js');
    if (
      await access(script).then(
        () => true,
        () => false,
      )
    )
      return [process.execPath, script];
  }
  return undefined;
}
