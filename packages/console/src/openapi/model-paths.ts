/** The paths of one model. */
import type { DescribedModel } from './described-model.js';
import { hasInferForm, inferRequestSchema, inferResponseSchema } from './infer-schemas.js';
import type { JsonSchema } from './json-schema.js';
import { hasJsonForm, predictRequestSchemas, predictResponseSchemas } from './predict-schemas.js';

/** Schemas by the name that paths refer to. */
export type ComponentSchemas = Map<string, JsonSchema>;

type Path = readonly [path: string, item: Readonly<Record<string, unknown>>];

/** Adds the schemas of a model's bodies, and returns its paths: for the version that is served by default, and for one by number. */
export function modelPaths(model: DescribedModel, schemas: ComponentSchemas, hasOpenInference: boolean): Path[] {
  const id = uniqueName(model.name, schemas);
  const v1 = `/v1/models/${encodeURIComponent(model.name)}`;
  const v2 = `/v2/models/${encodeURIComponent(model.name)}`;
  const get = (summary: string, operationId: string, schema: JsonSchema) => ({
    get: { tags: [model.name], summary, operationId, responses: { 200: jsonAnswer(schema), ...errorsOf('NotFound') } },
  });
  const paths: Path[] = [
    [v1, get('The status of its versions', `${id}.status`, ref('ModelStatus'))],
    [`${v1}/metadata`, get('Its signatures', `${id}.metadata`, { type: 'object' })],
  ];
  const operations = [
    ...v1Operations(model, id, schemas),
    ...(hasOpenInference ? v2Operations(model, id, schemas) : []),
  ];
  for (const { api, action, ...operation } of operations) {
    const base = api === 'v1' ? v1 : v2;
    const end = api === 'v1' ? `:${action}` : `/${action}`;
    paths.push([`${base}${end}`, { post: operation }]);
    const operationId = `${operation.operationId}Version`;
    paths.push([
      `${base}/versions/{version}${end}`,
      { parameters: [versionParameter], post: { ...operation, operationId } },
    ]);
  }
  return paths;
}

/** A POST of one of the two APIs. */
interface Operation {
  readonly api: 'v1' | 'v2';
  readonly action: string;
  readonly operationId: string;
}

const versionParameter = {
  name: 'version',
  in: 'path',
  required: true,
  description: 'The number of a version.',
  schema: { type: 'string', pattern: '^[0-9]+$' },
};

function v1Operations(model: DescribedModel, id: string, schemas: ComponentSchemas): Operation[] {
  const { name, signatures, examples = [] } = model;
  const found: Operation[] = [];
  const predicted = signatures.filter(hasJsonForm);
  if (predicted.length > 0) {
    const request = `${id}.PredictRequest`;
    const response = `${id}.PredictResponse`;
    schemas.set(request, anyOf(predicted.flatMap(predictRequestSchemas)));
    schemas.set(response, anyOf(predicted.flatMap(predictResponseSchemas)));
    const shown = examples.map(({ title, signature, inputs }) => [
      title,
      { value: { signature_name: signature, inputs } },
    ]);
    const json = { schema: ref(request), ...(shown.length > 0 && { examples: Object.fromEntries(shown) }) };
    found.push({
      api: 'v1',
      action: 'predict',
      ...operation(name, 'Predict', `${id}.predict`),
      parameters: binaryHeaders,
      requestBody: { required: true, content: { 'application/json': json, ...binaryBodies } },
      responses: {
        200: {
          description: 'The outputs, in the form that the request asks for.',
          content: { 'application/json': { schema: ref(response) }, ...binaryBodies },
        },
        ...errorsOf('BadRequest', 'NotFound', 'TooLarge', 'Failed', 'Unavailable', 'Timeout'),
      },
    } as Operation);
  }
  for (const verb of ['classify', 'regress'] as const) {
    if (signatures.some(({ methodName }) => methodName === `tensorflow/serving/${verb}`)) {
      found.push(examplesOperation(model, id, verb));
    }
  }
  return found;
}

function examplesOperation({ name }: DescribedModel, id: string, verb: 'classify' | 'regress'): Operation {
  const result = verb === 'classify' ? classes : { type: 'number' };
  const body = {
    type: 'object',
    required: ['examples'],
    properties: {
      signature_name: { type: 'string' },
      context: ref('Features'),
      examples: { type: 'array', items: ref('Features') },
    },
  };
  const answer = { type: 'object', required: ['results'], properties: { results: { type: 'array', items: result } } };
  return {
    api: 'v1',
    action: verb,
    ...operation(name, verb === 'classify' ? 'Classify examples' : 'Regress examples', `${id}.${verb}`),
    requestBody: { required: true, content: { 'application/json': { schema: body } } },
    responses: {
      200: jsonAnswer(answer),
      ...errorsOf('BadRequest', 'NotFound', 'TooLarge', 'Failed', 'Unavailable', 'Timeout'),
    },
  } as Operation;
}

function v2Operations({ name, signatures }: DescribedModel, id: string, schemas: ComponentSchemas): Operation[] {
  const inferred = signatures.filter(hasInferForm);
  if (inferred.length === 0) return [];
  schemas.set(`${id}.InferRequest`, anyOf(inferred.map(inferRequestSchema)));
  schemas.set(`${id}.InferResponse`, anyOf(inferred.map(inferResponseSchema)));
  const length = 'Inference-Header-Content-Length';
  const inferOperation = {
    api: 'v2',
    action: 'infer',
    ...operation(name, 'Infer (Open Inference Protocol)', `${id}.infer`),
    parameters: [
      {
        name: length,
        in: 'header',
        description: 'Bytes of the JSON in front of binary tensors.',
        schema: { type: 'integer', minimum: 0 },
      },
    ],
    requestBody: {
      required: true,
      content: {
        'application/json': { schema: ref(`${id}.InferRequest`) },
        'application/octet-stream': bytesOf('application/octet-stream'),
      },
    },
    responses: {
      200: {
        description: 'The outputs.',
        content: {
          'application/json': { schema: ref(`${id}.InferResponse`) },
          'application/octet-stream': bytesOf('application/octet-stream'),
        },
      },
      ...errorsOf('BadRequest', 'NotFound', 'TooLarge', 'Failed', 'Unavailable', 'Timeout'),
    },
  };
  return [inferOperation as Operation];
}

function operation(
  model: string,
  summary: string,
  operationId: string,
): Readonly<Record<string, unknown>> & { readonly operationId: string } {
  return { tags: [model], summary, operationId };
}

/** One `.npy` file or one raw tensor, where a signature has one input. */
const binaryBodies = {
  'application/x-npy': bytesOf('application/x-npy'),
  'application/octet-stream': bytesOf('application/octet-stream'),
};

/** As a text, which generators make a type of their own of. */
function bytesOf(contentMediaType: string): object {
  return { schema: { type: 'string', contentMediaType } };
}

const binaryHeaders = [
  ['Serving-Shape', 'Of a raw tensor (application/octet-stream), such as 1,28,28.'],
  ['Serving-Dtype', 'Of a raw tensor. Default: that of the input.'],
  ['Serving-Signature', 'Of a binary body. Default: serving_default.'],
  ['Serving-Output', 'The output of a binary answer, where there are several.'],
].map(([name, description]) => ({ name, in: 'header', description, schema: { type: 'string' } }));

const classes: JsonSchema = {
  type: 'array',
  description: 'Labels and scores of an example.',
  items: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], minItems: 2, maxItems: 2 },
};

const statusOf = { BadRequest: 400, NotFound: 404, TooLarge: 413, Failed: 500, Unavailable: 503, Timeout: 504 };

function errorsOf(...names: readonly (keyof typeof statusOf)[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [statusOf[name], { $ref: `#/components/responses/${name}` }]));
}

function jsonAnswer(schema: JsonSchema): object {
  return { description: 'OK', content: { 'application/json': { schema } } };
}

function ref(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

function anyOf(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
}

/** Names of components may have letters, digits, dots, dashes and underscores. */
function uniqueName(model: string, schemas: ComponentSchemas): string {
  const plain = model.replaceAll(/[^\w-]/g, '_');
  let name = plain;
  for (let i = 2; hasModel(name, schemas); i++) name = `${plain}_${i}`;
  return name;
}

function hasModel(name: string, schemas: ComponentSchemas): boolean {
  return [...schemas.keys()].some((key) => key.startsWith(`${name}.`));
}
