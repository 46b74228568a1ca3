/** The shapes of the protocol's answers over HTTP, written from its description. */
import { z } from 'zod';

const datatype = z.string().regex(/^(?:BOOL|U?INT(?:8|16|32|64)|FP(?:16|32|64)|BF16|BYTES)$/);
const size = z.int().min(0);
const parameters = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

export const errorAnswer = z.strictObject({ error: z.string().min(1) });

export const inferAnswer = z.strictObject({
  model_name: z.string(),
  model_version: z.string().regex(/^\d+$/),
  id: z.string().min(1).optional(),
  outputs: z.array(
    z
      .strictObject({
        name: z.string(),
        datatype,
        shape: z.array(size),
        parameters: parameters.optional(),
        data: z.array(z.union([z.number(), z.boolean(), z.string()])).optional(),
      })
      .refine(
        ({ data, parameters }) => (data === undefined) === (parameters?.binary_data_size !== undefined),
        'either data or binary_data_size',
      ),
  ),
});

const tensor = z.strictObject({ name: z.string(), datatype: z.string(), shape: z.array(z.int().min(-1)) });

export const modelAnswer = z.strictObject({
  name: z.string(),
  versions: z.array(z.string().regex(/^\d+$/)),
  platform: z.string(),
  inputs: z.array(tensor),
  outputs: z.array(tensor),
  properties: z.record(z.string(), z.string()),
});

export const serverAnswer = z.strictObject({
  name: z.string(),
  version: z.string(),
  extensions: z.array(z.string()),
});

export const readinessAnswer = z.strictObject({
  live: z.boolean().optional(),
  name: z.string().optional(),
  ready: z.boolean().optional(),
  error: z.string().optional(),
});
