import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnose, type EngineDiagnosis, type LibraryEngine, type SavedModelRuntime } from '@serving/engine';
import { nativeLibraries } from '@serving/engine/native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tensorflowRuntime } from './tensorflow-runtime.js';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tensorflow-runtime-'));
});
afterEach(() => rm(root, { recursive: true }));

/** A file that is found like a library and is none. */
async function placeFile(folder: string): Promise<string> {
  const file = join(root, folder, nativeLibraries.tensorflow.fileNames[0]!);
  await mkdir(join(root, folder));
  await writeFile(file, 'not a library');
  return file;
}

describe('diagnose', () => {
  const createRuntime = (_engine: LibraryEngine, options: { readonly libraryPath: string }): SavedModelRuntime =>
    tensorflowRuntime(options);
  async function diagnosed(libraryPath = ''): Promise<EngineDiagnosis> {
    vi.stubEnv('TENSORFLOW_LIBRARY_PATH', libraryPath);
    const { engines } = await diagnose({ createRuntime });
    return engines.find(({ engine }) => engine === 'tensorflow')!;
  }
  afterEach(() => vi.unstubAllEnvs());

  // First: once a process has a library, it refuses others before it reads them.
  it('tells why a library does not load', async () => {
    const path = await placeFile('broken');
    const { library } = await diagnosed(path);
    expect(library).toMatchObject({
      path,
      source: 'environment',
      error: expect.stringContaining('could not be loaded'),
    });
  });

  it('tells version and devices of a library that works', async () => {
    const { library } = await diagnosed();
    expect(library).toMatchObject({
      version: expect.stringMatching(/^2\./),
      devices: expect.arrayContaining([expect.stringContaining('CPU:0')]),
    });
    expect(library!.error).toBeUndefined();
  });

  it('tells what was tried when there is none', async () => {
    const { library, tried } = await diagnosed(root);
    expect(library).toBeUndefined();
    expect(tried).toHaveLength(1);
  });
});

describe('tensorflowRuntime', () => {
  it('rejects loads until a library is there, and finds one that comes later', async () => {
    const runtime = tensorflowRuntime({ libraryPath: join(root, 'later') });
    await expect(runtime.load(root, ['serve'], {})).rejects.toMatchObject({ message: /was not found/ });
    await placeFile('later');
    await expect(runtime.load(root, ['serve'], {})).rejects.toMatchObject({ code: 'FAILED_PRECONDITION' });
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %s concurrent runs', (maxConcurrentRuns) => {
    expect(() => tensorflowRuntime({ maxConcurrentRuns })).toThrow('must be an integer of at least 1');
  });

  it("estimates 1.2 times the files' bytes", async () => {
    await writeFile(join(root, 'a'), Buffer.alloc(1000));
    await mkdir(join(root, 'b'));
    await writeFile(join(root, 'b', 'c'), Buffer.alloc(500));
    expect(await tensorflowRuntime().estimateBytes(root)).toBe(1800);
    await expect(tensorflowRuntime().estimateBytes(join(root, 'x'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
