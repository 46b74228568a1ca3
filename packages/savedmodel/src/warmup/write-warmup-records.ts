/** Writes a version's warm-up file. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '@serving/core/extend';
import { encodeTfRecords, readMetaGraph } from '@serving/protos/saved-model';
import { toSignatures } from '../signatures.js';
import { inputsOf, WARMUP_RECORDS_PATH } from './saved-model-warmup.js';
import { parseWarmupJson } from './warmup-json.js';
import { encodeWarmupRecord } from './warmup-record.js';

/** Which of a SavedModel's meta graphs is meant. */
export interface WarmupRecordsOptions {
  /** The tags of the meta graph whose signatures are meant. Default `serve`. */
  readonly tags?: readonly string[];
}

/**
 * Writes the requests of a JSON text into the version's folder, where TensorFlow Serving finds them too. The file is replaced
 * as a whole. Nothing is run: shapes are not checked, names and data types are.
 *
 * @param directory the version's folder, with `saved_model.pb` in it.
 * @param file the text's file, named in errors.
 * @returns the path of what was written, and how many records it has.
 * @throws ServingError `INVALID_ARGUMENT` for requests that don't fit the signatures; as `readMetaGraph` for the folder.
 */
export async function writeWarmupRecords(
  directory: string,
  json: string,
  file: string,
  { tags = ['serve'] }: WarmupRecordsOptions = {},
): Promise<{ readonly path: string; readonly records: number }> {
  const signatures = toSignatures((await readMetaGraph(directory, tags)).signatureDefs);
  const requests = parseWarmupJson(json, file, inputsOf(signatures));
  const model = basename(dirname(resolve(directory)));
  const records = requests.map((request) => encodeWarmupRecord(request, model, signatures));
  const path = join(directory, WARMUP_RECORDS_PATH);
  await makeFolder(dirname(path));
  try {
    await writeFile(`${path}.tmp`, encodeTfRecords(records));
    await rename(`${path}.tmp`, path);
  } catch (error) {
    await rm(`${path}.tmp`, { force: true });
    throw error;
  }
  return { path, records: records.length };
}
