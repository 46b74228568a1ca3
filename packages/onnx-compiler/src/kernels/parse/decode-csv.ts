/** `DecodeCSV`. */
import { ServingError } from '@serving/core';
import { StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { boolAttribute, intsAttribute, textAttribute, typesAttribute } from '../../graph/attribute-readers.js';
import { numberTensor } from '../elements/numbers.js';
import { stringsOf } from '../elements/string-builder.js';
import { countOf } from '../elements/take.js';
import type { KernelFactory } from '../kernel.js';
import { parseFloating, parseInteger } from '../string/string-to-number.js';

/** The fields of a record, as Latin-1 texts of their bytes. */
function fieldsOf(record: string, delimiter: string, useQuotes: boolean): string[] {
  const fields: string[] = [];
  const fail = (problem: string): never => {
    throw new ServingError('INVALID_ARGUMENT', problem);
  };
  let at = 0;
  while (at <= record.length) {
    if (useQuotes && record[at] === '"') {
      let field = '';
      at++;
      for (;;) {
        const end = record.indexOf('"', at);
        if (end < 0) fail('Quoted field has to end with quote followed by delim or end');
        field += record.slice(at, end);
        at = end + 1;
        if (record[at] !== '"') break;
        field += '"';
        at++;
      }
      if (at < record.length && record[at] !== delimiter)
        fail('Quoted field has to end with quote followed by delim or end');
      fields.push(field);
      at++;
      continue;
    }
    const found = record.indexOf(delimiter, at);
    const end = found < 0 ? record.length : found;
    const field = record.slice(at, end);
    if (/[\r\n]/.test(field) && useQuotes) fail('Unquoted fields cannot have quotes/CRLFs inside');
    if (useQuotes && field.includes('"')) fail('Unquoted fields cannot have quotes/CRLFs inside');
    fields.push(field);
    at = end + 1;
  }
  return fields;
}

/** `DecodeCSV`: one output for each column; a field that is empty gets the column's default. */
export const decodeCsvKernel: KernelFactory = ({ attributes }) => {
  const types = typesAttribute(attributes, 'OUT_TYPE') as TensorDataType[];
  const delimiter = textAttribute(attributes, 'field_delim', ',');
  const useQuotes = boolAttribute(attributes, 'use_quote_delim', true);
  const missing = textAttribute(attributes, 'na_value', '');
  const selected = intsAttribute(attributes, 'select_cols');
  return ([records, ...defaults]) => {
    const strings = stringsOf(records!);
    const columns: string[][] = types.map(() => []);
    for (let i = 0; i < strings.length; i++) {
      const all = fieldsOf(
        Buffer.from(strings.at(i))
          .toString('latin1')
          .replace(/\r?\n$/, ''),
        delimiter,
        useQuotes,
      );
      const fields = selected.length > 0 ? selected.map((column) => all[column]) : all;
      if (fields.length !== types.length || fields.includes(undefined)) {
        const count = fields.filter((field) => field !== undefined).length;
        throw new ServingError('INVALID_ARGUMENT', `Expect ${types.length} fields but have ${count} in record ${i}`);
      }
      for (const [column, field] of fields.entries()) columns[column]!.push(field!);
    }
    return columns.map((fields, c) => columnTensor(fields, types[c]!, defaults[c]!, c, missing, records!.shape));
  };
};

function columnTensor(
  fields: readonly string[],
  dtype: TensorDataType,
  fallback: Tensor,
  column: number,
  missing: string,
  shape: readonly number[],
): Tensor {
  const isMissing = (field: string) => field === '' || field === missing;
  const given = countOf(fallback) > 0;
  const lacking = given ? -1 : fields.findIndex(isMissing);
  if (lacking >= 0) {
    throw new ServingError('INVALID_ARGUMENT', `Field ${column} is required but missing in record ${lacking}!`);
  }
  const fail = (record: number, field: string): never => {
    throw new ServingError('INVALID_ARGUMENT', `Field ${column} in record ${record} is not a valid ${dtype}: ${field}`);
  };
  if (dtype === 'string') {
    const own = given ? stringsOf(fallback).at(0) : new Uint8Array(0);
    return {
      dtype,
      shape,
      data: StringArray.from(fields.map((field) => (isMissing(field) ? own : Buffer.from(field, 'latin1')))),
    };
  }
  const own = given ? (fallback.data as Float64Array)[0]! : 0;
  if (dtype === 'int64') {
    const values = fields.map((field, i) =>
      isMissing(field) ? BigInt(own) : (parseInteger(field, dtype) ?? fail(i, field)),
    );
    return { dtype, shape, data: BigInt64Array.from(values) };
  }
  const read = dtype === 'int32' ? (field: string) => parseInteger(field, dtype) : parseFloating;
  return numberTensor(
    dtype,
    shape,
    fields.map((field, i) => Number(isMissing(field) ? own : (read(field) ?? fail(i, field)))),
  );
}
