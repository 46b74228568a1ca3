/** Pasted tables: values separated by commas, semicolons, tabs or spaces, one row per line. */
import type { DataType } from './data-type.js';
import { nestedText } from './nested-values.js';
import type { Scalar } from './tensor.js';
import { ValueError } from './value-error.js';

/**
 * The JSON of a pasted table for an input of a shape. A first line of words above numbers is a header and is left out. Cells of a
 * row fill the dimensions behind the first, so a line of 64 numbers is an image of `[?, 8, 8, 1]`.
 */
export function jsonOfSeparatedValues(text: string, dtype: DataType, shape: readonly number[] | undefined): string {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const separator = [',', ';', '\t'].find((candidate) => lines.some((line) => line.includes(candidate)));
  let rows = lines.map((line) => cellsOf(line, separator));
  const isNumber = (cell: string): boolean =>
    cell !== '' && /^[-+]?(?:NaN|Infinity|[\d.]+(?:[eE][-+]?\d+)?)$/.test(cell);
  if (dtype.kind !== 'string' && rows.length > 1 && !rows[0]?.some(isNumber) && rows[1]?.some(isNumber))
    rows = rows.slice(1);
  const width = rows[0]?.length ?? 0;
  const uneven = rows.findIndex((row) => row.length !== width);
  if (uneven > 0) {
    throw new ValueError(`Line ${uneven + 1} has ${rows[uneven]?.length} values; the lines above have ${width}.`);
  }
  const values = rows.flat().map((cell) => cellValue(cell, dtype));
  return nestedText({ shape: shapeOf(rows.length, width, shape), values });
}

function cellsOf(line: string, separator: string | undefined): string[] {
  if (separator === undefined) return line.trim().split(/\s+/);
  const cells =
    line.match(new RegExp(`"(?:[^"]|"")*"|[^${separator}]+|(?<=^|${separator})(?=${separator}|$)`, 'g')) ?? [];
  const trimmed = cells.map((cell) => cell.trim());
  if (trimmed.at(-1) === '') trimmed.pop();
  return trimmed.map((cell) => (/^".*"$/s.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

function cellValue(cell: string, { kind, name }: DataType): Scalar {
  if (kind === 'string') return cell;
  if (kind === 'bool' && /^(?:true|false|0|1)$/i.test(cell)) return /^(?:true|1)$/i.test(cell);
  if (kind === 'integer' && /^[-+]?\d+$/.test(cell)) {
    const value = Number(cell);
    return Number.isSafeInteger(value) ? value : BigInt(cell);
  }
  const number = cell === '' ? Number.NaN : Number(cell);
  if (kind === 'bool' || (Number.isNaN(number) && cell !== 'NaN')) {
    throw new ValueError(`"${cell.slice(0, 40)}" is not a value of type ${name}, nor JSON.`);
  }
  return number;
}

function shapeOf(rows: number, width: number, declared: readonly number[] | undefined): number[] {
  if (declared?.length === 0 && rows * width === 1) return [];
  if (declared?.length === 1 && (rows === 1 || width === 1)) return [rows * width];
  const inner = declared?.slice(1) ?? [];
  if (inner.length > 1 && !inner.includes(-1) && inner.reduce((a, b) => a * b, 1) === width) return [rows, ...inner];
  return [rows, width];
}
