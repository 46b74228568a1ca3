/** Draws pictures to the size that an input takes. No address of a picture is made: its bytes are decoded and drawn on a canvas. */

export const FITS = ['crop', 'fit', 'stretch'] as const;
/** `crop` fills the input and cuts the longer side, `fit` shows all of it on black, `stretch` ignores the sides' proportion. */
export type Fit = (typeof FITS)[number];

/** Draws a picture on a canvas of the size given, and returns its pixels. */
export function drawScaled(
  canvas: HTMLCanvasElement,
  image: ImageBitmap | HTMLCanvasElement,
  { width, height }: { readonly width: number; readonly height: number },
  fit: Fit,
  isInverted = false,
): Uint8ClampedArray {
  canvas.width = width;
  canvas.height = height;
  const context = contextOf(canvas);
  context.fillStyle = '#000';
  context.fillRect(0, 0, width, height);
  const across = width / image.width;
  const down = height / image.height;
  const scale = fit === 'crop' ? Math.max(across, down) : Math.min(across, down);
  const [drawnWidth, drawnHeight] = fit === 'stretch' ? [width, height] : [image.width * scale, image.height * scale];
  const source = halved(image, drawnWidth, drawnHeight);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, (width - drawnWidth) / 2, (height - drawnHeight) / 2, drawnWidth, drawnHeight);
  if (isInverted) {
    context.globalCompositeOperation = 'difference';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
  }
  return context.getImageData(0, 0, width, height).data;
}

/** Halves a large picture until one more step would be too small, so that no pixels are skipped. */
function halved(
  image: ImageBitmap | HTMLCanvasElement,
  width: number,
  height: number,
): ImageBitmap | HTMLCanvasElement {
  let source = image;
  while (source.width >= width * 2 && source.height >= height * 2 && source.width > 1 && source.height > 1) {
    const smaller = document.createElement('canvas');
    smaller.width = Math.ceil(source.width / 2);
    smaller.height = Math.ceil(source.height / 2);
    contextOf(smaller).drawImage(source, 0, 0, smaller.width, smaller.height);
    source = smaller;
  }
  return source;
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (context === null) throw new Error('The browser has no 2D canvas.');
  return context;
}
