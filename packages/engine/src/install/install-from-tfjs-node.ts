/** Installs TensorFlow's library by `@tensorflow/tfjs-node`'s own download. */
import { copyFile, cp, mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { ServingError } from '@serving/core';
import { type CachedLibrary, publishLibrary } from '../library/library-cache.js';
import { frameworkFileName, libraryAt } from '../library/library-files.js';
import { tfjsNodePackage } from '../library/tfjs-node-package.js';
import { runCommand } from './child-command.js';
import { growingFolderBytes } from './folder-size.js';
import type { InstallContext } from './install-context.js';
import { checkKnownFile, sha256Of, unknownFile } from './known-files.js';
import { ARCHIVE_LINE, DOWNLOAD_SCRIPT, UNPACK_SCRIPT } from './tfjs-node-scripts.js';

/** A download is cancelled when nothing arrives for this long. */
const STALL_MS = 10_000;

/**
 * Runs a copy of the package's own install script up to the download, so that the package itself stays as it is and nothing
 * is unpacked before its hash is checked.
 *
 * @throws ServingError `CANCELLED`; `UNAVAILABLE` when the package isn't there or the download fails; as
 * `checkKnownFile` for the archive.
 */
export async function installFromTfjsNode(
  context: InstallContext,
  folder: string,
  packageFolder: string | undefined = tfjsNodePackage(),
): Promise<CachedLibrary> {
  if (packageFolder === undefined) throw new ServingError('UNAVAILABLE', 'not installed');
  const copy = join(folder, 'tfjs-node');
  await mkdir(copy);
  await cp(join(packageFolder, 'scripts'), join(copy, 'scripts'), { recursive: true });
  await copyFile(join(packageFolder, 'package.json'), join(copy, 'package.json'));
  const env = { ...context.env, NODE_PATH: moduleFolders(packageFolder).join(delimiter) };
  const archive = await download({ ...context, env }, copy);
  const sha256 = await checkKnownFile(archive, context);
  const unpacked = join(copy, 'unpacked');
  await unpack({ ...context, env }, copy, archive, unpacked);

  // Windows' archives may have no folder.
  const { fileNames: names } = context.library;
  const source = (await libraryAt(join(unpacked, 'lib'), names)) ?? (await libraryAt(unpacked, names));
  if (source === undefined) throw new ServingError('UNAVAILABLE', `${basename(archive)} holds no library`);
  const target = join(folder, 'tfjs-node-library');
  await mkdir(target);
  await copyFile(source, join(target, basename(source)));
  const framework = frameworkFileName();
  if (framework !== undefined) await copyFile(join(dirname(source), framework), join(target, framework));
  return publishLibrary(context.cacheDirectory, context.library, target, {
    version: await libraryVersion(source, copy),
    platform: process.platform,
    arch: process.arch,
    library: basename(source),
    origin: basename(archive),
    sha256,
  });
}

/** The archive's path. One that would be refused is not downloaded. */
async function download(context: InstallContext, copy: string): Promise<string> {
  await writeFile(join(copy, 'scripts', 'resources.js'), DOWNLOAD_SCRIPT);
  const folder = join(copy, 'archive');
  let bytes = 0;
  let changedAt = context.clock.now();
  let printed = '';
  await runCommand(process.execPath, [join(copy, 'scripts', 'install.js')], {
    clock: context.clock,
    signal: context.signal,
    cwd: copy,
    env: context.env,
    onOutput: (text) => {
      printed += text;
      const name = archiveName(printed);
      return name === undefined || isWanted(name, context);
    },
    poll: async () => {
      const done = await growingFolderBytes(folder);
      if (done !== bytes) {
        bytes = done;
        changedAt = context.clock.now();
        context.onProgress?.({ phase: 'download', done });
      }
      return context.clock.now() - changedAt < STALL_MS;
    },
  });
  const name = archiveName(printed);
  if (name === undefined) throw new ServingError('UNAVAILABLE', 'its install script names no archive');
  if (!isWanted(name, context)) throw unknownFile(name);
  return join(folder, name);
}

function archiveName(printed: string): string | undefined {
  return printed
    .split('\n')
    .slice(0, -1)
    .find((line) => line.startsWith(ARCHIVE_LINE))
    ?.slice(ARCHIVE_LINE.length);
}

function isWanted(name: string, { knownFiles, acceptUnknownFile }: InstallContext): boolean {
  return acceptUnknownFile || sha256Of(name, knownFiles) !== undefined;
}

async function unpack(context: InstallContext, copy: string, archive: string, target: string): Promise<void> {
  const script = join(copy, 'unpack.cjs');
  await writeFile(script, UNPACK_SCRIPT);
  await mkdir(target);
  const { clock, signal, env } = context;
  await runCommand(process.execPath, [script, archive, target], { clock, signal, cwd: copy, env });
}

/** Where the copy finds the script's own dependencies: in the folders that the package itself searches. */
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
