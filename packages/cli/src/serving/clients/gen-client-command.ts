/** `serving gen-client`: a runnable client for a model. */
import { ServingError } from '@serving/core';
import type { Output } from '@serving/engine/command';
import { commandFailure } from '../command-failure.js';
import { bashClient } from './bash-client.js';
import { type ClientRequest, toClientRequest } from './client-request.js';
import type { GenClientFlags } from './client-specs.js';
import { defaultModelUrl } from './default-model-url.js';
import { pythonClient } from './python-client.js';
import { readModelFolder } from './read-model-folder.js';
import { readModelMetadata } from './read-model-metadata.js';
import { typescriptClient } from './typescript-client.js';
import { writeGenerated } from './write-generated.js';

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
    output.stderr.write(commandFailure('gen-client', error));
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
