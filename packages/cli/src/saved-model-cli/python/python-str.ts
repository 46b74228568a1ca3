/** Values as Python prints them. */
import { numpyText } from '../numpy-text.js';
import { bytesRepr, floatRepr, stringRepr } from '../python-text.js';
import { isList, isTensor, type PythonObject } from './python-object.js';

/** `str(value)`. */
export function strOf(value: PythonObject): string {
  return typeof value === 'string' ? value : reprOf(value);
}

/** `str(type(value))`. */
export function classOf(value: PythonObject): string {
  return `<class '${className(value)}'>`;
}

function className(value: PythonObject): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float';
  if (typeof value === 'string') return 'str';
  if (value instanceof Uint8Array) return 'bytes';
  if (isList(value)) return 'list';
  return isTensor(value) ? 'numpy.ndarray' : 'dict';
}

function reprOf(value: PythonObject): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatRepr(value);
  if (typeof value === 'string') return stringRepr(value);
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (isList(value)) return `[${value.map(reprOf).join(', ')}]`;
  if (isTensor(value)) return numpyText(value);
  return `{${Array.from(value, ([key, item]) => `${reprOf(key)}: ${reprOf(item)}`).join(', ')}}`;
}
