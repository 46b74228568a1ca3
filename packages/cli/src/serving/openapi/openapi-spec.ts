/** What `serving openapi` takes. */
import { type CommandSpec, fileFlag, stringFlag, usualExitCodes } from '@serving/engine/command';
import { savedModelTagsFlag } from '../saved-model-tags-flag.js';

export interface OpenApiFlags {
  readonly name: string;
  readonly out: string;
  readonly saved_model_tags: string;
}

export const openApiSpec: CommandSpec<OpenApiFlags> = {
  name: 'openapi',
  summary: "Writes an OpenAPI 3.1 document of a model's requests.",
  operand: {
    name: 'MODEL_DIR|URL',
    meaning: "is a version's folder, a base path, or http://HOST:PORT/v1/models/NAME.",
  },
  flags: {
    name: stringFlag('', "The model's name; that of its folder when there is none."),
    out: fileFlag('File to write; stdout when there is none.'),
    saved_model_tags: savedModelTagsFlag,
  },
  examples: ['openapi ./models/digits --out=digits.openapi.json'],
  exitCodes: usualExitCodes,
};
