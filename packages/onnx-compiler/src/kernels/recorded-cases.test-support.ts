/** Reads what `scripts/kernel-cases/record.py` wrote: operations with the results that TensorFlow gave. */
import { readFileSync } from 'node:fs';
import { ServingError } from '@serving/core';
import { StringArray, type Tensor, type TensorDataType } from '@serving/core/tensor';
import { expect } from 'vitest';
import type { Attributes, AttributeValue } from '../graph/attributes.js';
import { numbersOf, numberTensor } from './elements/numbers.js';
import { kernelFor } from './kernel-table.js';

type RecordedTensor = readonly [dtype: TensorDataType, shape: number[], values: (number | string)[]];

interface RecordedAttribute {
  readonly kind: AttributeValue['kind'];
  readonly value: unknown;
}

/** One run of an operation in TensorFlow. */
export interface RecordedCase {
  readonly op: string;
  readonly attr: Readonly<Record<string, RecordedAttribute>>;
  readonly in: readonly RecordedTensor[];
  readonly out?: readonly RecordedTensor[];
  readonly code?: string;
  readonly error?: string;
}

/** The cases of a family with a title for each. */
export function recordedCases(family: string): [title: string, recorded: RecordedCase][] {
  const lines = readFileSync(new URL(`./fixtures/${family}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line, i) => {
    const recorded = JSON.parse(line) as RecordedCase;
    const dtypes = recorded.in.map(([dtype, shape]) => `${dtype}[${shape}]`);
    return [`line ${i + 1}: ${recorded.op}(${dtypes.join(', ')})`, recorded];
  });
}

/** Runs the kernel and compares dtypes, shapes, values and error texts; numbers with a fraction within `tolerance`, relative. */
export function expectRecordedResult(recorded: RecordedCase, tolerance = 0): void {
  const inputs = recorded.in.map(tensorOf);
  const context = { attributes: attributesOf(recorded.attr), node: recorded.op };
  const run = () => kernelFor(recorded.op)!(context)(inputs, context);
  if (recorded.error !== undefined) {
    expect(errorOf(run)).toBe(recorded.error);
    return;
  }
  const outputs = run();
  expect(outputs.map(({ dtype, shape }) => [dtype, [...shape]])).toEqual(
    recorded.out!.map(([dtype, shape]) => [dtype, shape]),
  );
  for (const [i, output] of outputs.entries()) {
    const expected = tensorOf(recorded.out![i]!);
    if (output.dtype === 'string') expect(textsOf(output)).toEqual(textsOf(expected));
    else if (tolerance === 0 || !isReal(output))
      expect(Array.from(output.data as Float64Array)).toEqual(Array.from(expected.data as Float64Array));
    else expectClose(numbersOf(output), numbersOf(expected), tolerance);
  }
}

function isReal({ dtype }: Tensor): boolean {
  return ['float', 'double', 'half', 'bfloat16'].includes(dtype);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const differs = Array.from(expected).findIndex((value, i) => {
    const got = actual[i]!;
    if (Object.is(got, value) || got === value) return false;
    return !(Math.abs(got - value) <= tolerance * Math.max(Math.abs(value), 1e-30));
  });
  if (differs >= 0) expect([differs, actual[differs]]).toEqual([differs, expected[differs]]);
}

function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ServingError) return error.message;
    throw error;
  }
  return 'no error';
}

function textsOf(tensor: Tensor): string[] {
  const data = tensor.data as StringArray;
  return Array.from({ length: data.length }, (_, i) => Buffer.from(data.at(i)).toString('latin1'));
}

/** The tensor of a recorded one. */
function tensorOf([dtype, shape, values]: RecordedTensor): Tensor {
  if (dtype === 'string') {
    return { dtype, shape, data: StringArray.from(values.map((value) => Buffer.from(String(value), 'latin1'))) };
  }
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(values, BigInt) };
  if (dtype === 'uint64') return { dtype, shape, data: BigUint64Array.from(values, BigInt) };
  if (dtype === 'complex64') return { dtype, shape, data: Float32Array.from(values, Number) };
  if (dtype === 'complex128') return { dtype, shape, data: Float64Array.from(values, Number) };
  return numberTensor(dtype, shape, Float64Array.from(values, Number));
}

/** A node's attributes of recorded ones. */
function attributesOf(recorded: RecordedCase['attr']): Attributes {
  return new Map(Object.entries(recorded).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf({ kind, value }: RecordedAttribute): AttributeValue {
  switch (kind) {
    case 'list':
      return { kind, value: (value as RecordedAttribute[]).map(attributeOf) };
    case 'bytes':
      return { kind, value: Buffer.from(value as string, 'latin1') };
    case 'int':
      return { kind, value: BigInt(value as string) };
    case 'float':
      return { kind, value: Number(value) };
    case 'shape':
      return { kind, value: (value as number[] | null) ?? undefined };
    case 'tensor':
      return { kind, value: tensorOf(value as RecordedTensor) };
    default:
      return { kind, value } as AttributeValue;
  }
}
