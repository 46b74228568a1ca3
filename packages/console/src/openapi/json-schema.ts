/** JSON Schemas of tensors, as nested lists. */
import type { Dimension, SignatureTensor } from '../api/console-api.js';

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The form of single elements; `undefined` for data types that JSON has no form for. */
export function elementSchema(dtype: string): JsonSchema | undefined {
  return elements[dtype];
}

/**
 * A tensor as nested lists, one level a dimension.
 *
 * @param shape instead of the tensor's own: without the batch dimension, for one row
 */
export function tensorSchema({ dtype }: SignatureTensor, shape: readonly Dimension[] | undefined): JsonSchema {
  const element = elements[dtype] ?? {};
  if (shape === undefined) return { description: `Nested lists of any rank; their elements are ${dtype}.` };
  return shape.reduceRight<JsonSchema>((items, dimension) => listOf(items, dimension), element);
}

/** Such as `DT_FLOAT [batch, 28, 28]`. */
export function tensorText({ dtype, shape }: SignatureTensor): string {
  if (shape === undefined) return `${dtype} of any shape`;
  return `${dtype} [${shape.map(({ size, name }) => name ?? (size < 0 ? '?' : String(size))).join(', ')}]`;
}

function listOf(items: JsonSchema, { size, name }: Dimension): JsonSchema {
  return {
    type: 'array',
    items,
    ...(size >= 0 && { minItems: size, maxItems: size }),
    ...(name !== undefined && { description: `Dimension "${name}"` }),
  };
}

function integer(bits: number, isSigned: boolean): JsonSchema {
  const format = `${isSigned ? '' : 'u'}int${bits}`;
  if (bits === 64) return { type: 'integer', format };
  return {
    type: 'integer',
    format,
    minimum: isSigned ? -(2 ** (bits - 1)) : 0,
    maximum: 2 ** (isSigned ? bits - 1 : bits) - 1,
  };
}

const float: JsonSchema = { type: 'number', format: 'float' };

/** Bytes that are not UTF-8 are base64 in an object. */
const string: JsonSchema = {
  anyOf: [
    { type: 'string' },
    {
      type: 'object',
      required: ['b64'],
      properties: { b64: { type: 'string', contentEncoding: 'base64' } },
      additionalProperties: false,
    },
  ],
};

const elements: Readonly<Record<string, JsonSchema>> = {
  DT_FLOAT: float,
  DT_DOUBLE: { type: 'number', format: 'double' },
  DT_INT8: integer(8, true),
  DT_INT16: integer(16, true),
  DT_INT32: integer(32, true),
  DT_INT64: integer(64, true),
  DT_UINT8: integer(8, false),
  DT_UINT16: integer(16, false),
  DT_UINT32: integer(32, false),
  DT_UINT64: integer(64, false),
  DT_BOOL: { type: 'boolean' },
  DT_STRING: string,
};
