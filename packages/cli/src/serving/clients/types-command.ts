/** `serving types`: TypeScript types for a model's signatures. */
import { ServingError } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import type { Output } from '@serving/engine/command';
import { type FlagTable, stringFlag } from '../../flags/flags.js';
import { defaultModelUrl } from './default-model-url.js';
import { leftOutLines } from './left-out-lines.js';
import { readModelFolder } from './read-model-folder.js';
import { typescriptTypes } from './typescript-types.js';
import { writeGenerated } from './write-generated.js';

export interface TypesFlags {
  readonly name: string;
  readonly out: string;
  readonly saved_model_tags: string;
}

export const typesFlags: FlagTable<TypesFlags> = {
  name: stringFlag('', "The model's name; empty: its folder's."),
  out: stringFlag('', 'File to write; empty: stdout.'),
  saved_model_tags: stringFlag('serve', 'Tags of the meta graph, separated by commas.'),
};

/** Gives the exit code: 0, or 1 with the reason on stderr. */
export async function types(folder: string, flags: TypesFlags, output: Output): Promise<number> {
  try {
    const model = await readModelFolder(folder, { name: flags.name, tags: flags.saved_model_tags.split(',') });
    const declarationsOnly = /\.d\.[cm]?ts$/.test(flags.out);
    const text = typescriptTypes(model, { declarationsOnly, url: defaultModelUrl(model.name) });
    output.stderr.write(leftOutLines('serving types', model));
    await writeGenerated(text, flags.out, output);
    return 0;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    output.stderr.write(`serving types: ${code}: ${printableLine(message)}\n`);
    return 1;
  }
}
