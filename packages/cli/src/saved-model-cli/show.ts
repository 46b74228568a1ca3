/** `saved_model_cli show`: what a SavedModel has. */
import type { MetaGraph, MetaGraphOutline } from '@serving/protos/saved-model';
import { functionsText } from './functions-text.js';
import { findMetaGraph, openSavedModel, openSavedModelOutline, parseTagSet } from './meta-graphs.js';
import { byCodePoint, stringListRepr, stringRepr, stringSetRepr } from './python-text.js';
import { SavedModelCliError } from './saved-model-cli-error.js';
import { signatureText } from './signature-text.js';

/** The command's flags; `undefined` for one that isn't given. */
export interface ShowFlags {
  readonly dir: string;
  readonly all: boolean;
  readonly tagSet: string | undefined;
  readonly signatureDef: string | undefined;
  readonly listOps: boolean;
}

/** @throws SavedModelCliError for a folder without a model, and for unknown tags and signatures. */
export async function show(flags: ShowFlags, print: (text: string) => unknown): Promise<void> {
  if (flags.all) return showAll(flags.dir, print);
  const { dir, tagSet, signatureDef, listOps } = flags;
  if (tagSet === undefined) {
    if (listOps) print('--list_ops must be paired with a tag-set or with --all.\n');
    return showTagSets(dir, print);
  }
  const { metaGraphs } = await openSavedModel(dir);
  // Python's tool takes the tags as they stand where it lists signatures, and without blanks elsewhere.
  const tags = listOps || signatureDef !== undefined ? parseTagSet(tagSet) : tagSet.split(',');
  const index = findMetaGraph(metaGraphs, tags);
  const metaGraph = metaGraphs[index]!;
  if (listOps) print(opsText(metaGraph, (await openSavedModelOutline(dir))[index]!));
  if (signatureDef === undefined) {
    print('The given SavedModel MetaGraphDef contains SignatureDefs with the following keys:\n');
    for (const key of sortedKeys(metaGraph)) print(`SignatureDef key: "${key}"\n`);
  } else print(signatureText(findSignature(metaGraph, signatureDef), 0));
}

/** @throws SavedModelCliError `ValueError` that lists the signatures. */
export function findSignature(
  { signatureDefs }: MetaGraph,
  key: string,
): NonNullable<ReturnType<typeof signatureDefs.get>> {
  const found = signatureDefs.get(key);
  if (found) return found;
  throw new SavedModelCliError(
    'ValueError',
    `Could not find signature "${key}". Please choose from: ${[...signatureDefs.keys()].join(', ')}`,
  );
}

async function showTagSets(dir: string, print: (text: string) => unknown): Promise<void> {
  const { metaGraphs } = await openSavedModel(dir);
  print('The given SavedModel contains the following tag-sets:\n');
  for (const { tags } of byTags(metaGraphs.map((metaGraph) => ({ tags: metaGraph.tags })))) {
    print(`${stringRepr([...tags].sort(byCodePoint).join(', '))}\n`);
  }
}

async function showAll(dir: string, print: (text: string) => unknown): Promise<void> {
  const { metaGraphs } = await openSavedModel(dir);
  const outlines = await openSavedModelOutline(dir);
  for (const { metaGraph, outline } of byTags(
    metaGraphs.map((item, i) => ({ tags: item.tags, metaGraph: item, outline: outlines[i]! })),
  )) {
    print(`\nMetaGraphDef with tag-set: '${metaGraph.tags.join(', ')}' contains the following SignatureDefs:\n`);
    for (const key of sortedKeys(metaGraph)) {
      print(`\nsignature_def['${key}']:\n${signatureText(findSignature(metaGraph, key), 2)}`);
    }
    print(opsText(metaGraph, outline));
  }
  print(functionsText(outlines));
}

function opsText({ tags }: MetaGraph, { ops }: MetaGraphOutline): string {
  return `The MetaGraph with tag set ${stringListRepr(tags)} contains the following ops: ${stringSetRepr(ops)}\n`;
}

function sortedKeys({ signatureDefs }: MetaGraph): string[] {
  return Array.from(signatureDefs.keys()).sort(byCodePoint);
}

/** In the order in which Python sorts lists of tags: tag by tag, a shorter list before its continuations. */
function byTags<Item extends { readonly tags: readonly string[] }>(items: Item[]): Item[] {
  return items.sort((a, b) => {
    const difference = a.tags.findIndex((tag, i) => tag !== b.tags[i]);
    if (difference < 0) return a.tags.length - b.tags.length;
    const other = b.tags[difference];
    return other === undefined ? 1 : byCodePoint(a.tags[difference]!, other);
  });
}
