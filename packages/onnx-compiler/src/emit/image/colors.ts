/** Colours, in the last dimension. */
import type { Emitter, EmitterTable, OnnxValue } from '../emitter.js';
import { inputRank, inputType } from '../node-inputs.js';
import { TypedMath } from '../typed-math.js';

type Three = readonly [OnnxValue, OnnxValue, OnnxValue];

function channels({ builder }: TypedMath, image: OnnxValue): Three {
  return builder.nodes('Split', [image], 3, { axis: { int: -1 }, num_outputs: { int: 3 } }) as unknown as Three;
}

const together = ({ builder }: TypedMath, values: Three): OnnxValue =>
  builder.node('Concat', values, { axis: { int: -1 } });

function hsvOf(math: TypedMath, [r, g, b]: Three): Three {
  const scalar = (x: number) => math.scalar(x);
  const zero = math.scalar(0);
  const value = math.max(math.max(r, g), b);
  const range = math.sub(value, math.min(math.min(r, g), b));
  const isPositive = math.less(zero, value);
  const isColored = math.less(zero, range);
  const saturation = math.where(isPositive, math.div(range, value), zero);
  const norm = math.div(scalar(1 / 6), range);
  const ofGreen = math.add(math.mul(norm, math.sub(b, r)), scalar(2 / 6));
  const ofBlue = math.add(math.mul(norm, math.sub(r, g)), scalar(4 / 6));
  const other = math.where(math.equal(g, value), ofGreen, ofBlue);
  const any = math.where(math.equal(r, value), math.mul(norm, math.sub(g, b)), other);
  const hue = math.where(isColored, any, zero);
  return [math.where(math.less(hue, zero), math.add(hue, scalar(1)), hue), saturation, value];
}

function rgbOf(math: TypedMath, [h, s, v]: Three): Three {
  const six = math.mul(h, math.scalar(6));
  const clip = (x: OnnxValue) => math.min(math.max(x, math.scalar(0)), math.scalar(1));
  const distance = (from: number) => math.abs(math.sub(six, math.scalar(from)));
  const pale = math.sub(math.scalar(1), s);
  const channel = (share: OnnxValue) => math.mul(math.add(pale, math.mul(s, clip(share))), v);
  return [
    channel(math.sub(distance(3), math.scalar(1))),
    channel(math.sub(math.scalar(2), distance(2))),
    channel(math.sub(math.scalar(2), distance(4))),
  ];
}

const converting =
  (convert: (math: TypedMath, from: Three, more: readonly OnnxValue[]) => Three): Emitter =>
  (node, builder, context) => {
    const math = new TypedMath(node, builder, context, inputType(node, 0));
    const [image, ...more] = node.inputs.map((input) => context.value(input));
    const others = more.map((value, i) => math.from(inputType(node, i + 1), value));
    return [together(math, convert(math, channels(math, image!), others))];
  };

const adjustHue = converting((math, rgb, [delta]) => {
  const [hue, saturation, value] = hsvOf(math, rgb);
  const moved = math.add(hue, delta!);
  return rgbOf(math, [math.sub(moved, math.floor(moved)), saturation, value]);
});

const adjustSaturation = converting((math, rgb, [scale]) => {
  const [hue, saturation, value] = hsvOf(math, rgb);
  const scaled = math.min(math.max(math.mul(saturation, scale!), math.scalar(0)), math.scalar(1));
  return rgbOf(math, [hue, scaled, value]);
});

const adjustContrast: Emitter = (node, builder, context) => {
  const own = new TypedMath(node, builder, context, inputType(node, 0));
  const math = own.in('float');
  const image = own.to('float', context.value(node.inputs[0]!));
  const rank = inputRank(node, 0, context);
  const mean = math.apply('ReduceMean', [image, builder.int64s([rank - 3, rank - 2])]);
  const adjusted = math.add(math.mul(math.sub(image, mean), context.value(node.inputs[1]!)), mean);
  return [own.from('float', adjusted)];
};

/** Emitters of colour operations. */
export const colors: EmitterTable = {
  RGBToHSV: converting(hsvOf),
  HSVToRGB: converting(rgbOf),
  AdjustHue: adjustHue,
  AdjustSaturation: adjustSaturation,
  AdjustContrastv2: adjustContrast,
};
