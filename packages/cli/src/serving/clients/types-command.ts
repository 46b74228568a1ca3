/** `serving types`: TypeScript types for a model's signatures. */
import type { Output } from '@serving/engine/command';
import { commandFailure } from '../command-failure.js';
import type { TypesFlags } from './client-specs.js';
import { defaultModelUrl } from './default-model-url.js';
import { leftOutLines } from './left-out-lines.js';
import { readModelFolder } from './read-model-folder.js';
import { typescriptTypes } from './typescript-types.js';
import { writeGenerated } from './write-generated.js';

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
    output.stderr.write(commandFailure('types', error));
    return 1;
  }
}
