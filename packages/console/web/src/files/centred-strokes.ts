/** Cuts a white drawing on black to its strokes, as the digits of the common data sets are. */
import { contextOf } from './scaled-image.js';

const MARGIN = 0.06;

/** The strokes in the middle of a square with a small margin; the canvas itself when it is empty. */
export function centredStrokes(canvas: HTMLCanvasElement): HTMLCanvasElement {
  const { width, height } = canvas;
  const { data } = contextOf(canvas).getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i++) {
    if ((data[i * 4] ?? 0) < 32) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  if (right < 0) return canvas;
  const side = Math.max(right - left, bottom - top) + 1;
  const margin = Math.ceil(side * MARGIN);
  const square = document.createElement('canvas');
  square.width = square.height = side + 2 * margin;
  const context = contextOf(square);
  context.fillStyle = '#000';
  context.fillRect(0, 0, square.width, square.height);
  const x = margin + Math.floor((side - (right - left)) / 2);
  const y = margin + Math.floor((side - (bottom - top)) / 2);
  context.drawImage(canvas, left, top, right - left + 1, bottom - top + 1, x, y, right - left + 1, bottom - top + 1);
  return square;
}
