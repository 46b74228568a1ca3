/** `serving gen-client`: a runnable client for a model. */
import { ServingError } from '@serving/core';
import { printableLine } from '@serving/core/extend';
import type { Output } from '@serving/engine/command';
import { type FlagTable, stringFlag } from '../../flags/flags.js';
import { bashClient } from './bash-client.js';
import { type ClientRequest, toClientRequest } from './client-request.js';
import { defaultModelUrl } from './default-model-url.js';
import { pythonClient } from './python-client.js';
import { readModelFolder } from './read-model-folder.js';
import { readModelMetadata } from './read-model-metadata.js';
import { typescriptClient } from './typescript-client.js';
import { writeGenerated } from './write-generated.js';

export interface GenClientFlags {
  readonly language: string;
  readonly signature_name: string;
  readonly name: string;
  readonly out: string;
  readonly saved_model_tags: string;
}

export const genClientFlags: FlagTable<GenClientFlags> = {
  language: stringFlag('', 'typescript, python or bash.'),
  signature_name: stringFlag('', 'The signature to ask; empty: serving_default, or the first.'),
  name: stringFlag('', "The model's name; empty: its folder's."),
  out: stringFlag('', 'File to write; empty: stdout.'),
  saved_model_tags: stringFlag('serve', 'Tags of the meta graph, separated by commas.'),
};

/** Gives the exit code: 0, or 1 with the reason on stderr. `signal` ends the wait for a server. */
export async function genClient(
  source: string,
  flags: GenClientFlags,
  output: Output,
  signal?: AbortSignal,
): Promise<number> {
  try {
    const language = languages.get(flags.language);
    if (!language) {
      throw new ServingError(
        'INVALID_ARGUMENT',
        `--language=${flags.language}: expected one of ${[...languages.keys()].join(', ')}`,
      );
    }
    const request = await readRequest(source, flags, signal);
    await writeGenerated(language.write(request), flags.out, output, language);
    return 0;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    output.stderr.write(`serving gen-client: ${code}: ${printableLine(message)}\n`);
    return 1;
  }
}

const languages: ReadonlyMap<string, { write(request: ClientRequest): string; readonly executable: boolean }> = new Map(
  [
    ['typescript', { write: typescriptClient, executable: false }],
    ['python', { write: pythonClient, executable: true }],
    ['bash', { write: bashClient, executable: true }],
  ],
);

async function readRequest(
  source: string,
  { name, signature_name: signatureName, saved_model_tags: tags }: GenClientFlags,
  signal: AbortSignal | undefined,
): Promise<ClientRequest> {
  if (/^https?:\/\//i.test(source)) {
    const { model, url } = await readModelMetadata(source, signal);
    return toClientRequest(model, signatureName, url);
  }
  const model = await readModelFolder(source, { name, tags: tags.split(',') });
  return toClientRequest(model, signatureName, defaultModelUrl(model.name));
}
