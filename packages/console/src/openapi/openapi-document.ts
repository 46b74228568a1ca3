/** OpenAPI 3.1 documents of the models of a server. */
import type { DescribedModel } from './described-model.js';
import type { JsonSchema } from './json-schema.js';
import { type ComponentSchemas, modelPaths } from './model-paths.js';

/** What a document says beside its models. */
export interface OpenApiDocumentOptions {
  readonly title?: string;
  /** Of the packages, such as `0.1.0`. */
  readonly apiVersion?: string;
  /** Where the paths begin, absolute or relative to the document. Default: `.`, the folder of the document. */
  readonly serverUrl?: string;
  /** Whether the Open Inference Protocol is mounted. Default: true. */
  readonly openInference?: boolean;
}

/** A document as JSON. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, unknown>>;
  };
}

/**
 * Describes the requests of models by their signatures: TensorFlow Serving's REST API in JSON and binary, and the Open Inference Protocol.
 *
 * @example
 * ```ts
 * const document = openApiDocument([{ name: 'digits', signatures }], { serverUrl: 'http://localhost:8501' });
 * ```
 */
export function openApiDocument(
  models: readonly DescribedModel[],
  { title = 'Models', apiVersion = '1', serverUrl = '.', openInference = true }: OpenApiDocumentOptions = {},
): OpenApiDocument {
  const schemas: ComponentSchemas = new Map(Object.entries(commonSchemas));
  const paths = models.flatMap((model) => modelPaths(model, schemas, openInference));
  return {
    openapi: '3.1.0',
    info: { title, version: apiVersion, description: 'Made from the signatures of the models that are available.' },
    servers: [{ url: serverUrl }],
    tags: models.map(({ name, version }) => ({
      name,
      description: version === undefined ? `Model ${name}` : `Model ${name}, as of version ${version}`,
    })),
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas), responses: errorResponses },
  };
}

const commonSchemas: Readonly<Record<string, JsonSchema>> = {
  Error: {
    type: 'object',
    required: ['error'],
    properties: { error: { type: 'string', description: 'What is wrong, with the value and what was expected.' } },
  },
  ModelStatus: {
    type: 'object',
    required: ['model_version_status'],
    properties: {
      model_version_status: {
        type: 'array',
        items: {
          type: 'object',
          required: ['version', 'state', 'status'],
          properties: {
            version: { type: 'string', pattern: '^-?[0-9]+$' },
            state: { type: 'string', enum: ['UNKNOWN', 'START', 'LOADING', 'AVAILABLE', 'UNLOADING', 'END'] },
            status: {
              type: 'object',
              required: ['error_code', 'error_message'],
              properties: { error_code: { type: 'string' }, error_message: { type: 'string' } },
            },
          },
        },
      },
    },
  },
  Features: {
    type: 'object',
    description: 'The features of an example: a text, a number, or a list of either by name; bytes are {"b64": …}.',
    additionalProperties: true,
  },
};

const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };

const errorResponses: Readonly<Record<string, unknown>> = {
  BadRequest: { description: 'The request is wrong in itself: its JSON, its inputs or their shapes.', content },
  NotFound: { description: 'The model or version is not there.', content },
  TooLarge: { description: 'The body is larger than the server takes.', content },
  Failed: { description: 'The run failed.', content },
  Unavailable: { description: 'The server is full, or is shutting down. Try again.', content },
  Timeout: { description: 'The run took longer than the server allows.', content },
};
