/** Windows of images as rows of channels. */
import { intsAttribute, textAttribute } from '../../graph/attribute-readers.js';
import { TO_THE_END } from '../dimensions.js';
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputShape, inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

/** More places in a window than this would make too large a model. */
const MAX_PLACES = 4096;

/** One slice for each place in the window. */
const extractPatches: Emitter = (node, builder, context) => {
  const math = new TypedMath(node, builder, context, inputType(node, 0));
  const shape = inputShape(node, 0) ?? context.refuse(node, 'needs a known rank');
  const spatial = (name: string): number[] => intsAttribute(node.attributes, name, []).slice(1, -1);
  const [windows, strides] = [spatial('ksizes'), spatial('strides')];
  const rates = node.op === 'ExtractImagePatches' ? spatial('rates') : windows.map(() => 1);
  const places = windows.reduce((product, size) => product * size, 1);
  if (places > MAX_PLACES) context.refuse(node, `a window of ${places} places is too large`);
  const reach = windows.map((size, i) => (size - 1) * rates[i]! + 1);
  let value = context.value(node.inputs[0]!);
  if (textAttribute(node.attributes, 'padding') === 'SAME') {
    const missing = reach.map((size, i) => {
      const length = shape[i + 1]!;
      if (length < 0 && strides[i] !== 1) context.refuse(node, 'needs known sizes (the padding is SAME)');
      const last = length < 0 ? 0 : (Math.ceil(length / strides[i]!) - 1) * strides[i]! - length;
      return Math.max(0, length < 0 ? size - 1 : last + size);
    });
    const low = missing.map((total) => Math.floor(total / 2));
    const pads = [0, ...low, 0, 0, ...missing.map((total, i) => total - low[i]!), 0];
    value = math.move('Pad', value, [builder.int64s(pads)]);
  }
  const axes = builder.int64s(windows.map((_, i) => i + 1));
  const parts: OnnxValue[] = [];
  for (let place = 0; place < places; place++) {
    let rest = place;
    const offsets = windows.map(() => 0);
    for (let i = windows.length - 1; i >= 0; i--) {
      offsets[i] = (rest % windows[i]!) * rates[i]!;
      rest = Math.floor(rest / windows[i]!);
    }
    const ends = offsets.map((offset, i) => (offset === reach[i]! - 1 ? TO_THE_END : offset - reach[i]! + 1));
    parts.push(
      builder.node('Slice', [value, builder.int64s(offsets), builder.int64s(ends), axes, builder.int64s(strides)]),
    );
  }
  return [builder.node('Concat', parts, { axis: { int: -1 } })];
};

export const patches: EmitterTable = { ExtractImagePatches: extractPatches, ExtractVolumePatches: extractPatches };
