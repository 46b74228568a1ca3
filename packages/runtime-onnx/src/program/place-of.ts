/** Where an element is in its tensor. */

/** The row-major position of an element, as `[0,1]`; empty for a scalar. */
export function placeOf(index: number, shape: readonly number[]): string {
  if (shape.length === 0) return '';
  const place = new Array<number>(shape.length);
  let rest = index;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = rest % shape[axis]!;
    rest = Math.floor(rest / shape[axis]!);
  }
  return `[${place.join(',')}]`;
}
