/** `ExtractImagePatches`: windows side by side in the channels. */

import { intsAttribute } from '../../graph/attribute-readers.js';
import type { AttributeValue } from '../../graph/attributes.js';
import {
  fittedImage,
  fromChannelsFirst,
  paddingAttributes,
  readWindows,
  toChannelsFirst,
} from '../convolution/windows.js';
import type { Emitter, EmitterTable } from '../emitter.js';
import { inputShape, inputType } from '../node-inputs.js';
import { cast, TypedMath } from '../typed-math.js';

/** Types whose values float32 holds exactly. */
const EXACT: readonly string[] = ['float', 'half', 'bfloat16', 'int8', 'uint8', 'int16', 'uint16'];

/** A filter `[height · width · channels, channels, height, width]` that copies each position of a window. */
function copyingFilter([height, width]: readonly number[], channels: number): Float32Array {
  const area = height! * width!;
  const filter = new Float32Array(area * channels * channels * area);
  for (let place = 0; place < area; place++) {
    for (let channel = 0; channel < channels; channel++) {
      filter[((place * channels + channel) * channels + channel) * area + place] = 1;
    }
  }
  return filter;
}

const extractPatches: Emitter = (original, builder, context) => {
  const { attributes } = original;
  const rates: AttributeValue | undefined = attributes.get('rates');
  const node = { ...original, attributes: rates ? new Map(attributes).set('dilations', rates) : attributes };
  const type = inputType(node, 0);
  const channels = inputShape(node, 0)?.[3] ?? -1;
  if (!EXACT.includes(type)) context.refuse(node, `no kernel for ${type}`);
  if (channels < 0) context.refuse(node, 'needs a known number of channels');
  const sizes = intsAttribute(attributes, 'ksizes', []).slice(1, 3);
  const windows = readWindows(node, context, 0, () => sizes);
  const image = cast(
    builder,
    toChannelsFirst(builder, fittedImage(node, builder, context, windows, 0), windows),
    type,
    'float',
  );
  const [height, width] = sizes as [number, number];
  const shape = [height * width * channels, channels, height, width];
  const filter = builder.constant({ dtype: 'float', shape, data: copyingFilter(sizes, channels) });
  const result = new TypedMath(node, builder, context, 'float').apply('Conv', [image, filter], {
    kernel_shape: { ints: sizes },
    strides: { ints: windows.strides },
    dilations: { ints: windows.dilations },
    ...paddingAttributes(node, context, windows, 0),
  });
  return [cast(builder, fromChannelsFirst(builder, result, windows), 'float', type)];
};

/** Emitters of patches. */
export const patches: EmitterTable = { ExtractImagePatches: extractPatches };
