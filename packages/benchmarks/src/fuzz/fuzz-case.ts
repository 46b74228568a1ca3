/** A version folder with one damaged file. */
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mutateBytes } from './mutate-bytes.js';
import { mutateMessage } from './mutate-message.js';
import { RandomSource } from './random-source.js';

/** Which model is damaged, and how: the same case is the same damage. */
export interface FuzzCase {
  /** The folder of an intact version. */
  readonly source: string;
  readonly seed: number;
}

/** Files that are messages: most damage to their bytes ends at the first wrong length. */
const MESSAGES: readonly string[] = ['saved_model.pb', 'model.onnx'];

/** Writes the case as a version folder in place of what `target` holds. */
export async function writeFuzzCase({ source, seed }: FuzzCase, target: string): Promise<void> {
  const random = new RandomSource(seed);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(source, target, { recursive: true });
  const files = await damageableFiles(target);
  const isMessage = random.below(3) > 0;
  const chosen = files.filter((name) => MESSAGES.includes(name) === isMessage);
  const file = random.pick(chosen.length > 0 ? chosen : files);
  const path = join(target, file);
  let bytes: Buffer = await readFile(path);
  for (let i = random.below(3); i >= 0; i--) {
    const mutate = MESSAGES.includes(file) && random.below(5) > 0 ? mutateMessage : mutateBytes;
    bytes = mutate(bytes, random);
  }
  await writeFile(path, bytes);
}

async function damageableFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name !== 'cases.json')
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
