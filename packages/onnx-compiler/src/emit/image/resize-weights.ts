/** The share of each input position in each output position, as TensorFlow's resizing computes it. */

/** A matrix `[output, input]`, row-major. */
export type ResizeWeights = Float32Array;

const f = Math.fround;

/** How positions of the output lie over those of the input. */
export interface ResizeScale {
  readonly isHalfPixel: boolean;
  readonly isAligned: boolean;
}

/** Input positions per output position, in float32. */
export function resizeScale(input: number, output: number, { isAligned }: ResizeScale): number {
  return isAligned && output > 1 ? f((input - 1) / f(output - 1)) : f(input / f(output));
}

/** TensorFlow reads cubic weights from a table of this many steps. */
const CUBIC_STEPS = 1024;

/** Weights of the four taps around a position, from the coefficient of the cubic. */
function cubicTaps(fraction: number, a: number): [number, number, number, number] {
  const offset = Math.round(fraction * CUBIC_STEPS) / CUBIC_STEPS;
  const near = (x: number) => ((a + 2) * x - (a + 3)) * x * x + 1;
  const far = (x: number) => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [far(offset + 1), near(offset), near(1 - offset), far(2 - offset)];
}

/** Weights of `ResizeBicubic`. */
export function cubicWeights(input: number, output: number, scale: ResizeScale): ResizeWeights {
  const weights = new Float32Array(output * input);
  const step = resizeScale(input, output, scale);
  for (let o = 0; o < output; o++) {
    const position = scale.isHalfPixel ? f(f(f(o + 0.5) * step) - 0.5) : f(o * step);
    const first = Math.floor(position);
    const taps = cubicTaps(f(position - first), scale.isHalfPixel ? -0.5 : -0.75);
    const places = taps.map((_, i) => first - 1 + i);
    const isInside = (place: number) => place >= 0 && place < input;
    const kept = scale.isHalfPixel ? taps.map((tap, i) => (isInside(places[i]!) ? tap : 0)) : taps;
    const sum = scale.isHalfPixel ? kept.reduce((total, tap) => total + tap, 0) : 1;
    for (const [i, tap] of kept.entries()) {
      const place = Math.min(Math.max(places[i]!, 0), input - 1);
      weights[o * input + place]! += tap / sum;
    }
  }
  return weights;
}

/** Weights of `ResizeArea`: the length of each input position that an output position covers. */
export function areaWeights(input: number, output: number, scale: ResizeScale): ResizeWeights {
  const weights = new Float32Array(output * input);
  const step = resizeScale(input, output, scale);
  for (let o = 0; o < output; o++) {
    const [start, end] = [f(o * step), f(f(o + 1) * step)];
    for (let i = Math.floor(start); i < Math.ceil(end); i++) {
      const covered = Math.min(i + 1, end) - Math.max(i, start);
      weights[o * input + Math.min(Math.max(i, 0), input - 1)]! += covered / step;
    }
  }
  return weights;
}

/** Kernels of `ScaleAndTranslate`: the radius, and the weight at a distance. */
const kernels: Readonly<Record<string, readonly [radius: number, weight: (x: number) => number]>> = {
  box: [0.5, (x) => (x < 0.5 ? 1 : x === 0.5 ? 0.5 : 0)],
  triangle: [1, (x) => Math.max(0, 1 - x)],
  keyscubic: [2, (x) => keys(x)],
  mitchellcubic: [2, (x) => mitchell(x)],
  lanczos1: [1, (x) => lanczos(x, 1)],
  lanczos3: [3, (x) => lanczos(x, 3)],
  lanczos5: [5, (x) => lanczos(x, 5)],
  gaussian: [1.5, (x) => (x >= 1.5 ? 0 : Math.exp((-x * x) / (2 * 0.25)))],
};

const keys = (x: number): number => {
  if (x >= 2) return 0;
  return x >= 1 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : (1.5 * x - 2.5) * x * x + 1;
};

const mitchell = (x: number): number => {
  if (x >= 2) return 0;
  if (x >= 1) return (((-7 / 18) * x + 2) * x - 10 / 3) * x + 16 / 9;
  return ((7 / 6) * x - 2) * x * x + 8 / 9;
};

const lanczos = (x: number, radius: number): number => {
  if (x > radius) return 0;
  if (x <= 1e-3) return 1;
  return (radius * Math.sin(Math.PI * x) * Math.sin((Math.PI * x) / radius)) / (Math.PI * Math.PI * x * x);
};

/** The names of the kernels. */
export const scaleKernels: readonly string[] = Object.keys(kernels);

/** Smaller sums of weights are taken for none. */
const LEAST_SUM = 1000 * 1.17549435e-38;

/** Weights of `ScaleAndTranslate` along one axis. Positions outside of the input are not counted. */
export function scaledWeights(
  input: number,
  output: number,
  kernel: string,
  options: { readonly scale: number; readonly translation: number; readonly antialias: boolean },
): ResizeWeights {
  const weights = new Float32Array(output * input);
  const inverse = f(1 / f(options.scale));
  const moved = f(-inverse * f(options.translation));
  const [radius, weight] = kernels[kernel]!;
  const stretch = options.antialias ? Math.max(inverse, 1) : 1;
  const shrink = f(1 / stretch);
  const reach = f(radius * stretch);
  const inside = (place: number) => Math.min(Math.max(place, 0), input - 1);
  for (let o = 0; o < output; o++) {
    const center = f(f((o + 0.5) * inverse) + moved);
    if (center < 0 || center > input) continue;
    const first = inside(Math.ceil(f(f(center - reach) - 0.5)));
    const last = inside(Math.floor(f(f(center + reach) - 0.5)));
    const taps = Array.from({ length: last - first + 1 }, (_, i) =>
      weight(Math.abs(f(f(first + i + 0.5 - center) * shrink))),
    );
    const sum = taps.reduce((total, tap) => total + tap, 0);
    if (Math.abs(sum) < LEAST_SUM) continue;
    for (const [i, tap] of taps.entries()) weights[o * input + first + i] = tap / sum;
  }
  return weights;
}
