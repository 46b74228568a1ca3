/** The bodies of a signature's predict requests and answers in TensorFlow Serving's JSON. */
import type { SignatureInfo, SignatureTensor } from '../api/console-api.js';
import { elementSchema, type JsonSchema, tensorSchema, tensorText } from './json-schema.js';

/** Whether JSON has a form for all inputs and outputs. */
export function hasJsonForm({ inputs, outputs }: SignatureInfo): boolean {
  return [...inputs, ...outputs].every(({ dtype }) => elementSchema(dtype) !== undefined);
}

/** Requests: by columns (`inputs`), and by rows (`instances`) where all inputs have a first dimension. */
export function predictRequestSchemas(signature: SignatureInfo): readonly JsonSchema[] {
  const { name, inputs } = signature;
  const columns = { inputs: named(inputs, (tensor) => tensorSchema(tensor, tensor.shape)) };
  const rows = hasRows(inputs) && { instances: { type: 'array', items: named(inputs, rowSchema) } };
  return [columns, ...(rows ? [rows] : [])].map((body) => requestSchema(name, body));
}

/** Answers have the form of their request. */
export function predictResponseSchemas({ outputs }: SignatureInfo): readonly JsonSchema[] {
  const columns = { outputs: answered(outputs, (tensor) => tensorSchema(tensor, tensor.shape)) };
  const rows = hasRows(outputs) && { predictions: { type: 'array', items: answered(outputs, rowSchema) } };
  return [columns, ...(rows ? [rows] : [])].map((properties) => ({
    type: 'object',
    required: Object.keys(properties),
    properties,
  }));
}

const DEFAULT_SIGNATURE = 'serving_default';

function requestSchema(signature: string, body: Readonly<Record<string, JsonSchema>>): JsonSchema {
  const isDefault = signature === DEFAULT_SIGNATURE;
  return {
    type: 'object',
    required: [...(isDefault ? [] : ['signature_name']), ...Object.keys(body)],
    properties: { signature_name: { type: 'string', const: signature }, ...body },
  };
}

function hasRows(tensors: readonly SignatureTensor[]): boolean {
  return tensors.length > 0 && tensors.every(({ shape }) => shape === undefined || shape.length > 0);
}

function rowSchema(tensor: SignatureTensor): JsonSchema {
  return tensorSchema(tensor, tensor.shape?.slice(1));
}

/** An object by name. A request may leave the name of a single input out. */
function named(tensors: readonly SignatureTensor[], schemaOf: (tensor: SignatureTensor) => JsonSchema): JsonSchema {
  const byName = objectOf(tensors, schemaOf);
  const [only, ...others] = tensors;
  return only !== undefined && others.length === 0 ? { anyOf: [byName, described(only, schemaOf(only))] } : byName;
}

/** A single output comes without its name. */
function answered(tensors: readonly SignatureTensor[], schemaOf: (tensor: SignatureTensor) => JsonSchema): JsonSchema {
  const [only, ...others] = tensors;
  return only !== undefined && others.length === 0 ? described(only, schemaOf(only)) : objectOf(tensors, schemaOf);
}

function objectOf(tensors: readonly SignatureTensor[], schemaOf: (tensor: SignatureTensor) => JsonSchema): JsonSchema {
  return {
    type: 'object',
    required: tensors.map(({ name }) => name),
    properties: Object.fromEntries(tensors.map((tensor) => [tensor.name, described(tensor, schemaOf(tensor))])),
  };
}

function described(tensor: SignatureTensor, schema: JsonSchema): JsonSchema {
  return { title: tensor.name, ...schema, description: tensorText(tensor) };
}
