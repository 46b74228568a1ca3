/** Finds meta graphs by the tags of a command line. */
import { ServingError } from '@serving/core/portable';
import type { MetaGraph, MetaGraphOutline, SavedModel } from '@serving/protos/saved-model';
import { readSavedModel, readSavedModelOutline } from '@serving/protos/saved-model';
import { commandWords, inWordsOf } from '../flags/hint-words.js';
import { findVersionFolder } from '../serving/version-folder.js';
import { stringListRepr } from './python-text.js';
import { SavedModelCliError } from './saved-model-cli-error.js';

/** The tags of a comma list. @throws SavedModelCliError when there is none. */
export function parseTagSet(tagSet: string): string[] {
  const tags = tagSet
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
  if (tags.length > 0) return tags;
  throw new SavedModelCliError('ValueError', 'tag_set must contain at least one non-empty item.');
}

/** The SavedModel of a folder. @throws SavedModelCliError `OSError` when there is none that can be read. */
export function openSavedModel(directory: string): Promise<SavedModel> {
  return readSavedModel(directory).catch((error: unknown) => asOsError(error, directory));
}

/** The graphs of a folder's SavedModel. @throws SavedModelCliError as {@link openSavedModel}. */
export function openSavedModelOutline(directory: string): Promise<MetaGraphOutline[]> {
  return readSavedModelOutline(directory).catch((error: unknown) => asOsError(error, directory));
}

/** Where in the file the meta graph with exactly these tags is. @throws SavedModelCliError when there is none. */
export function findMetaGraph(metaGraphs: readonly MetaGraph[], tags: readonly string[]): number {
  const wanted = new Set(tags);
  const index = metaGraphs.findIndex((metaGraph) => {
    const present = new Set(metaGraph.tags);
    return present.size === wanted.size && metaGraph.tags.every((tag) => wanted.has(tag));
  });
  if (index >= 0) return index;
  const valid = metaGraphs.map((metaGraph) => [...new Set(metaGraph.tags)].join(','));
  throw new SavedModelCliError(
    'RuntimeError',
    `MetaGraphDef associated with tag-set ${tags.join(',')} could not be found in the SavedModel. ` +
      `Please use one of the following tag-sets: ${stringListRepr(valid)}`,
  );
}

async function asOsError(error: unknown, directory: string): Promise<never> {
  const { code, message, hint } = ServingError.from(error);
  const newest = await findVersionFolder(directory).catch(() => undefined);
  const fix = newest === undefined ? hint && inWordsOf(commandWords, hint) : `its latest version is ${newest}`;
  const missing = `SavedModel file does not exist at: ${directory}${fix === undefined ? '' : ` (${fix})`}`;
  throw new SavedModelCliError('OSError', code === 'NOT_FOUND' ? missing : message);
}
