/** The bodies of requests and answers of the Open Inference Protocol. */
import type { SignatureInfo, SignatureTensor } from '../api/console-api.js';
import { elementSchema, type JsonSchema, tensorText } from './json-schema.js';

/** Whether the protocol has a name for every data type. */
export function hasInferForm({ inputs, outputs }: SignatureInfo): boolean {
  return [...inputs, ...outputs].every(({ datatype }) => datatype !== undefined);
}

/** A request with the inputs of a signature, in any order. */
export function inferRequestSchema({ name, inputs, outputs }: SignatureInfo): JsonSchema {
  return {
    type: 'object',
    required: ['inputs'],
    properties: {
      id: { type: 'string' },
      parameters: {
        type: 'object',
        properties: { signature_name: { type: 'string', const: name } },
        additionalProperties: true,
      },
      inputs: {
        type: 'array',
        items: oneOf(inputs.map((tensor) => tensorObject(tensor, true))),
        minItems: inputs.length,
      },
      outputs: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string', enum: outputs.map((tensor) => tensor.name) } },
        },
      },
    },
  };
}

export function inferResponseSchema({ outputs }: SignatureInfo): JsonSchema {
  return {
    type: 'object',
    required: ['model_name', 'model_version', 'outputs'],
    properties: {
      id: { type: 'string' },
      model_name: { type: 'string' },
      model_version: { type: 'string' },
      outputs: { type: 'array', items: oneOf(outputs.map((tensor) => tensorObject(tensor, false))) },
    },
  };
}

function tensorObject(tensor: SignatureTensor, isRequest: boolean): JsonSchema {
  const { name, dtype, datatype, shape } = tensor;
  const element = dtype === 'DT_STRING' ? { type: 'string' } : (elementSchema(dtype) ?? { type: 'number' });
  return {
    type: 'object',
    description: tensorText(tensor),
    required: ['name', 'shape', 'datatype', ...(isRequest ? ['data'] : [])],
    properties: {
      name: { type: 'string', const: name },
      datatype: { type: 'string', const: datatype },
      shape: {
        type: 'array',
        items: { type: 'integer', minimum: 0 },
        ...(shape !== undefined && { minItems: shape.length, maxItems: shape.length }),
      },
      data: { type: 'array', items: element, description: 'All elements in one list, or nested lists.' },
      parameters: { type: 'object', additionalProperties: true },
    },
  };
}

function oneOf(schemas: readonly JsonSchema[]): JsonSchema {
  return schemas.length === 1 ? schemas[0]! : { anyOf: schemas };
}
