/** What `show` prints of a signature. */
import type { SignatureDef, TensorInfo } from '@serving/core/extend';
import { dataTypeEnumName } from '@serving/core/tensor';
import { byCodePoint } from './python-text.js';

/** The block with inputs, outputs and method name, each line indented by that many blanks, with a line break at the end. */
export function signatureText(def: SignatureDef, indent: number): string {
  const lines = [
    'The given SavedModel SignatureDef contains the following input(s):',
    ...tensorLines('inputs', def.inputs),
    'The given SavedModel SignatureDef contains the following output(s):',
    ...tensorLines('outputs', def.outputs),
    `Method name is: ${def.methodName}`,
  ];
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

function tensorLines(kind: string, infos: ReadonlyMap<string, TensorInfo>): string[] {
  const sorted = Array.from(infos).sort(([a], [b]) => byCodePoint(a, b));
  return sorted.flatMap(([key, info]) => [
    `  ${kind}['${key}'] tensor_info:`,
    `      dtype: ${dataTypeEnumName(info.dtype) ?? info.dtype}`,
    `      shape: ${shapeText(info)}`,
    `      name: ${info.name ?? ''}`,
  ]);
}

function shapeText({ tensorShape }: TensorInfo): string {
  if (tensorShape?.unknownRank) return 'unknown_rank';
  return `(${(tensorShape?.dim ?? []).map(({ size }) => size).join(', ')})`;
}
