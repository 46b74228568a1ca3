/** Conditions over whole tensors. */
import { onnxDataType } from './builder/onnx-data-type.js';
import type { OnnxBuilder, OnnxValue } from './emitter.js';

/** Whether a tensor of booleans is true everywhere: a boolean scalar, true for a tensor without elements. */
export function allTrue(builder: OnnxBuilder, condition: OnnxValue): OnnxValue {
  const bytes = builder.node('Cast', [condition], { to: { int: onnxDataType('uint8')! } });
  const least = builder.node('ReduceMin', [bytes], { keepdims: { int: 0 } });
  return builder.node('Cast', [least], { to: { int: onnxDataType('bool')! } });
}
