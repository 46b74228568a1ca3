/** Installs TensorFlow's library by `@tensorflow/tfjs-node`'s own download. */
import { copyFile, cp, mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { runCommand } from './child-command.js';
import { growingFolderBytes } from './folder-size.js';
import type { InstallContext } from './install-library.js';
import { type CachedLibrary, publishLibrary } from './library-cache.js';
import { frameworkFileName, libraryAt } from './library-files.js';
import { tfjsNodePackage } from './tfjs-node-package.js';

/** Its script prints this when the library is there and it goes on to compile the addon, which we don't need. */
const DOWNLOADED = 'Building TensorFlow Node.js bindings';
/** A server that can't be reached must not keep anybody waiting: given up when nothing arrives for this long. */
const STALL_MS = 10_000;

/**
 * Runs a copy of the package's own install script, so that the package itself stays as it is.
 *
 * @throws ServingError `CANCELLED`, `UNAVAILABLE` when the package isn't there or the download fails.
 */
export async function installFromTfjsNode(context: InstallContext, folder: string): Promise<CachedLibrary> {
  const packageFolder = tfjsNodePackage();
  if (packageFolder === undefined) throw new ServingError('UNAVAILABLE', 'not installed');
  const copy = join(folder, 'tfjs-node');
  await mkdir(copy);
  await cp(join(packageFolder, 'scripts'), join(copy, 'scripts'), { recursive: true });
  await copyFile(join(packageFolder, 'package.json'), join(copy, 'package.json'));
  await download(context, packageFolder, copy);

  const source = await libraryAt(join(copy, 'deps', 'lib'));
  if (source === undefined) throw new ServingError('UNAVAILABLE', 'the download holds no library');
  const target = join(folder, 'tfjs-node-library');
  await mkdir(target);
  await copyFile(source, join(target, basename(source)));
  const framework = frameworkFileName();
  if (framework !== undefined) await copyFile(join(dirname(source), framework), join(target, framework));
  return publishLibrary(context.cacheDirectory, target, {
    version: await libraryVersion(source, copy),
    platform: process.platform,
    arch: process.arch,
    library: basename(source),
    origin: '@tensorflow/tfjs-node',
  });
}

async function download(context: InstallContext, packageFolder: string, copy: string): Promise<void> {
  const deps = join(copy, 'deps');
  let bytes = 0;
  let changedAt = context.clock.now();
  await runCommand(process.execPath, [join(copy, 'scripts', 'install.js')], {
    clock: context.clock,
    signal: context.signal,
    cwd: copy,
    env: { ...context.env, NODE_PATH: moduleFolders(packageFolder).join(process.platform === 'win32' ? ';' : ':') },
    onOutput: (text) => !text.includes(DOWNLOADED),
    poll: async () => {
      const done = await growingFolderBytes(deps);
      if (done !== bytes) {
        bytes = done;
        changedAt = context.clock.now();
        context.onProgress?.({ phase: 'download', done });
      }
      return context.clock.now() - changedAt < STALL_MS;
    },
  });
}

/** Where the copy finds the script's own dependencies: everywhere that the package itself would look. */
function moduleFolders(packageFolder: string): string[] {
  const folders = [join(packageFolder, 'node_modules')];
  for (let folder = packageFolder; dirname(folder) !== folder; folder = dirname(folder)) {
    if (basename(dirname(folder)) === 'node_modules') folders.push(dirname(folder));
    else if (basename(folder) !== 'node_modules') folders.push(join(dirname(folder), 'node_modules'));
  }
  return folders;
}

/** The number in the file that the library's name links to, or else that of the package. */
async function libraryVersion(library: string, packageFolder: string): Promise<string> {
  const files = [await realpath(library), ...(await readdir(dirname(library)))];
  for (const file of files) {
    const version = /(\d+\.\d+\.\d+)/.exec(basename(file))?.[1];
    if (version !== undefined) return version;
  }
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  return `tfjs-node-${version}`;
}
