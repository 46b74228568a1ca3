/** Texts of guards that don't hold, in TensorFlow's form. */
import type { Tensor } from '@serving/core/tensor';
import type { GuardMessagePart, ModelGuard } from '@serving/onnx-compiler';
import { placeOf } from './place-of.js';

type ShownOutput = Exclude<GuardMessagePart, string>;

/** The outputs whose values the message shows, each once. */
export function messageOutputs({ message }: ModelGuard): string[] {
  const names = new Set<string>();
  for (const part of message) {
    if (typeof part === 'string') continue;
    names.add(part.output);
    const max = part.outside?.max;
    if (typeof max === 'object') names.add(max.output);
  }
  return [...names];
}

/** The message with the values of its outputs. */
export function guardMessage({ message }: ModelGuard, values: ReadonlyMap<string, Tensor>): string {
  return message.map((part) => (typeof part === 'string' ? part : shown(part, values))).join('');
}

function shown({ output, outside }: ShownOutput, values: ReadonlyMap<string, Tensor>): string {
  const { shape, data, dtype } = values.get(output)!;
  if (outside === undefined)
    return `[${Array.from({ length: data.length }, (_, i) => valueText(dtype, data, i)).join(' ')}]`;
  const max = typeof outside.max === 'object' ? Number(numberAt(values.get(outside.max.output)!, 0)) : outside.max;
  for (let i = 0; i < data.length; i++) {
    const value = numberAt(values.get(output)!, i);
    if (value >= outside.min && (max === undefined || value < max)) continue;
    return `${placeOf(i, shape)} = ${value}`;
  }
  return '';
}

function numberAt({ data }: Tensor, index: number): number | bigint {
  return (data as Int32Array | BigInt64Array)[index]!;
}

function valueText(dtype: Tensor['dtype'], data: Tensor['data'], index: number): string {
  if ('offsets' in data) return new TextDecoder().decode(data.at(index));
  return dtype === 'bool' ? String(Number(data[index])) : String(data[index]);
}
