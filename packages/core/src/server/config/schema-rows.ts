/** Options that schemas check: the schema of each, and its row in the docs. */
import type { z } from 'zod';
import { strictOptions } from './invalid-config.js';

/** The row of an option in the docs. */
export interface OptionText {
  readonly type: string;
  /** A number or a boolean is the value, a text Markdown. */
  readonly default: number | boolean | string;
  readonly meaning: string;
}

/** An option with its schema. */
export type SchemaRow<Schema extends z.ZodType> = OptionText & { readonly schema: Schema };

/** The schemas of rows, by name. */
type ShapeOf<Rows extends Readonly<Record<string, SchemaRow<z.ZodType>>>> = {
  readonly [Name in keyof Rows]: Rows[Name]['schema'];
};

/** The default is the schema's where no other text is given. */
export function schemaRow<Schema extends z.ZodType>(given: {
  readonly schema: Schema;
  readonly type: string;
  readonly default?: string;
  readonly meaning: string;
}): SchemaRow<Schema> {
  const { schema, type, meaning } = given;
  if (given.default !== undefined) return { schema, type, meaning, default: given.default };
  const value = schema.parse(undefined) as number | boolean | string;
  return { schema, type, meaning, default: typeof value === 'string' ? `\`'${value}'\`` : value };
}

/** The schema of an object with these options. Unknown ones are refused. */
export function schemaOfRows<Rows extends Readonly<Record<string, SchemaRow<z.ZodType>>>>(
  rows: Rows,
): z.ZodObject<ShapeOf<Rows>, z.core.$strict> {
  const entries = Object.entries(rows).map(([name, { schema }]) => [name, schema]);
  return strictOptions(Object.fromEntries(entries) as ShapeOf<Rows>);
}
