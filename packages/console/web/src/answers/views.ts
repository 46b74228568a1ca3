/** Which views suit a tensor. */
import { imageLayoutOf } from '../files/pixels.js';
import { sizeOf, type Tensor } from '../tensors/tensor.js';

export const VIEWS = { bars: 'Bars', picture: 'Picture', line: 'Line', table: 'Table' } as const;
export type View = keyof typeof VIEWS;

/** The views that can show a tensor, the best one first. */
export function possibleViews({ dtype, shape, values }: Tensor): readonly View[] {
  if (dtype.kind === 'string' || dtype.kind === 'other' || values.length === 0) return ['table'];
  const views: View[] = [];
  const width = shape.at(-1) ?? 1;
  const rows = width > 0 ? sizeOf(shape) / width : 0;
  if (isPicture(shape)) views.push('picture');
  if (
    dtype.kind === 'float' &&
    shape.length > 0 &&
    shape.length <= 2 &&
    width >= 2 &&
    width <= 2000 &&
    isLikeScores(values, width)
  ) {
    views.push('bars');
  }
  if (width >= 24 && rows <= 64) views.push('line');
  views.push('table');
  if (width >= 8 && width < 24 && rows <= 64) views.push('line');
  if (dtype.kind === 'float' && !views.includes('bars') && shape.length <= 2 && width >= 2 && width <= 64)
    views.push('bars');
  return views;
}

function isPicture(shape: readonly number[]): boolean {
  const layout = shape.length >= 3 ? imageLayoutOf(shape, 0) : undefined;
  return layout !== undefined && layout.height >= 8 && layout.width >= 8;
}

/** Whether rows are probabilities, or at least not negative and around 1 together. */
function isLikeScores(values: Tensor['values'], width: number): boolean {
  let sum = 0;
  for (let i = 0; i < Math.min(width, values.length); i++) {
    const value = Number(values[i]);
    if (!(value >= 0 && value <= 1)) return false;
    sum += value;
  }
  return sum > 0;
}
