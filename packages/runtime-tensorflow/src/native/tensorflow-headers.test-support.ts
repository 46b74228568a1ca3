/** What it takes to compile an operation for TensorFlow: a compiler, and the headers of the library's version. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findLibrary } from '@serving/engine';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../../../.cache/tensorflow-include', import.meta.url));
const python = process.env.PYTHON ?? 'python3';

/** Extracts the headers alone from the one wheel in a folder. */
const EXTRACT = `
import glob, sys, zipfile
wheel = zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0])
wheel.extractall(sys.argv[1], [name for name in wheel.namelist() if name.startswith('tensorflow/include/')])`;

/** Prints where the headers of an installed TensorFlow of that version are. */
const LOCATE = `
import importlib.metadata, importlib.util, os, sys
assert sys.argv[1] in [importlib.metadata.version(d) for d in importlib.metadata.packages_distributions()['tensorflow']]
print(os.path.join(os.path.dirname(importlib.util.find_spec('tensorflow').origin), 'include'))`;

/** Those of Python's TensorFlow, where it is installed, else downloaded by pip and kept. */
async function findHeaders(version: string): Promise<string> {
  const installed = await run(python, ['-c', LOCATE, version]).catch(() => undefined);
  if (installed !== undefined) return installed.stdout.trim();
  const kept = join(cache, version);
  if (existsSync(kept)) return kept;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'download-'));
  try {
    const wanted = `tensorflow-cpu==${version}`;
    await run(python, ['-m', 'pip', 'download', '--quiet', '--retries', '0', '--no-deps', '--dest', folder, wanted]);
    await run(python, ['-c', EXTRACT, folder]);
    await rename(join(folder, 'tensorflow', 'include'), kept);
    return kept;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * Compiles a source file of `fixtures` to a library of operations at `output`.
 *
 * @returns why it can't be done here: no compiler, no headers. `undefined` when it is done; rejects when the compiler refuses the source.
 */
export async function compileOperation(source: string, output: string, version: string): Promise<string | undefined> {
  try {
    await run('g++', ['--version']);
  } catch {
    return 'g++ is missing';
  }
  let headers: string;
  try {
    headers = await findHeaders(version);
  } catch (error) {
    return `TensorFlow's headers are missing: ${(error as Error).message.trim()}`;
  }
  const library = dirname((await findLibrary({ engine: 'tensorflow' })).path);
  const file = fileURLToPath(new URL(`../../fixtures/${source}`, import.meta.url));
  const flags = ['-std=c++17', '-shared', '-fPIC', '-w', '-D_GLIBCXX_USE_CXX11_ABI=1', '-DEIGEN_MAX_ALIGN_BYTES=64'];
  await run('g++', [...flags, `-I${headers}`, file, '-o', output, `-L${library}`, '-l:libtensorflow_framework.so.2']);
  return undefined;
}
