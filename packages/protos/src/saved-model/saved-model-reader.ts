/** Reads the signatures of a SavedModel folder. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileError, fileErrorCode } from '@serving/core/extend';
import { unservedFileHint } from '@serving/core/internal';
import { ServingError } from '@serving/core/portable';
import type { GraphOutline } from './graph-outline.js';
import { metaGraphBytes } from './meta-graph-bytes.js';
import { decodeSavedModel, type MetaGraph, parseSavedModelText, type SavedModel } from './saved-model.js';
import {
  decodeSavedModelGraphs,
  decodeSavedModelOutline,
  type MetaGraphOutline,
  parseSavedModelGraphsText,
  parseSavedModelOutlineText,
} from './saved-model-summary.js';

/**
 * Reads the SavedModel in `directory`: `saved_model.pb`, else `saved_model.pbtxt`. The file's bytes are not kept.
 *
 * @throws ServingError `NOT_FOUND` when there is neither, `UNIMPLEMENTED` for the older forms of a model, `DATA_LOSS` for
 * a file that doesn't parse.
 */
export async function readSavedModel(directory: string): Promise<SavedModel> {
  const { path, content } = await readSavedModelFile(directory);
  return parseSavedModel(path, content);
}

/**
 * What the graphs of the SavedModel in `directory` are made of, one outline per meta graph, in the order of
 * {@link readSavedModel}. Graphs are gone through, not kept.
 *
 * @throws ServingError as {@link readSavedModel}.
 */
export async function readSavedModelOutline(directory: string): Promise<MetaGraphOutline[]> {
  const { path, content } = await readSavedModelFile(directory);
  if (typeof content === 'string') return parseSavedModelOutlineText(content, path);
  return decodeSavedModelOutline(content, path);
}

/**
 * The meta graph of `directory` whose tags are exactly `tags`, whatever their order and repetition.
 *
 * @throws ServingError as {@link readSavedModel}, and `NOT_FOUND` when no meta graph has these tags.
 */
export async function readMetaGraph(directory: string, tags: readonly string[]): Promise<MetaGraph> {
  const { path, content } = await readSavedModelFile(directory);
  const { metaGraphs } = parseSavedModel(path, content);
  return metaGraphs[indexOfTags(metaGraphs, tags, directory)]!;
}

/** {@link readMetaGraph} with the graph itself, but for the values of its constants. */
export async function readMetaGraphWithGraph(
  directory: string,
  tags: readonly string[],
): Promise<{ readonly metaGraph: MetaGraph; readonly graph: GraphOutline }> {
  const { path, content } = await readSavedModelFile(directory);
  const { metaGraphs } = parseSavedModel(path, content);
  const index = indexOfTags(metaGraphs, tags, directory);
  const graphs =
    typeof content === 'string' ? parseSavedModelGraphsText(content, path) : decodeSavedModelGraphs(content, path);
  return { metaGraph: metaGraphs[index]!, graph: graphs[index]! };
}

/** {@link readMetaGraph} with the serialized `MetaGraphDef`, a view of the file's bytes. */
export async function readMetaGraphBytes(
  directory: string,
  tags: readonly string[],
): Promise<{ readonly metaGraph: MetaGraph; readonly bytes: Uint8Array }> {
  const { path, content } = await readSavedModelFile(directory);
  const { metaGraphs } = parseSavedModel(path, content);
  const index = indexOfTags(metaGraphs, tags, directory);
  return { metaGraph: metaGraphs[index]!, bytes: metaGraphBytes(content, index, path) };
}

function indexOfTags(metaGraphs: readonly MetaGraph[], tags: readonly string[], directory: string): number {
  const wanted = new Set(tags);
  const index = metaGraphs.findIndex((candidate) => {
    const present = new Set(candidate.tags);
    return present.size === wanted.size && candidate.tags.every((tag) => wanted.has(tag));
  });
  if (index >= 0) return index;
  const available = metaGraphs.map((candidate) => formatTags(candidate.tags)).join(', ');
  throw new ServingError(
    'NOT_FOUND',
    `Could not find meta graph def matching supplied tags: ${formatTags(tags)}. To inspect available tag-sets in the ` +
      `SavedModel, please use the SavedModel CLI: \`saved_model_cli\` (${directory} has ${available || 'none'})`,
    { hint: tagsHint(metaGraphs, tags) },
  );
}

function tagsHint(metaGraphs: readonly MetaGraph[], wanted: readonly string[]): string {
  const [first] = metaGraphs;
  if (first === undefined) return 'The file has no meta graph: export the model again';
  const tags = first.tags.map((tag) => JSON.stringify(tag)).join(', ');
  return `Export the model with the tags ${formatTags(wanted)}, or load these: { options: { tags: [${tags}] } } of the model`;
}

/**
 * Checks that the variables of a meta graph are there. TensorFlow itself loads such a folder and fails each run that
 * reads a variable; a folder that was copied in part is better refused.
 *
 * @throws ServingError `NOT_FOUND` when the meta graph restores variables and `directory` has no index of them.
 */
export async function checkVariables(directory: string, metaGraph: MetaGraph): Promise<void> {
  if (metaGraph.restoreOpName === '') return;
  const indexPath = join(directory, 'variables', 'variables.index');
  try {
    await stat(indexPath);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileError(indexPath, cause);
    const { restoreOpName } = metaGraph;
    throw new ServingError(
      'NOT_FOUND',
      `The model restores its variables (${restoreOpName}), but there is no ${indexPath}`,
      { cause, hint: 'Copy the whole folder of the version, variables/ too' },
    );
  }
}

/** What else a model folder may hold, which nothing here reads. */
const unsupportedForms: readonly (readonly [file: string, form: string])[] = [
  ['saved_model.cpb', 'a chunked SavedModel'],
  ['export.meta', 'a session bundle, the form before SavedModel'],
];

function parseSavedModel(path: string, content: Buffer | string): SavedModel {
  return typeof content === 'string' ? parseSavedModelText(content, path) : decodeSavedModel(content, path);
}

async function readSavedModelFile(directory: string): Promise<{ path: string; content: Buffer | string }> {
  const binaryPath = join(directory, 'saved_model.pb');
  const binary = await readIfExists(binaryPath);
  if (binary) return { path: binaryPath, content: binary };
  const textPath = join(directory, 'saved_model.pbtxt');
  const text = await readIfExists(textPath);
  if (text) return { path: textPath, content: text.toString('utf8') };
  throw await noSavedModelError(directory);
}

async function noSavedModelError(directory: string): Promise<ServingError> {
  for (const [file, form] of unsupportedForms) {
    const found = await stat(join(directory, file)).catch(() => undefined);
    if (found) return new ServingError('UNIMPLEMENTED', `${directory} holds ${form} (${file}), which is not supported`);
  }
  return new ServingError(
    'NOT_FOUND',
    `Could not find SavedModel .pb or .pbtxt at supplied export directory path: ${directory}. Check that the directory ` +
      'exists and that you have the right permissions for accessing it.',
    { hint: unservedFileHint(directory, await readdir(directory).catch(() => [])) },
  );
}

async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new ServingError(fileErrorCode(cause), `Can't read ${path} (${code})`, { cause });
  }
}

function formatTags(tags: readonly string[]): string {
  return `{ ${tags.join(' ')} }`;
}
