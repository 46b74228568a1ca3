/** What `serving types` and `serving gen-client` take. */
import { type CommandSpec, choiceFlag, fileFlag, stringFlag, usualExitCodes } from '@serving/engine/command';
import { savedModelTagsFlag } from '../saved-model-tags-flag.js';

export interface TypesFlags {
  readonly name: string;
  readonly out: string;
  readonly saved_model_tags: string;
}

export const typesSpec: CommandSpec<TypesFlags> = {
  name: 'types',
  summary:
    "Writes a TypeScript module with the types of a model's signatures, and typed calls in process and over REST.",
  operand: { name: 'MODEL_DIR', meaning: "is a version's folder, or a base path, whose latest version counts." },
  flags: {
    name: stringFlag('', "The model's name; that of its folder when there is none."),
    out: fileFlag('File to write; stdout when there is none. A .d.ts has no functions.'),
    saved_model_tags: savedModelTagsFlag,
  },
  examples: ['types ./models/digits --out=digits-model.ts'],
  exitCodes: usualExitCodes,
};

export interface GenClientFlags {
  readonly language: string;
  readonly signature_name: string;
  readonly name: string;
  readonly out: string;
  readonly saved_model_tags: string;
}

export const genClientSpec: CommandSpec<GenClientFlags> = {
  name: 'gen-client',
  summary: 'Writes a client with example data that runs as it is.',
  operand: {
    name: 'MODEL_DIR|URL',
    meaning: "is a version's folder, a base path, or http://HOST:PORT/v1/models/NAME.",
  },
  flags: {
    language: choiceFlag('', ['typescript', 'python', 'bash'], 'typescript, python or bash.'),
    signature_name: stringFlag('', 'The signature to call; serving_default, or the first, when there is none.'),
    name: stringFlag('', "The model's name; that of its folder when there is none."),
    out: fileFlag('File to write; stdout when there is none.'),
    saved_model_tags: savedModelTagsFlag,
  },
  required: ['language'],
  examples: [
    'gen-client ./models/digits --language=python --out=client.py',
    'gen-client http://localhost:8501/v1/models/digits --language=bash',
  ],
  exitCodes: usualExitCodes,
};
