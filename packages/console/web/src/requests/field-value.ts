/** What a field of the form holds, whichever way it was given. */
import type { DataType } from '../tensors/data-type.js';
import { JsonSyntaxError, parseJson } from '../tensors/json.js';
import { nestedText, tensorOf } from '../tensors/nested-values.js';
import { jsonOfSeparatedValues } from '../tensors/separated-values.js';
import type { Tensor } from '../tensors/tensor.js';

/** A value for an input. Its JSON is sent as it was typed, so that the server is who judges it. */
export interface FieldValue {
  readonly dtype: DataType;
  /** JSON of nested lists. */
  readonly json: string;
  /** @throws ValueError for values that have no tensor of the type */
  tensor(): Tensor;
}

export function valueOfTensor(tensor: Tensor): FieldValue {
  let json: string | undefined;
  return {
    dtype: tensor.dtype,
    get json() {
      json ??= nestedText(tensor);
      return json;
    },
    tensor: () => tensor,
  };
}

/**
 * The value of typed or pasted text: JSON, or a table of values.
 *
 * @throws JsonSyntaxError or ValueError for text that is neither
 */
export function valueOfText(text: string, dtype: DataType, shape: readonly number[] | undefined): FieldValue {
  const trimmed = text.trim();
  const json = isJson(trimmed, dtype) ? trimmed : jsonOfSeparatedValues(trimmed, dtype, shape);
  const parsed = parseJson(json);
  return { dtype, json, tensor: () => tensorOf(parsed, dtype) };
}

function isJson(text: string, dtype: DataType): boolean {
  if (text === '') throw new JsonSyntaxError('a value', text, 0);
  try {
    parseJson(text);
    return true;
  } catch (error) {
    // Brackets and quotes mean JSON: its error tells more than that of a table.
    if (/^[[{]/.test(text) || (/^"/.test(text) && dtype.kind !== 'string')) throw error;
    return false;
  }
}
