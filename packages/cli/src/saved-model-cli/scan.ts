/** `saved_model_cli scan`: whether graphs use operations that reach outside of them. */
import { findMetaGraph, openSavedModel, openSavedModelOutline, parseTagSet } from './meta-graphs.js';
import { stringListRepr, stringSetRepr } from './python-text.js';

/** The command's flags; `undefined` for one that isn't given. */
export interface ScanFlags {
  readonly dir: string;
  readonly tagSet: string | undefined;
  /** Separated by commas. Empty stands for the default list. */
  readonly opDenylist: string | undefined;
}

const defaultDenylist: ReadonlySet<string> = new Set(['WriteFile', 'ReadFile', 'PrintV2']);

/** @throws SavedModelCliError for a folder without a model, and for unknown tags. */
export async function scan({ dir, tagSet, opDenylist }: ScanFlags, print: (text: string) => unknown): Promise<void> {
  const { metaGraphs } = await openSavedModel(dir);
  const only = tagSet ? findMetaGraph(metaGraphs, parseTagSet(tagSet)) : undefined;
  const denylist = opDenylist ? parseDenylist(opDenylist) : defaultDenylist;
  for (const [i, { ops }] of (await openSavedModelOutline(dir)).entries()) {
    if (only !== undefined && only !== i) continue;
    const found = new Set(Array.from(denylist).filter((op) => ops.has(op)));
    const tags = stringListRepr(metaGraphs[i]!.tags);
    print(
      found.size > 0
        ? `MetaGraph with tag set ${tags} contains the following denylisted ops: ${stringSetRepr(found)}\n`
        : `MetaGraph with tag set ${tags} does not contain the default denylisted ops: ${stringSetRepr(denylist)}\n`,
    );
  }
}

function parseDenylist(text: string): ReadonlySet<string> {
  return new Set(
    text
      .split(',')
      .map((op) => op.trim())
      .filter((op) => op !== ''),
  );
}
